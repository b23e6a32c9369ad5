// What a client writes is sent without leaving the page. So the browser's history holds this page once,
// "Leave now" replaces it, and a network that fails takes no word away.
// Without this script the form is an ordinary form.
(() => {
  const main = document.querySelector("main");
  const UNREACHED = "We could not be reached. Your words are still here. Please press Send again in a moment.";
  const PATIENCE = 30000; // milliseconds
  let isBusy;

  // Browsers fill fields in again for Back, and in tabs that are opened again: not these. Only once
  // something stands there: until then one's own address may be offered.
  const forget = (field) => (field.autocomplete = "off");
  const forgetAll = () => {
    for (const field of main.querySelectorAll("textarea, input")) {
      if (field.value || field.type === "textarea") forget(field);
    }
  };

  const show = (page, sent) => {
    main.replaceChildren(...page.querySelector("main").childNodes);
    document.title = page.title;
    for (const name of ["name", "email", "phone", "message"]) {
      const field = main.querySelector(`[name=${name}]`);
      if (field) field.value ||= sent.get(name); // too long to be read over there
    }
    forgetAll();
    const head = main.querySelector(".fault") ?? main.querySelector("h1");
    head.tabIndex = -1;
    head.focus({ preventScroll: true });
    scrollTo(0, 0);
  };
  const say = (form, words) => {
    let status = form.querySelector("[role=status]");
    if (!status) {
      status = document.createElement("p");
      status.setAttribute("role", "status");
      form.append(status);
    }
    status.textContent = words;
    status.scrollIntoView({ block: "nearest" });
  };
  const send = async (form) => {
    if (isBusy) return; // pressed twice
    isBusy = true;
    say(form, "Sending …");
    try {
      const body = new URLSearchParams(new FormData(form));
      const signal = AbortSignal.timeout(PATIENCE);
      const answer = await fetch(form.action, { method: "POST", body, signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!page.querySelector("main .plain-page")) throw new Error(answer.status);
      show(page, body);
    } catch {
      say(form, UNREACHED);
    }
    isBusy = false;
  };

  main.addEventListener("submit", (event) => {
    event.preventDefault();
    send(event.target);
  });
  main.addEventListener("change", ({ target }) => forget(target));
  forgetAll();
})();
