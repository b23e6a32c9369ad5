// The list's own page. At /shortlist/ it shows what this browser keeps, asked for by the address that
// would hold it; so no entry of the history does. At the address of a list it offers to keep those.
(() => {
  const { kept } = window;
  if (!kept) return; // nothing may be stored
  const [list, tools, said] = ["#list", ".list-tools", ".said"].map((one) => document.querySelector(one));
  const button = (what) => tools.querySelector(`[data-do=${what}]`);
  const field = tools.querySelector("#list-address");
  const tick = tools.querySelector("#leave-erases");
  const isOwn = !location.search;
  const home = kept.address([]);
  const shown = () => list.dataset.kept.split(" ").filter(Boolean);
  const same = (one, other) => one.join(" ") === other.join(" ");
  const say = (words) => {
    said.textContent = "";
    setTimeout(() => (said.textContent = words)); // the same words again are said again
  };

  // --- what this browser keeps ---

  let turn = 0; // answers to an earlier question come too late
  let erased = []; // for as long as the page is open

  // Shows the list of an address. `by` is the control that asked: then the list is kept as well.
  const load = async (address, by = null) => {
    const mine = (turn += 1);
    list.setAttribute("aria-busy", "true");
    const page = await fetch(address, { cache: "no-store" })
      .then((answer) => (answer.ok ? answer.text() : null))
      .catch(() => null);
    if (mine !== turn) return;
    list.removeAttribute("aria-busy");
    if (page === null) {
      say("Your list could not be shown just now. It is still kept: load this page again.");
      return;
    }
    const fresh = new DOMParser().parseFromString(page, "text/html").querySelector("#list");
    list.replaceChildren(...fresh.childNodes);
    list.dataset.kept = fresh.dataset.kept;
    if (by) {
      kept.write(shown());
      const unclear = [...list.querySelectorAll("p.unknown, .unknown > p:first-child")];
      const words = [list.querySelector("h2"), ...unclear].map((one) => one.firstChild.data.trim());
      say(words.join(". ").replaceAll("..", "."));
      list.querySelector(by.matches("form") ? "#add" : "h2").focus();
    }
    arrange();
  };
  const refresh = () => {
    const mine = kept.read();
    if (!mine.length) showNobody();
    else if (!same(mine, shown())) load(kept.address(mine));
    arrange();
  };
  // As the page came: what was erased is gone at once, whatever the network does.
  const empty = list.cloneNode(true);
  const showNobody = () => {
    turn += 1;
    if (shown().length) list.replaceChildren(...empty.cloneNode(true).childNodes);
    list.dataset.kept = "";
    list.removeAttribute("aria-busy");
  };

  list.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!isOwn || link?.pathname !== home || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    load(link.href, link);
  });
  list.addEventListener("submit", (event) => {
    if (!isOwn) return;
    event.preventDefault();
    load(`${home}?${new URLSearchParams(new FormData(event.target))}`, event.target);
  });

  // --- the buttons ---

  const actions = {
    print: () => print(),
    copy: async () => {
      const address = new URL(isOwn ? kept.address(kept.read()) : location.href, location.href).href;
      try {
        await navigator.clipboard.writeText(address);
        say("The address of this list is copied. Whoever has it can see the list.");
      } catch {
        field.value = address;
        field.parentNode.hidden = false;
        field.select();
      }
    },
    erase: () => {
      erased = kept.read();
      kept.write([]);
      say("Your list is erased. You can undo this until you leave the page.");
      button("undo").focus();
    },
    undo: () => {
      kept.write(erased);
      say("Your list is back.");
      button("erase").focus();
    },
    adopt: () => {
      const all = [...new Set([...kept.read(), ...named()])];
      if (all.length > kept.MOST) {
        say(`A list holds ${kept.MOST} therapists, and yours has ${kept.read().length} already.`);
        return;
      }
      kept.write(all);
      location.replace(home);
    },
  };
  const named = () => [...list.querySelectorAll("[data-slug]")].map((one) => one.dataset.slug);

  const arrange = () => {
    const mine = kept.read();
    if (mine.length) erased = [];
    button("adopt").hidden = isOwn || named().every((slug) => mine.includes(slug));
    button("erase").hidden = !isOwn || !mine.length;
    button("undo").hidden = !erased.length;
    for (const what of ["print", "copy"]) button(what).hidden = !named().length;
    field.parentNode.hidden = true;
  };

  tools.addEventListener("click", ({ target }) => actions[target.dataset.do]?.());
  tools.querySelector(".own").hidden = !isOwn;
  tick.checked = localStorage.getItem("leave-erases") !== null;
  tick.addEventListener("change", () => {
    try {
      if (tick.checked) localStorage.setItem("leave-erases", "yes"); // see exit.js
      else localStorage.removeItem("leave-erases");
    } catch {
      tick.checked = false;
      say("This browser does not let us remember that.");
    }
  });
  document.addEventListener("kept", isOwn ? refresh : arrange);
  // A page that the browser holds for Back does not hold the list.
  addEventListener("pagehide", () => {
    erased = [];
    if (isOwn && tick.checked) showNobody();
  });
  tools.hidden = false;
  if (isOwn) refresh();
  else arrange();
})();
