// Beside each Markdown field of an approach: the text as the public will read it, while it is typed.
// The server renders it, so the pane and the page cannot differ. Without this script there is the
// Preview button.
(() => {
  const button = document.querySelector("[data-markdown]");
  if (!button) return;
  const PAUSE = 400; // milliseconds without a key
  const form = button.form;

  const watch = (field) => {
    const pane = document.createElement("div");
    pane.className = "markdown-pane";
    pane.setAttribute("role", "region");
    pane.setAttribute("aria-label", `${field.name}, as the public reads it`);
    pane.tabIndex = 0; // it scrolls
    field.after(pane);
    let timer = 0;
    let turn = 0; // answers to an earlier one come too late
    const render = async () => {
      const mine = (turn += 1);
      const body = new URLSearchParams({ text: field.value });
      const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
      const answer = await fetch(button.dataset.markdown, { method: "POST", headers, body }).catch(() => null);
      if (mine !== turn) return;
      // Cleaned by the server: see approaches/markdown.py.
      pane.innerHTML = answer && answer.ok ? await answer.text() : "No preview just now.";
      pane.hidden = !pane.textContent.trim();
    };
    pane.hidden = true;
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(render, PAUSE);
    });
    if (field.value.trim()) render();
  };
  for (const name of ["overview", "evidence", "limits"]) {
    const field = form.elements[name];
    if (field) watch(field);
  }
})();
