// A button that has the browser make or use a passkey, and sends what it says with its form. What is asked stands in the
// form as JSON, with bytes in base64url, as the standard writes them.
"use strict";

{
  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");
  const described = (credentials) => credentials?.map((one) => ({ ...one, id: bytes(one.id) }));

  const made = async (asked) => {
    const credential = await navigator.credentials.create({
      publicKey: {
        ...asked,
        challenge: bytes(asked.challenge),
        user: { ...asked.user, id: bytes(asked.user.id) },
        excludeCredentials: described(asked.excludeCredentials),
      },
    });
    const { attestationObject, clientDataJSON } = credential.response;
    return answer(credential, { attestationObject, clientDataJSON });
  };

  const used = async (asked) => {
    const credential = await navigator.credentials.get({
      publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: described(asked.allowCredentials) },
    });
    const { authenticatorData, clientDataJSON, signature, userHandle } = credential.response;
    return answer(credential, { authenticatorData, clientDataJSON, signature, ...(userHandle && { userHandle }) });
  };

  const answer = (credential, response) =>
    JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      clientExtensionResults: credential.getClientExtensionResults(),
      response: Object.fromEntries(Object.entries(response).map(([name, buffer]) => [name, text(buffer)])),
    });

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const { publicKey } = JSON.parse(form.dataset.passkey);
    const failed = form.querySelector("[data-passkey-failed]");
    if (!window.PublicKeyCredential) {
      failed.hidden = false;
      continue;
    }
    form.querySelector("button").disabled = false; // sent before this script is there, it would hold no passkey
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      failed.hidden = true;
      try {
        form.elements.namedItem("credential").value = await (publicKey.user ? made : used)(publicKey);
      } catch {
        failed.hidden = false;
        return;
      }
      form.submit(); // past this listener, and the one against a second click
    });
  }
}
