// Asks the browser for a passkey and sends what it signed as a form would.
const form = document.querySelector("form[data-passkey]");
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const problem = form.querySelector("[role=alert]");
  problem.hidden = true;
  try {
    const options = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(form.dataset.passkey));
    const credential = await navigator.credentials.get({ publicKey: options });
    form.elements.passkey.value = JSON.stringify(credential.toJSON());
    form.submit();
  } catch {
    problem.hidden = false;
  }
});
