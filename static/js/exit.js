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
  const leave = () => {
    forget();
    document.documentElement.classList.add("left");
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

  // Shown again from the back-forward cache: a page, not a blank.
  window.addEventListener("pageshow", (event) => {
    presses = [];
    // What was written to somebody is for nobody who presses Back after it was sent.
    const written = event.persisted ? "[data-forgets] .field :is(input, textarea)" : "none";
    for (const field of document.querySelectorAll(written)) if (field.type !== "checkbox") field.value = "";
    if (event.persisted && document.documentElement.classList.contains("left")) {
      document.documentElement.classList.remove("left");
      window.location.reload();
    }
  });
})();
