// The results beside the questions on one page: so Back leads from a profile to the result, from a
// result to the one before it, and to the questions as they were filled in. The answers travel as
// without this script, in the body of a POST, and are kept nowhere but in this page.
(() => {
  const steps = document.querySelector(".steps");
  const matches = document.querySelector("#matches");
  if (!steps || !matches) return;
  const results = []; // of this page; a step of the history knows the number of its own alone
  let shown, isBusy;
  // Else the browser fills them in again where Back leads here after "Leave now".
  steps.autocomplete = "off";

  const send = async (data) => {
    if (isBusy) return; // pressed twice
    isBusy = true;
    let answer;
    try {
      const response = await fetch(steps.action, { method: "POST", body: data, cache: "no-store" });
      if (!response.ok) throw new Error(response.status);
      answer = new DOMParser().parseFromString(await response.text(), "text/html");
    } catch {
      steps.submit(); // the browser's own page says what is wrong
      return;
    } finally {
      isBusy = false;
    }
    results.push([...answer.querySelector("#matches").children]);
    const number = results.length - 1;
    // A new fragment, and not pushState: by that no style learns what the fragment names.
    if (location.hash === "#matches") history.pushState({ number }, "");
    else location.hash = "#matches";
    history.replaceState({ number }, "");
    put(number);
    if (data.has("loosen")) fill();
    head();
  };
  const put = (number) => {
    matches.replaceChildren(...results[number]);
    shown = number;
  };
  // The questions as the result before the reader has them.
  const fill = () => {
    const given = new FormData(matches.querySelector(".answered"));
    for (const field of steps.elements) {
      if (field.type === "checkbox") field.checked = given.getAll(field.name).includes(field.value);
      else if (field.name) field.value = given.get(field.name) ?? "";
    }
  };
  const head = () => {
    const target = document.querySelector(":target");
    if (!target) return;
    const heading = target === matches ? matches.querySelector("#results-title") : target.querySelector("h2");
    (heading ?? target).focus({ preventScroll: true });
    scrollTo(0, 0);
  };

  steps.addEventListener("submit", (event) => {
    event.preventDefault();
    send(new URLSearchParams(new FormData(steps)));
  });
  matches.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    if (button?.name === "change") location.hash = `#q-${button.value}`;
    else send(new URLSearchParams(new FormData(event.target, button)));
  });
  // "Not sure" and an answer do not go together: what was said last holds.
  steps.addEventListener("change", (event) => {
    const fields = event.target.closest(".step").querySelectorAll("input");
    const isUnsure = event.target.name === "unsure";
    if (isUnsure && !event.target.checked) return;
    for (const field of fields) {
      if ((field.name === "unsure") === isUnsure) continue;
      field.checked = false;
      if (field.type !== "checkbox") field.value = "";
    }
  });
  addEventListener("popstate", (event) => {
    const number = event.state?.number;
    if (!results[number] || number === shown) return;
    put(number);
    fill();
    head();
  });
  addEventListener("hashchange", head);
  // Back from far away, where the browser has let go of the page: it begins again.
  if (location.hash === "#matches") location.replace("#q-what");
})();
