/* The ledger: its table, put together when the reader comes near it, and its filter. The choices stand in the page's
   address, so that a filtered view can be linked and sent. */
(function () {
  "use strict";

  const form = document.querySelector(".ledger-filter");
  const source = form && form.parentElement.querySelector(".ledger-filter ~ noscript");
  if (!source) return;
  const fields = ["text", "verdict", "weight", "chapter"].map((name) => form.elements[name]);
  const status = form.querySelector("output");
  const lower = (text) => text.toLocaleLowerCase(document.documentElement.lang);
  const has = (row, kind, value) => Boolean(row.querySelector("." + kind + "-" + value));

  /* The rows that fit are shown a piece at a time: twelve hundred at once are slow and nobody reads them so. The rest
     wait in a document of their own, which costs no layout. */
  const PIECE = 40;
  let limit = PIECE;
  let rows, body, more;
  /* What a row says of its check is loaded with the rows: ledger-how.js calls this with the HTML of each by its id. */
  const how = {};
  window.thesisLedger = (given) => Object.assign(how, given);
  const build = () => {
    const ledger = new DOMParser().parseFromString(source.textContent, "text/html").querySelector(".ledger");
    for (const [name, said] of Object.entries(how)) {
      const place = ledger.querySelector("[id='" + name + "']");
      if (place) place.parentElement.insertAdjacentHTML("beforeend", said);
    }
    rows = [...ledger.querySelector("tbody").rows].map((row) => ({
      row,
      text: lower(row.textContent),
      chapter: (row.querySelector(".claim-place a").getAttribute("href").match(/([\w-]+)\.html/) || [])[1],
    }));
    body = ledger.querySelector("tbody");
    body.replaceChildren();
    more = Object.assign(document.createElement("button"), { type: "button", className: "ledger-more", textContent: status.dataset.more });
    more.addEventListener("click", () => { limit += 3 * PIECE; apply(); });
    ledger.append(more);
    source.replaceWith(ledger);
    form.dataset.ready = "";
  };

  const apply = () => {
    const [text, verdict, weight, chapter] = fields.map((field) => field.value);
    const wanted = lower(text).split(/\s+/).filter(Boolean);
    const found = rows.filter((it) => wanted.every((word) => it.text.includes(word)) && (!chapter || it.chapter === chapter)
      && (!verdict || has(it.row, "verdict", verdict)) && (!weight || has(it.row, "weight", weight)));
    body.replaceChildren(...found.slice(0, limit).map((it) => it.row));
    more.hidden = found.length <= limit;
    status.textContent = status.dataset.shown.replace("{found}", found.length).replace("{all}", rows.length);
  };
  const choose = () => {
    const asked = new URLSearchParams(location.search);
    for (const field of fields) field.value = asked.get(field.name) || "";
    if (rows) apply();
  };
  /* A link to one claim shows it, whatever was chosen before. */
  const show = () => {
    const name = location.hash.slice(1);
    if (!name.startsWith("ledger-")) return;
    if (!rows) return;
    const at = rows.findIndex((it) => it.row.querySelector("#" + CSS.escape(name)));
    if (at < 0) return;
    if (!document.getElementById(name)) { form.reset(); limit = at + PIECE; apply(); }
    const target = document.getElementById(name);
    if (target) target.scrollIntoView();
  };

  form.addEventListener("input", () => {
    const chosen = new URLSearchParams();
    for (const field of fields) if (field.value) chosen.set(field.name, field.value);
    const query = chosen.toString();
    try {
      history.replaceState(null, "", location.pathname + (query ? "?" + query : "") + location.hash);
    } catch (refused) { /* a page from a file may keep its address */ }
    limit = PIECE;
    if (rows) apply();  // else the address keeps the choice until the rows are there
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("popstate", choose);
  addEventListener("hashchange", show);
  form.hidden = false;
  /* Without that file, of a copy that is not whole, the rows are shown all the same. */
  const begin = () => {
    const script = document.createElement("script");
    script.src = new URL(document.documentElement.dataset.root + "/assets/ledger-how.js", document.baseURI).href;
    script.onload = script.onerror = () => { build(); choose(); show(); };
    document.head.append(script);
  };
  if (location.search || location.hash.startsWith("#ledger-") || !("IntersectionObserver" in window)) return begin();
  const near = new IntersectionObserver((seen) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    near.disconnect();
    begin();
  }, { rootMargin: "900px 0px" });
  near.observe(form);
})();
