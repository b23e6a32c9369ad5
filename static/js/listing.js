// The list renewed in place: a changed filter, a removed choice, another order, another page.
// It asks for the address that the form or link leads to anyway, and takes what it needs out of
// that page. The panel's controls stay and are brought up to date, so nothing moves under a finger.
// Without this script the form has its button and links are links. Nothing is stored.
(() => {
  const listing = document.querySelector(".listing");
  if (!listing) return;
  const results = listing.querySelector("#results");
  const panel = listing.querySelector(".filters");
  const form = panel.querySelector("form"); // never form.x: a filter may be called x
  const outcome = panel.querySelector(".outcome");
  // A style sheet holds it open where there is room; a screen reader hears of it only so.
  if (matchMedia("(min-width: 60rem)").matches) {
    panel.open = true;
    panel.querySelector("summary").tabIndex = -1; // nothing to open, nothing to close
  }
  const TYPED = "input:not([type=checkbox])";
  const PAUSE = 700; // milliseconds without a key, until what was typed is looked for

  const withoutHash = (address) => new URL(address, location.href).href.split("#")[0];
  const hasFocus = (element) => element.contains(document.activeElement);
  const formAddress = () => {
    const filled = [...new FormData(form)].filter(([, value]) => value.trim());
    const query = new URLSearchParams(filled).toString();
    return withoutHash(form.getAttribute("action")) + (query && `?${query}`);
  };

  let at = withoutHash(location.href);
  let asked = formAddress(); // what was last asked for, as the form spells it
  let request = null; // the AbortController of the one under way
  let timer = 0;
  let typedInto = ""; // the field whose typing made the newest entry of the history

  const boxes = (group) => {
    const all = [...group.querySelectorAll("[type=checkbox]")];
    return new Map(all.map((box) => [`${box.name}=${box.value}`, box]));
  };
  const renewTicks = (group, fresh) => {
    const [ours, theirs] = [boxes(group), boxes(fresh)];
    const place = group.querySelector(".ticks") ?? group;
    for (const [key, twin] of theirs) {
      const [tick, newTick] = [ours.get(key)?.closest(".tick"), twin.closest(".tick")];
      if (tick) {
        ours.get(key).checked = twin.checked;
        tick.className = newTick.className;
        tick.querySelector("i")?.replaceWith(newTick.querySelector("i"));
      } else place.insertBefore(newTick, place.querySelector(".unsaid"));
    }
    for (const [key, box] of ours) if (!theirs.has(key) && !hasFocus(box)) box.parentNode.remove();
  };
  const renewFields = (group, fresh, keepsFocused) => {
    for (const field of group.querySelectorAll(`${TYPED}, select`)) {
      if (keepsFocused && hasFocus(field)) continue; // somebody is writing in it
      const twin = fresh.querySelector(`[name="${field.name}"]`);
      const { value } = twin;
      if (field.matches("select")) field.replaceChildren(...twin.children);
      field.value = value;
    }
  };
  const renewPanel = (fresh, keepsFocused) => {
    for (const group of panel.querySelectorAll("[data-group]")) {
      const twin = fresh.querySelector(`[data-group="${group.dataset.group}"]`);
      renewTicks(group, twin);
      renewFields(group, twin, keepsFocused);
      group.querySelector("summary")?.replaceChildren(...twin.querySelector("summary").childNodes);
    }
    for (const part of [".carried", ".clear"]) {
      panel.querySelector(part).replaceChildren(...fresh.querySelector(part).childNodes);
    }
  };

  const show = (page, { byForm, toTop, back }) => {
    const lostFocus = toTop || hasFocus(results);
    const lostClear = hasFocus(panel.querySelector(".clear"));
    results.replaceChildren(...page.querySelector("#results").childNodes);
    results.removeAttribute("aria-busy");
    renewPanel(page, byForm);
    const match = document.querySelector(".match"); // on an approach page
    if (match && !hasFocus(match)) match.replaceWith(page.querySelector(".match"));
    document.title = page.title;

    const heading = results.querySelector("#results-title");
    const misunderstood = [...results.querySelectorAll(".unknown")].map((one) => one.firstChild);
    const said = [heading, ...misunderstood].map((one) => one.textContent.trim());
    const words = said.join(". ").replaceAll("..", ".");
    // The same words are only said again if they differ. Focus on the heading says them anyway.
    outcome.textContent = words + (outcome.textContent === words && !lostFocus ? "\u00a0" : "");
    if (toTop) results.scrollIntoView();
    if (lostFocus) heading.focus({ preventScroll: back });
    if (lostClear) panel.querySelector(".apply button").focus({ preventScroll: true });
  };

  const renew = async (address, { typing = "", byForm = false, toTop = false, back = false }) => {
    clearTimeout(timer);
    request?.abort();
    const mine = (request = new AbortController());
    results.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(address, { signal: mine.signal });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (mine.signal.aborted) return; // a newer one has taken over
      if (!response.ok || !page.querySelector(".listing")) throw new Error("no list there");
      request = null;
      const final = withoutHash(response.url);
      // All that is typed into one field is one step back.
      const replaces = back || (typing && typing === typedInto);
      if (final !== at) history[replaces ? "replaceState" : "pushState"](null, "", final);
      [at, typedInto] = [final, typing];
      show(page, { byForm, toTop, back });
      if (!byForm) asked = formAddress();
    } catch {
      if (!mine.signal.aborted) location.assign(address); // the server's own page says why
    }
  };

  const renewByForm = (field, toTop = false) => {
    asked = formAddress();
    renew(asked, { byForm: true, typing: field.matches(TYPED) ? field.name : "", toTop });
  };
  const renewIfChanged = (field) => formAddress() !== asked && renewByForm(field);
  // Whoever reads suggested places is not done. A ZIP code is.
  const isChoosing = (field) =>
    field.matches("[name=near][aria-expanded=true]") && !/\d{5}/.test(field.value);

  panel.addEventListener("change", ({ target }) => renewIfChanged(target));
  panel.addEventListener("input", ({ target }) => {
    clearTimeout(timer);
    const isWanted = () => target.matches(TYPED) && !isChoosing(target);
    timer = setTimeout(() => isWanted() && renewIfChanged(target), PAUSE);
  });
  panel.addEventListener("submit", (event) => {
    event.preventDefault();
    const field = document.activeElement;
    renewByForm(field, !(hasFocus(panel) && field.matches(TYPED)));
  });
  listing.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    // This page at #results is how neighbouring searches are linked, and nothing else in the list.
    if (link?.pathname !== location.pathname || link.hash !== "#results") return;
    event.preventDefault();
    renew(withoutHash(link.href), { toTop: link.closest(".pager") !== null });
  });
  addEventListener("popstate", () => {
    if (withoutHash(location.href) === at) return; // a jump within the page
    at = withoutHash(location.href);
    renew(at, { back: true });
  });
  // Left while asking, and come back to from the browser's memory: as the address says.
  addEventListener("pagehide", () => request?.abort());
  addEventListener("pageshow", () => request && renew(at, { back: true }));
  // Browsers restore ticks by their place in the form, and a new page has another order.
  form.setAttribute("autocomplete", "off");
})();
