// Comforts of the entry sheet: warnings while typing (the server's own check, nothing is computed here), and the keys
// that people know from spreadsheets. Everything works without it, by saving.
"use strict";

{
  const form = document.getElementById("entry");
  const page = form.querySelector("[data-said-page]");
  const WAIT = 600; // ms after the last key
  let timer = null;
  let asked = 0;

  const list = (className, messages) => {
    const ul = document.createElement("ul");
    ul.className = className;
    for (const message of messages) {
      const li = document.createElement("li");
      li.textContent = message;
      ul.append(li);
    }
    return ul;
  };

  // Only what changed is written anew, so that a screen reader does not repeat the rest.
  const say = (place, errors, warnings) => {
    const state = JSON.stringify([errors, warnings]);
    if (place.dataset.state === state) return;
    place.dataset.state = state;
    const lists = [];
    if (errors.length) lists.push(list("errors", errors));
    if (warnings.length) lists.push(list("warnings", warnings));
    place.replaceChildren(...lists);
    const field = document.getElementById(`id_${place.dataset.said}`);
    if (!field) return;
    if (errors.length) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  };

  const show = ({ errors, warnings, stale }) => {
    for (const place of form.querySelectorAll("[data-said]")) {
      const name = place.dataset.said;
      if (name.endsWith("-attach")) continue; // files are checked when they are sent
      say(place, errors[name] ?? [], warnings[name] ?? []);
    }
    page.textContent = stale;
  };

  const check = async () => {
    const number = ++asked;
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    try {
      const response = await fetch(form.dataset.check, {
        method: "POST",
        body: new URLSearchParams(data),
        headers: { "X-CSRFToken": data.get("csrfmiddlewaretoken"), "X-While-Typing": "1" },
      });
      if (number !== asked) return; // a later answer is on its way
      if (response.redirected) page.textContent = form.dataset.sessionEnded;
      else if (response.ok) show(await response.json());
    } catch {
      // No network for the moment: saving will say more.
    }
  };

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(check, WAIT);
  };
  form.addEventListener("input", (event) => { if (event.target.type !== "file") soon(); });
  form.addEventListener("change", (event) => { if (event.target.matches("select, [type=radio]")) soon(); });

  // A proposal beside its field is put into it; without scripts, one button at the end does it for all blank fields.
  for (const button of form.querySelectorAll("[data-take]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const field = document.getElementById(`id_${button.dataset.into}-value`);
      field.value = button.dataset.take;
      document.getElementById(`id_${button.dataset.into}-certainty`).value = button.dataset.certainty;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.focus();
    });
  }

  // Enter goes to the next indicator's value, as in a spreadsheet; the arrows go up and down.
  const values = [...form.querySelectorAll('.entry__input input[inputmode="decimal"]')];
  const STEPS = { Enter: 1, ArrowDown: 1, ArrowUp: -1 };
  form.addEventListener("keydown", (event) => {
    const at = values.indexOf(event.target);
    if (at < 0 || event.isComposing || event.altKey || event.ctrlKey || event.metaKey || !(event.key in STEPS)) return;
    const next = values[at + (event.key === "Enter" && event.shiftKey ? -1 : STEPS[event.key])];
    if (next || event.key === "Enter") event.preventDefault();
    next?.focus();
    next?.select();
  });
}
