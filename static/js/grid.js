// Cells copied from a spreadsheet and pasted into a field of the grid go into the fields to its right and below it.
// Without this script they go into the text area above the grid, and from there into the fields when they are saved.
"use strict";

for (const grid of document.querySelectorAll("[data-grid]")) {
  const rows = () => [...grid.querySelectorAll("tbody tr")]
    .map((row) => [...row.querySelectorAll("td input[type=text]")]).filter((row) => row.length);

  grid.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const lines = text.replace(/\r?\n$/, "").split(/\r?\n/).map((line) => line.split("\t"));
    if (lines.length === 1 && lines[0].length === 1) return; // one cell goes where every text goes
    const fields = rows();
    const top = fields.findIndex((row) => row.includes(event.target));
    if (top < 0) return;
    const left = fields[top].indexOf(event.target);
    // What does not fit, or holds names, is read by the server, which can say what is wrong with it.
    const fits = lines.every((line, down) => line.length <= (fields[top + down]?.length ?? 0) - left);
    const area = document.querySelector("[data-paste]");
    event.preventDefault();
    if (!fits) {
      area.value = text;
      area.focus();
      return;
    }
    lines.forEach((line, down) => line.forEach((cell, right) => {
      if (!cell.trim()) return;
      const field = fields[top + down][left + right];
      field.value = cell.trim();
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }));
  });
}
