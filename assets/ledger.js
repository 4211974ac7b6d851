/* The ledger's filter. The choices stand in the page's address, so that a filtered view can be linked and sent. */
(function () {
  "use strict";

  const form = document.querySelector(".ledger-filter");
  const table = form && form.parentElement.querySelector(".ledger-filter ~ .ledger table, .ledger-filter ~ * .ledger table");
  if (!table) return;
  const fields = ["text", "verdict", "weight", "chapter"].map((name) => form.elements[name]);
  const status = form.querySelector("output");
  const has = (row, kind, value) => Boolean(row.querySelector("." + kind + "-" + value));
  const rows = [...table.tBodies[0].rows].map((row) => ({
    row,
    text: row.textContent.toLocaleLowerCase(document.documentElement.lang),
    chapter: (row.querySelector(".claim-place a").getAttribute("href").match(/([\w-]+)\.html/) || [])[1],
  }));

  const apply = () => {
    const [text, verdict, weight, chapter] = fields.map((field) => field.value);
    const wanted = text.toLocaleLowerCase(document.documentElement.lang).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const it of rows) {
      const fits = wanted.every((word) => it.text.includes(word)) && (!chapter || it.chapter === chapter)
        && (!verdict || has(it.row, "verdict", verdict)) && (!weight || has(it.row, "weight", weight));
      it.row.hidden = !fits;
      if (fits) shown += 1;
    }
    status.textContent = status.dataset.shown.replace("{shown}", shown).replace("{all}", rows.length);
  };
  const choose = () => {
    const asked = new URLSearchParams(location.search);
    for (const field of fields) field.value = asked.get(field.name) || "";
    apply();
  };

  form.addEventListener("input", () => {
    const chosen = new URLSearchParams();
    for (const field of fields) if (field.value) chosen.set(field.name, field.value);
    const query = chosen.toString();
    try {
      history.replaceState(null, "", location.pathname + (query ? "?" + query : "") + location.hash);
    } catch (refused) { /* a page from a file may keep its address */ }
    apply();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("popstate", choose);
  form.hidden = false;
  choose();
  /* A link to one claim shows it, whatever was chosen before. */
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.closest("tr[hidden]")) { form.reset(); apply(); }
  if (target) target.scrollIntoView();
})();
