/* Search over the text of all pages of the page's language. Loaded, with that text, when a reader first searches;
   both are classic scripts, so that search also works on pages opened from a file. */
(function () {
  "use strict";

  const page = document.documentElement;
  const dialog = document.querySelector("#search");
  const [field, status, list, more] = ["#search-field", "#search-status", ".search-results", ".search-more"].map((name) => dialog.querySelector(name));
  const words = document.querySelector("#interface-words").dataset;
  const root = new URL((page.dataset.root || ".") + "/", document.baseURI);
  const AT_ONCE = 8;
  const FEW = 3;
  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };
  const fill = (text, values) => text.replace(/\s+/g, " ").replace(/\{(\w+)\}/g, (whole, name) => values[name]);

  /* ---- letters: a word is found however the reader's keyboard lets it be written ---- */

  /* Letter for letter, so that a place in the folded text is the same place in the text. */
  const TWINS = { "ә": "а", "ғ": "г", "қ": "к", "ң": "н", "ө": "о", "ұ": "у", "ү": "у", "һ": "х", "і": "и", "ё": "е", "’": "'", "ʼ": "'" };
  const fold = (text) => text.toLowerCase().replace(/[әғқңөұүһіё’ʼ]/g, (letter) => TWINS[letter]).replace(/[\s\-‐‑–—]/g, " ");
  const LOOK_ALIKE = { a: "а", e: "е", i: "и", o: "о", c: "с", p: "р", x: "х", y: "у", h: "х" };
  /* A Latin letter among Cyrillic ones was meant as its twin. */
  const read = (word) => (/[а-я]/.test(word) ? word.replace(/[aeiocpxyh]/g, (letter) => LOOK_ALIKE[letter]) : word);

  /* The beginning of a word that its endings leave: «терроризмдегі» is also looked for as «терроризм…». Endings stand
     folded, as the text does; what is left must be long enough to mean something. */
  const ENDINGS = page.lang === "kk"
    ? /(?:ымыз|имиз|лар|лер|дар|дер|тар|тер|нын|нин|дын|дин|тын|тин|нда|нде|дан|ден|тан|тен|нан|нен|мен|бен|пен|дагы|деги|тагы|теги|лык|лик|дык|дик|тык|тик|лы|ли|ды|ди|ты|ти|ны|ни|га|ге|ка|ке|на|не|да|де|та|те|сы|си|ын|ин|ы|и|а|е)$/
    : /(?:'s|s|es|ed|ing|ly|al|ic|ist|ism)$/;
  function stem(word) {
    let left = word;
    for (let shorter = word; shorter.length >= 4; shorter = shorter.replace(ENDINGS, "")) {
      left = shorter;
      if (!ENDINGS.test(shorter)) break;
    }
    return left;
  }

  /* ---- finding ---- */

  let pages;
  window.thesisIndex = (told) => {
    pages = told.map(([address, title, sections]) => ({
      address, title, sections: sections.map(([id, heading, text]) => ({ id, heading, text, folded: fold(text), head: fold(heading) })),
    }));
  };
  let loading;
  const load = () => (loading = loading || new Promise((resolve, reject) => {
    document.head.append(element("script", { src: new URL("search-index.js", root).href, onload: resolve, onerror: () => reject(new Error(words.searchAbsent)) }));
  }));

  const START = "(?<![\\p{L}\\p{N}])";
  const escape = (word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const beginning = (word) => new RegExp(START + escape(word), "gu");
  /* «ивенттал» finds «ивент-талдау»: a space may stand between any two letters. */
  const apart = (word) => new RegExp(START + [...word].map(escape).join(" ?"), "gu");

  /* Sections that hold every word, best first within their page, the page with the best one first. */
  function find(patterns, typed) {
    const found = [];
    for (const one of pages) {
      const parts = [];
      for (const section of one.sections) {
        let score = 0;
        let first = -1;
        const all = patterns.every((pattern) => {
          const times = section.folded.match(pattern) || [];
          const inHead = section.head.match(pattern) || [];
          pattern.lastIndex = 0;
          const at = times.length ? section.folded.search(pattern) : -1;
          if (at >= 0 && (first < 0 || at < first)) first = at;
          score += Math.log2(1 + times.length) + 6 * inHead.length;
          return times.length || inHead.length;
        });
        if (!all) continue;
        if (section.text.toLowerCase().includes(typed)) score += 4;  // just as it was typed
        parts.push({ section, score, first });
      }
      if (!parts.length) continue;
      parts.sort((one, other) => other.score - one.score);
      const inTitle = patterns.filter((pattern) => fold(one.title).search(pattern) >= 0).length;
      found.push({ page: one, parts, patterns, score: parts[0].score + Math.log2(parts.length) + 8 * inTitle });
    }
    return found.sort((one, other) => other.score - one.score);
  }

  function search(query) {
    const typed = query.trim().toLowerCase();
    const said = fold(typed).split(" ").filter(Boolean).map(read);
    let found = find(said.map(beginning), typed);
    const also = [];
    const widen = (forms, pattern) => {
      if (found.length >= FEW || forms.join() === said.join() && pattern === beginning) return;
      const further = find(forms.map(pattern), typed).filter((one) => !found.some((known) => known.page === one.page));
      if (further.length && pattern === beginning) also.push(forms.map((form) => form + "…").join(" "));
      found = [...found, ...further];
    };
    widen(said.map(stem), beginning);
    if (said.some((word) => word.length > 5)) widen(said, apart);
    return { found, also };
  }

  /* ---- showing ---- */

  const say = (text) => { status.textContent = text; };
  const clear = () => { list.replaceChildren(); list.hidden = true; more.hidden = true; };

  /* Some words around the first place, the found beginnings marked up to the end of their words. */
  function excerpt({ section, first }, patterns) {
    const from = first < 60 ? 0 : section.text.indexOf(" ", first - 60) + 1;
    const text = section.text.slice(from, from + 170);
    const folded = section.folded.slice(from, from + 170);
    const marks = patterns.flatMap((pattern) => [...folded.matchAll(pattern)].map((match) => {
      const end = match.index + match[0].length;
      return [match.index, end + /^[\p{L}\p{N}]*/u.exec(folded.slice(end))[0].length];
    })).sort((one, other) => one[0] - other[0]);
    const shown = element("span", { className: "search-excerpt" }, from ? "… " : "");
    let at = 0;
    for (const [start, end] of marks) if (start >= at) {
      shown.append(text.slice(at, start), element("mark", { textContent: text.slice(start, end) }));
      at = end;
    }
    shown.append(text.slice(at), from + 170 < section.text.length ? " …" : "");
    return shown;
  }

  const address = (one, section) => new URL(one.address + (section && section.id ? "#" + section.id : ""), root).href;

  let found = [];
  let shown = 0;
  function showMore() {
    for (const { page: one, parts, patterns } of found.slice(shown, shown + AT_ONCE)) {
      const item = element("li", {}, element("a", { href: address(one) }, element("span", { className: "search-page", textContent: one.title })));
      const named = parts.filter((part) => part.section.heading).slice(0, 3);
      if (!named.length) item.firstChild.append(excerpt(parts[0], patterns));
      else {
        item.append(element("ul", {}, ...named.map((part) => element("li", {}, element("a", { href: address(one, part.section) },
          element("span", { className: "search-section", textContent: part.section.heading }), excerpt(part, patterns))))));
      }
      list.append(item);
    }
    shown = Math.min(found.length, shown + AT_ONCE);
    list.hidden = !shown;
    more.hidden = shown >= found.length;
  }

  let turn = 0;
  async function answer() {
    const mine = ++turn;
    const query = field.value.trim();
    if (query.length < 2) { clear(); say(words.searchHint); return; }
    try {
      if (!pages) say(words.searching);
      await load();
    } catch (reason) {
      loading = null;
      if (mine === turn) { clear(); say(reason.message); }
      return;
    }
    if (mine !== turn) return;
    const result = search(query);
    clear();
    found = result.found;
    shown = 0;
    const count = fill(found.length === 1 ? words.resultOne : words.resultMany, { count: found.length });
    say(!found.length ? fill(words.noResults, { query }) : result.also.length ? count + ". " + words.variants + " " + result.also.join(", ") : count);
    showMore();
  }

  let pause;
  field.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(answer, 120); });
  more.addEventListener("click", showMore);
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();  // Enter goes to the first result instead of closing the dialog
    const first = list.querySelector("a");
    if (first) first.focus();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { event.preventDefault(); dialog.close(); }  // a search field would only empty itself
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const stops = [field, ...list.querySelectorAll("a")];
    const at = stops.indexOf(document.activeElement);
    if (at < 0) return;
    event.preventDefault();
    stops[Math.min(stops.length - 1, Math.max(0, at + (event.key === "ArrowDown" ? 1 : -1)))].focus();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close-search]")) dialog.close();
    else if (event.target.closest(".search-results a")) dialog.close();  // a result on this very page only moves the view
  });

  window.thesisSearch = () => {
    if (dialog.open && pages) return;
    if (!dialog.open) {
      dialog.showModal();
      field.focus();
      field.select();
    }
    load().catch(() => {});
    answer();
  };
})();
