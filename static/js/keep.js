// "Keep" beside every therapist: a list that lies in this browser alone, as slugs with spaces.
// Without this script, or where the browser forbids to store, lists lie in addresses.
(() => {
  const NAME = "shortlist";
  const MOST = 20; // as therapists/shortlist/reading.py
  const HOME = document.currentScript.dataset.list;
  const [main, nav] = ["main", ".top nav"].map((one) => document.querySelector(one));
  let store;
  try {
    store = localStorage; // null, or throws, where it is forbidden
    store.getItem(NAME);
  } catch {
    return;
  }

  const read = () => {
    const slugs = (store.getItem(NAME) ?? "").split(" ").filter((one) => /^[-\w]{1,140}$/.test(one));
    return [...new Set(slugs)].slice(0, MOST);
  };
  const address = (slugs) => HOME + slugs.map((slug, at) => `${at ? "&" : "?"}keep=${slug}`).join("");
  const write = (slugs) => {
    try {
      if (slugs.length) store.setItem(NAME, slugs.join(" "));
      else store.removeItem(NAME);
    } catch {
      location.assign(address(slugs)); // no room: as without this script
    }
    show();
  };

  const link = document.createElement("a");
  link.href = HOME;
  link.className = "list-link";
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  status.className = "visually-hidden";
  nav?.before(link);
  main.after(status);

  const show = () => {
    const kept = read();
    for (const button of document.querySelectorAll("button.keep")) {
      const isKept = kept.includes(button.value);
      button.setAttribute("aria-pressed", isKept);
      button.firstChild.data = isKept ? "Kept" : "Keep";
    }
    link.textContent = `Your list (${kept.length})`;
    link.hidden = !kept.length;
    document.dispatchEvent(new Event("kept"));
  };

  const press = (button) => {
    const kept = read();
    const isKept = kept.includes(button.value);
    if (!isKept && kept.length === MOST) {
      button.firstChild.data = status.textContent = `Your list is full: it holds ${MOST}`;
      return;
    }
    const now = isKept ? kept.filter((slug) => slug !== button.value) : [...kept, button.value];
    write(now);
    status.textContent = `${isKept ? "Taken off" : "Put on"} your list, which holds ${now.length}`;
  };

  // Cards are swapped in by other scripts at any time.
  const add = () => {
    const places = main.querySelectorAll(".card, .quotes .quote, [data-keep]");
    const bare = [...places].filter((one) => !one.querySelector(".keep"));
    for (const place of bare) {
      const to = place.querySelector("h3 a, figcaption a");
      const slug = place.dataset.keep ?? to?.pathname.match(/([-\w]+)\/$/)?.[1];
      if (!slug) continue;
      const button = document.createElement("button");
      const whom = document.createElement("span");
      Object.assign(button, { type: "button", className: "keep", value: slug });
      Object.assign(whom, { className: "visually-hidden", textContent: ` ${(to ?? main.querySelector("h1")).textContent}` });
      button.append("", whom);
      button.addEventListener("click", () => press(button));
      if (place.dataset.keep) place.replaceChildren(button);
      else (place.querySelector("figcaption") ?? place.lastElementChild).append(button);
    }
    if (bare.length) show();
  };

  window.kept = { read, write, address, MOST };
  new MutationObserver(add).observe(main, { childList: true, subtree: true });
  add();
  show();
  addEventListener("storage", show); // another tab
  addEventListener("pageshow", ({ persisted }) => persisted && show());
})();
