// Passkeys: what a form asks of the browser stands in its data-passkey. The work is allauth's own
// script; this one starts it without a line of script in the page, and says what went wrong.
(() => {
  const starts = { login: "loginForm", authenticate: "authenticateForm", add: "addForm" };
  const canDo = window.PublicKeyCredential && window.allauth && window.allauth.webauthn;
  if (!canDo) return;
  for (const form of document.querySelectorAll("[data-passkey]")) {
    const kind = form.dataset.passkey;
    const credential = form.querySelector("[name=credential]");
    const passwordless = form.querySelector("[name=passwordless]");
    window.allauth.webauthn.forms[starts[kind]]({
      ids: {
        [kind]: `passkey_${kind}`,
        credential: credential.id,
        passwordless: passwordless && passwordless.id,
        data: "passkey_data",
      },
    });
    form.hidden = false;
  }

  // Refused, given up, or no passkey for this place: the browser does not tell which.
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    for (const place of document.querySelectorAll(".passkey-fault")) {
      place.textContent = "That did not work, or was given up. You can try again, or use another way.";
      place.hidden = false;
    }
  });
})();
