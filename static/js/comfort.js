// Comforts only; every page works without them.
"use strict";

{
  // After a failed submission the reader starts at what is wrong, unless the page itself starts at a field.
  if (!document.querySelector("[autofocus]")) document.querySelector("[data-focus]")?.focus();

  // On a narrow screen the navigation scrolls: show where one is.
  const here = document.querySelector(".site-nav [aria-current]");
  const bar = here?.closest("ul");
  if (bar) bar.scrollLeft = here.offsetLeft - bar.offsetLeft - (bar.clientWidth - here.offsetWidth) / 2;

  // A table that is wider than the page shows the column of which the page speaks, and begins with a whole one beside
  // the names, which stay: a column that is cut looks as if the table had been left somewhere.
  for (const wide of document.querySelectorAll("[data-shows]")) {
    const heads = [...wide.querySelectorAll("thead tr:first-child th")];
    const head = heads.find((one) => one.textContent.trim() === wide.dataset.shows);
    const needed = head ? head.offsetLeft + head.offsetWidth - wide.clientWidth : 0;
    if (needed > 0) {
      const begins = heads.slice(1).map((one) => one.offsetLeft - heads[0].offsetWidth);
      wide.scrollLeft = begins.find((left) => left >= needed) ?? needed;
    }
  }

  // Typed but not saved: ask before leaving. The browser's own question, in its own words.
  for (const form of document.querySelectorAll("form[data-guard]")) {
    let changed = form.hasAttribute("data-unsaved");
    form.addEventListener("input", () => { changed = true; });
    form.addEventListener("submit", () => { changed = false; });
    window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
  }

  // A second click on a slow submission must not send it twice.
  for (const form of document.querySelectorAll('form[method="post"]')) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
      setTimeout(() => { delete form.dataset.sent; }, 4000); // a download leaves the page where it is
    });
  }
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-print]")) window.print();
    for (const open of document.querySelectorAll(".center-switch[open]")) {
      if (!open.contains(event.target)) open.open = false;
    }
  });
}
