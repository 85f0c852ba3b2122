"use strict";
const field = document.querySelector("#find");
const said = document.querySelector("#found");
field.closest("form").hidden = false;
field.addEventListener("input", () => {
  const wanted = field.value.trim().toLowerCase();
  let shown = 0;
  for (const row of document.querySelectorAll("tr[data-path]")) {
    row.hidden = wanted !== "" && !row.dataset.path.toLowerCase().includes(wanted);
    shown += row.hidden ? 0 : 1;
  }
  for (const layer of document.querySelectorAll("ol.layers details")) {
    const rows = layer.querySelectorAll("tr[data-path]");
    layer.open = wanted !== "" && [...rows].some((row) => !row.hidden);
  }
  said.textContent = wanted === "" ? "" : shown === 1 ? "1 file" : `${shown} files`;
});
field.closest("form").addEventListener("submit", (event) => event.preventDefault());
const asked = new URLSearchParams(location.hash.slice(1)).get("find"); // page.html#find=.env
if (asked) {
  field.value = asked;
  field.dispatchEvent(new Event("input"));
}
