// "Leave now": blank the page at once, then replace it, so that Back does not lead here.
// Without this script the link is an ordinary link.
(() => {
  const link = document.querySelector("[data-exit]");
  if (!link) return;
  document.documentElement.classList.add("js");

  // If asked on the page of the list (shortlist.js), leaving erases it.
  const forget = () => {
    try {
      if (localStorage.getItem("leave-erases")) localStorage.removeItem("shortlist");
    } catch {} // storage is forbidden here: there is no list
  };
  // In this tab alone, for as long as it is open: pages that the browser holds for Back begin again.
  const LEFT = "left";
  const hasLeft = () => {
    try {
      return sessionStorage.getItem(LEFT) !== null;
    } catch {
      return document.documentElement.classList.contains(LEFT);
    }
  };
  const leave = () => {
    forget();
    try {
      sessionStorage.setItem(LEFT, "");
    } catch {} // as above
    document.documentElement.classList.add(LEFT);
    document.title = " ";
    window.location.replace(link.href);
  };
  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });

  // Shift three times, alone: a Shift that begins a capital letter does not count.
  const WITHIN = 3000;
  let presses = [];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Shift") presses = [];
  });
  document.addEventListener("keyup", (event) => {
    if (event.key !== "Shift") return;
    const now = Date.now();
    presses = [...presses.filter((then) => now - then < WITHIN), now];
    if (presses.length === 3) leave();
  });

  // Shown again from the back-forward cache: as new, without what was written or chosen there.
  window.addEventListener("pageshow", (event) => {
    presses = [];
    if (!event.persisted || !hasLeft()) return;
    document.documentElement.classList.add(LEFT);
    window.location.reload();
  });
})();
