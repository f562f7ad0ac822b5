// Whoever logs in again in another window gets a new token against forged requests, and this page's would be refused
// together with everything typed on it. So the forms of this page carry the token that is valid when they are sent.
"use strict";

{
  const refresh = () => {
    const token = document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/)?.[1];
    if (!token) return;
    for (const field of document.querySelectorAll('input[name="csrfmiddlewaretoken"]')) field.value = token;
  };
  window.addEventListener("focus", refresh);
  document.addEventListener("submit", refresh, true);
}
