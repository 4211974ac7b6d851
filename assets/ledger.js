/* The ledger's filter. The choices stand in the page's address, so that a filtered view can be linked and sent. */
(function () {
  "use strict";

  const form = document.querySelector(".ledger-filter");
  const table = form && form.parentElement.querySelector(".ledger-filter ~ .ledger table");
  if (!table) return;
  const fields = ["text", "verdict", "weight", "chapter"].map((name) => form.elements[name]);
  const status = form.querySelector("output");
  const has = (row, kind, value) => Boolean(row.querySelector("." + kind + "-" + value));
  const rows = [...table.tBodies[0].rows].map((row) => ({
    row,
    text: row.textContent.toLocaleLowerCase(document.documentElement.lang),
    chapter: (row.querySelector(".claim-place a").getAttribute("href").match(/([\w-]+)\.html/) || [])[1],
  }));

  /* The rows that fit are shown a piece at a time: twelve hundred at once are slow and nobody reads them so. */
  const PIECE = 40;
  let limit = PIECE;
  const more = Object.assign(document.createElement("button"), { type: "button", className: "ledger-more", textContent: status.dataset.more });
  more.addEventListener("click", () => { limit += 3 * PIECE; apply(); });
  table.closest(".ledger").append(more);

  const apply = () => {
    const [text, verdict, weight, chapter] = fields.map((field) => field.value);
    const wanted = text.toLocaleLowerCase(document.documentElement.lang).split(/\s+/).filter(Boolean);
    let found = 0;
    for (const it of rows) {
      const fits = wanted.every((word) => it.text.includes(word)) && (!chapter || it.chapter === chapter)
        && (!verdict || has(it.row, "verdict", verdict)) && (!weight || has(it.row, "weight", weight));
      if (fits) found += 1;
      it.row.hidden = !fits || found > limit;
    }
    more.hidden = found <= limit;
    table.closest(".ledger").dataset.ready = "";
    status.textContent = status.dataset.shown.replace("{found}", found).replace("{all}", rows.length);
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
    limit = PIECE;
    apply();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("popstate", choose);
  form.hidden = false;
  choose();
  /* A link to one claim shows it, whatever was chosen before. */
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const row = target && target.closest("tr");
  if (row && row.hidden) { form.reset(); limit = rows.length; apply(); }
  if (target) target.scrollIntoView();
})();
