// The result beside the questions on one page: so Back leads from a profile to the result, and from
// the result to the questions as they were filled in. The answers travel as without this script, in
// the body of a POST, and are kept nowhere but in this page.
(() => {
  const steps = document.querySelector(".steps");
  const matches = document.querySelector("#matches");
  if (!steps || !matches) return;

  const show = async (data) => {
    let answer;
    try {
      const response = await fetch(steps.action, { method: "POST", body: data, cache: "no-store" });
      if (!response.ok) throw new Error(response.status);
      answer = new DOMParser().parseFromString(await response.text(), "text/html");
    } catch {
      steps.submit(); // the browser's own page says what is wrong
      return;
    }
    matches.replaceChildren(...answer.querySelector("#matches").children);
    if (location.hash === "#matches") head();
    else location.hash = "#matches";
  };
  const head = () => {
    const shown = document.querySelector(":target");
    if (!shown) return;
    const heading = shown === matches ? matches.querySelector("#results-title") : shown.querySelector("h2");
    (heading ?? shown).focus({ preventScroll: true });
    scrollTo(0, 0);
  };

  steps.addEventListener("submit", (event) => {
    event.preventDefault();
    show(new URLSearchParams(new FormData(steps)));
  });
  matches.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    if (button?.name === "change") location.hash = `#q-${button.value}`;
    else show(new URLSearchParams(new FormData(event.target, button)));
  });
  addEventListener("hashchange", head);
  // Back from far away, where the browser has let go of the page: it begins again.
  if (location.hash === "#matches") location.replace("#q-what");
})();
