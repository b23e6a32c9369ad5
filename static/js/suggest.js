// Suggestions under a field with data-suggest="<address>", which answers ?begun= with a JSON list.
// An ARIA 1.2 combobox: arrows choose, Enter takes, Escape closes, and how many there are is said.
// Not a <datalist>: that hides "Saint Louis" from who types "st louis", and is white in the dark.
// Without this script it is a plain field. Nothing is stored.
(() => {
  const fields = document.querySelectorAll("[data-suggest]");
  if (!fields.length) return;
  const PAUSE = 200; // milliseconds without a key
  const LEAST = 2; // letters

  const set = (element, attributes) => {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const make = (tag, attributes) => set(document.createElement(tag), attributes);
  const named = { id: "suggestions", class: "suggestions", "aria-label": "Suggestions" };
  const list = make("ul", { role: "listbox", ...named });
  const status = make("p", { role: "status", class: "visually-hidden" });
  list.hidden = true;
  document.querySelector("main").append(list, status);
  const closed = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false" };
  const prepare = (one) => set(one, { ...closed, "aria-controls": list.id });
  fields.forEach(prepare);

  let field = null; // the one with focus
  let timer = 0;
  let turn = 0; // answers to an earlier one come too late
  const active = () => list.querySelector("[aria-selected=true]");

  const close = () => {
    clearTimeout(timer);
    turn += 1;
    list.hidden = true;
    list.replaceChildren();
    status.textContent = "";
    field.removeAttribute("aria-activedescendant");
    field.setAttribute("aria-expanded", "false");
  };
  const open = (found) => {
    close();
    found.forEach((label, place) => {
      const option = { role: "option", id: `suggestion-${place}`, "aria-selected": "false" };
      list.append(make("li", option));
      list.lastChild.textContent = label;
    });
    field.after(list);
    list.style.top = `${field.offsetTop + field.offsetHeight}px`;
    list.style.left = `${field.offsetLeft}px`;
    list.style.width = `${field.offsetWidth}px`;
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    list.scrollIntoView({ block: "nearest" });
    status.textContent = `${found.length} suggestion${found.length === 1 ? "" : "s"}`;
  };
  const ask = async () => {
    // A search field holds several words, and only the last of them is being typed.
    const begun = field.type === "search" ? field.value.split(/\s+/).at(-1) : field.value.trim();
    const mine = (turn += 1);
    const address = `${field.dataset.suggest}?${new URLSearchParams({ begun })}`;
    const answer = begun.length < LEAST ? null : await fetch(address).catch(() => null);
    const found = answer?.ok ? await answer.json() : [];
    if (mine !== turn) return;
    if (found.length) open(found);
    else close();
  };

  const move = (step) => {
    const options = [...list.children];
    const now = Math.max(options.indexOf(active()), step < 0 ? 0 : -1);
    const next = options.at((now + step) % options.length);
    active()?.setAttribute("aria-selected", "false");
    next.setAttribute("aria-selected", "true");
    next.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", next.id);
  };
  // What was typed, with the label in place of its unfinished end: "anxiety gri", "grief and lo".
  const completed = (label) => {
    if (field.type !== "search") return label;
    const words = field.value.trim().split(/\s+/);
    const end = (place) => words.slice(place).join(" ").toLowerCase();
    const place = words.findIndex((_, at) => label.toLowerCase().startsWith(end(at)));
    return [...words.slice(0, place), label].join(" ");
  };
  const take = (option) => {
    field.value = completed(option.textContent);
    close();
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };

  document.addEventListener("keydown", (event) => {
    if (event.target !== field || event.isComposing) return;
    const option = active();
    const keys = list.hidden
      ? { ArrowDown: ask }
      : { ArrowDown: () => move(1), ArrowUp: () => move(-1), Escape: close };
    if (option) keys.Enter = () => take(option);
    if (event.key === "Enter" && !option) close(); // and it sends the form
    if (!(event.key in keys)) return; // it does what it does in any field
    event.preventDefault();
    keys[event.key]();
  });
  document.addEventListener("focusin", ({ target }) => {
    if (!target.matches("[data-suggest]")) return;
    field = target.hasAttribute("role") ? target : prepare(target); // a renewed page's
  });
  document.addEventListener("focusout", ({ target }) => {
    if (target !== field) return;
    close();
    field = null;
  });
  document.addEventListener("input", ({ target }) => {
    if (target !== field) return;
    clearTimeout(timer);
    turn += 1;
    timer = setTimeout(ask, PAUSE);
  });
  // A press must not take the focus from the field: the list would close before it is chosen from.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", ({ target }) => target.matches("li") && take(target));
})();
