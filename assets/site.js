/* What a page does: theme, language, menu, contents, copying, tables, search. One classic script (pages opened from a
   file may not load modules), deferred, and every part stands alone: without it the page is still whole. */
(function () {
  "use strict";

  const page = document.documentElement;
  const words = {};  // the interface's words, from the template; Pandoc may have broken their lines
  for (const [name, word] of Object.entries((document.getElementById("interface-words") || { dataset: {} }).dataset)) {
    words[name] = word.replace(/\s+/g, " ");
  }
  const find = (selector, within) => (within || document).querySelector(selector);
  const findAll = (selector, within) => [...(within || document).querySelectorAll(selector)];
  const fill = (text, values) => (text || "").replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };
  /* What an address names; “#50%” is no valid one and names nothing. */
  const named = (hash) => {
    try { return decodeURIComponent(hash.slice(1)); } catch (invalid) { return ""; }
  };
  /* Storage is closed in some browsers for pages from files and in private windows; a choice then lasts a page. */
  const remember = (key, value) => {
    try {
      if (value === null) localStorage.removeItem(key); else localStorage.setItem(key, value);
    } catch (refused) { /* nothing to do */ }
  };

  /* ---- theme: as the device, light, dark; each press takes the next ---- */

  const themeButton = find("[data-theme-button]");
  if (themeButton) {
    const order = ["auto", "light", "dark"];
    const current = () => page.dataset.theme || "auto";
    const show = () => {
      const name = { auto: words.themeAuto, light: words.themeLight, dark: words.themeDark }[current()];
      themeButton.setAttribute("aria-label", words.theme + ": " + name);
      themeButton.title = words.theme + ": " + name;
    };
    themeButton.addEventListener("click", () => {
      const next = order[(order.indexOf(current()) + 1) % order.length];
      if (next === "auto") delete page.dataset.theme; else page.dataset.theme = next;
      remember("theme", next === "auto" ? null : next);
      show();
    });
    addEventListener("storage", (event) => {  // the same choice in the reader's other windows
      if (event.key !== "theme") return;
      if (event.newValue === "light" || event.newValue === "dark") page.dataset.theme = event.newValue;
      else delete page.dataset.theme;
      show();
    });
    show();
  }

  /* ---- headings: the places a reader can be in ---- */

  const main = find("#content");
  const headings = findAll(".text :is(h2, h3, h4)", main || document)
    .map((heading) => {
      const section = heading.parentElement.closest("section[id]");
      const id = heading.id || (section && section.firstElementChild === heading ? section.id : "");
      return { heading, id };
    })
    .filter((place) => place.id);

  const lineOfReading = () => innerHeight * 0.3;
  function placeInView() {
    let found = null;
    for (const place of headings) {
      const box = place.heading.getBoundingClientRect();
      if (!box.height) continue;
      if (box.top > lineOfReading()) break;
      found = place;
    }
    /* At the very end the last sections may never reach the line. */
    const atEnd = Math.ceil(scrollY + innerHeight) >= page.scrollHeight - 2 && scrollY > 0;
    if (atEnd && headings.length) {
      const wanted = named(location.hash);
      const onScreen = headings.filter((place) => place.heading.getBoundingClientRect().top < innerHeight);
      found = onScreen.find((place) => place.id === wanted) || onScreen[onScreen.length - 1] || found;
    }
    return found;
  }

  /* A link for whoever points at a heading. For the mouse only: the contents give the same addresses to all. */
  for (const { heading, id } of headings) {
    if (heading.querySelector("a")) continue;
    const anchor = element("a", { className: "anchor", href: "#" + id, title: words.link, tabIndex: -1, textContent: "#" });
    anchor.setAttribute("aria-hidden", "true");
    heading.append(anchor);
  }

  /* ---- language: the same page, the same section; ids are equal in both languages ---- */

  for (const link of findAll("a[data-language]")) {
    const address = link.getAttribute("href").replace(/#.*/, "");
    const aim = () => {
      const goal = document.getElementById(named(location.hash));
      const box = goal && goal.getBoundingClientRect();
      const stillThere = box && box.top < innerHeight && box.bottom > 0;
      const place = placeInView();
      const hash = stillThere ? location.hash : place ? "#" + place.id : "";
      link.setAttribute("href", address + hash);
    };
    /* Also before the click, so that a new tab or a copied address is right. */
    for (const kind of ["pointerenter", "pointerdown", "focus", "click"]) link.addEventListener(kind, aim);
    link.addEventListener("click", () => remember("language", link.dataset.language));
  }

  /* ---- menu on a phone ---- */

  const menuButton = find("[data-menu-button]");
  const navigation = find("#navigation");
  if (menuButton && navigation) {
    const behind = [main, find(".foot")].filter(Boolean);
    const set = (open) => {
      if (open) page.dataset.menu = "open"; else delete page.dataset.menu;
      menuButton.setAttribute("aria-expanded", open);
      menuButton.setAttribute("aria-label", open ? words.close : words.menu);
      for (const part of behind) part.inert = open;
      if (open) {
        const current = find("[aria-current]", navigation);
        if (current) current.scrollIntoView({ block: "center" });
      }
    };
    set(false);
    menuButton.addEventListener("click", () => set(page.dataset.menu !== "open"));
    navigation.addEventListener("click", (event) => { if (event.target.closest("a")) set(false); });
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && page.dataset.menu === "open") { set(false); menuButton.focus(); }
    });
    matchMedia("(min-width: 48em)").addEventListener("change", () => set(false));
  }

  /* The chapters' list keeps the current one in sight without moving the page. */
  const currentChapter = navigation && find("[aria-current]", navigation);
  if (currentChapter && navigation.scrollHeight > navigation.clientHeight + 4) {
    navigation.scrollTop = currentChapter.offsetTop - navigation.clientHeight / 3;
  }

  /* ---- contents ---- */

  const contents = find("#contents");
  if (contents) {
    const desk = matchMedia("(min-width: 68.75em)");
    const arrange = () => {
      find("summary", contents).tabIndex = desk.matches ? -1 : 0;  // beside the text the contents are always open
    };
    desk.addEventListener("change", () => { contents.open = desk.matches; arrange(); });
    arrange();
    const links = new Map(findAll('a[href^="#"]', contents).map((link) => [named(link.hash), link]));
    contents.addEventListener("click", (event) => {
      if (event.target.closest("a") && !desk.matches) contents.open = false;
    });
    const mark = () => {
      const place = placeInView();
      let link = place && links.get(place.id);
      /* A heading too deep for the contents belongs to the last one that stands there. */
      for (let at = headings.indexOf(place); !link && at > 0;) link = links.get(headings[--at].id);
      for (const other of links.values()) if (other !== link) other.removeAttribute("aria-current");
      if (!link || link.hasAttribute("aria-current")) return;
      link.setAttribute("aria-current", "location");
      if (desk.matches && contents.scrollHeight > contents.clientHeight) {
        contents.scrollTop = link.offsetTop - contents.offsetTop - contents.clientHeight / 2;
      }
    };
    if ("IntersectionObserver" in window) {
      const crossing = new IntersectionObserver(mark, { rootMargin: "0px 0px -70% 0px", threshold: [0, 1] });
      for (const { heading } of headings) crossing.observe(heading);
    }
    addEventListener("scrollend", mark);
    addEventListener("hashchange", () => setTimeout(mark, 50));
    mark();
  }

  /* ---- code ---- */

  for (const fold of findAll("details.code-fold")) {
    const summary = find("summary", fold);
    if (!summary || !words.codeShow) continue;
    const show = () => { summary.textContent = fold.open ? words.codeHide : words.codeShow; };
    fold.addEventListener("toggle", show);
    show();
  }

  /* The line under a figure leads to its code, which opens; so does an address that names a cell. */
  const openCode = () => {
    const cell = document.getElementById(named(location.hash));
    const fold = cell && find("details.code-fold", cell);
    if (fold && cell.matches(".cell")) fold.open = true;
  };
  addEventListener("hashchange", openCode);
  for (const link of findAll("a.to-code")) link.addEventListener("click", () => { if (link.hash === location.hash) openCode(); });
  openCode();

  for (const block of findAll("div.sourceCode")) {
    const code = find("pre code", block);
    if (!code || find(".code-copy-button, .copy", block)) continue;
    const button = element("button", { type: "button", className: "copy", textContent: words.copy });
    button.addEventListener("click", async () => {
      const copied = await copy(code.textContent).catch(() => false);
      button.textContent = copied ? words.copied : words.copyFailed;
      button.classList.add("done");
      setTimeout(() => { button.textContent = words.copy; button.classList.remove("done"); }, 2000);
    });
    block.append(button);
  }

  async function copy(text) {
    if (navigator.clipboard && isSecureContext) {
      await navigator.clipboard.writeText(text);
      return true;
    }
    /* Pages from a file or over plain http have no clipboard object: the older way. */
    const field = element("textarea", { value: text, readOnly: true });
    field.style.cssText = "position:fixed;opacity:0";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }

  const citation = find("#citation-text");
  if (citation) {
    const button = element("button", { type: "button", className: "copy-text", textContent: words.copy });
    button.addEventListener("click", async () => {
      const copied = await copy(citation.textContent.replace(/\s+/g, " ").trim()).catch(() => false);
      button.textContent = copied ? words.copied : words.copyFailed;
      setTimeout(() => { button.textContent = words.copy; }, 2000);
    });
    citation.nextElementSibling.append(button);
  }

  /* ---- abbreviations: explained to whoever points at one, reaches it by keyboard or presses it ---- */

  /* Without a script the title does it, for the mouse alone. */
  const explanation = element("div", { className: "explanation", id: "explanation", hidden: true });
  explanation.setAttribute("role", "tooltip");
  let explained;
  const unexplain = () => { explanation.hidden = true; explained = null; };
  const explain = (short) => {
    if (explained === short) return;
    explained = short;
    explanation.textContent = short.dataset.full;
    explanation.hidden = false;
    const box = short.getBoundingClientRect();
    const left = Math.min(box.left, page.clientWidth - explanation.offsetWidth - 16);
    const above = box.top - explanation.offsetHeight - 4;
    explanation.style.left = Math.max(16, left) + scrollX + "px";
    explanation.style.top = (above > 64 ? above : box.bottom + 4) + scrollY + "px";
  };
  const shorts = findAll("abbr.explained");
  if (shorts.length) document.body.append(explanation);
  for (const short of shorts) {
    short.dataset.full = short.title;
    short.removeAttribute("title");
    short.setAttribute("role", "button");
    short.setAttribute("aria-label", short.textContent + ": " + short.dataset.full);
    for (const kind of ["pointerenter", "focus", "click"]) short.addEventListener(kind, () => explain(short));
    short.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();  // a space would scroll
      explain(short);
    });
    short.addEventListener("blur", unexplain);
    short.addEventListener("pointerleave", (event) => {
      if (event.relatedTarget !== explanation && document.activeElement !== short) unexplain();
    });
  }
  explanation.addEventListener("pointerleave", unexplain);
  addEventListener("keydown", (event) => { if (event.key === "Escape" && explained) unexplain(); });
  addEventListener("pointerdown", (event) => { if (explained && !event.target.closest(".explained, .explanation")) unexplain(); });

  /* ---- tables ---- */

  /* A table wider than its place scrolls there, its first column fixed (site.css); the place can then be reached and
     scrolled by keyboard and says what it is. One that fits is left alone: no needless stop for the keyboard. */
  const tables = findAll(".text table").filter((table) => !table.closest(".vg-tooltip"));
  const widthKnown = new WeakMap();
  const atEnd = (place) => place.toggleAttribute("data-end", place.scrollLeft + place.clientWidth > place.scrollWidth - 8);
  const judge = (place) => {
    if (widthKnown.get(place) === place.clientWidth) return;
    widthKnown.set(place, place.clientWidth);
    place.classList.remove("table-wide");
    const wide = place.scrollWidth > place.clientWidth + 1;
    place.classList.toggle("table-wide", wide);
    atEnd(place);
    if (wide) {
      const caption = find("figcaption, caption", place.closest("figure") || place);
      place.tabIndex = 0;
      place.setAttribute("role", "region");
      place.setAttribute("aria-label", words.tableScroll + (caption ? ": " + caption.textContent.trim() : ""));
    } else {
      for (const name of ["tabindex", "role", "aria-label"]) place.removeAttribute(name);
    }
  };
  const places = tables.map((table) => {
    let place = table.parentElement;
    if (!place.matches(".table-scroll, .quarto-float-tbl > div")) {
      place = element("div", { className: "table-scroll" });
      table.replaceWith(place);
      place.append(table);
    }
    return place;
  });
  places.forEach((place) => {
    if (!("ResizeObserver" in window)) judge(place);
    place.addEventListener("scroll", () => atEnd(place), { passive: true });
  });
  /* The site's typeface may widen a table after its place was judged. */
  if (document.fonts) document.fonts.ready.then(() => places.forEach((place) => {
    if (widthKnown.delete(place)) judge(place);  // those in what is still folded wait until it is opened
  }));
  if ("ResizeObserver" in window) {
    const watcher = new ResizeObserver((entries) => entries.forEach((entry) => judge(entry.target)));
    places.forEach((place) => watcher.observe(place));
  }

  /* Sorting, in every numbered table too long to be taken in at a glance. A cell's own data-value, which days have,
     goes before its text; numbers are read in the page's way of writing them (1 234,5 or 1,234.5). */
  const commaIsDecimal = page.lang !== "en";
  const collator = new Intl.Collator(page.lang, { numeric: true });
  const valueOf = (cell) => {
    const given = cell && (cell.dataset.value || (find("[data-value]", cell) || { dataset: {} }).dataset.value);
    const text = given || (cell ? cell.textContent.trim() : "");
    const plain = given ? text : commaIsDecimal ? text.replace(/\s/g, "").replace(",", ".") : text.replace(/[\s,]/g, "");
    const number = /^[+\-−–]?\d[\d.]*\s*%?$/.test(plain) ? parseFloat(plain.replace(/[−–]/, "-")) : NaN;
    return { text, number };
  };
  for (const table of tables) {
    if (!table.closest(".quarto-float-tbl") || !table.tHead || !table.tBodies.length || table.tBodies[0].rows.length < 6) continue;
    const body = table.tBodies[0];
    const original = [...body.rows];
    const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
    heads.forEach((head, column) => {
      if (!head.textContent.trim()) return;
      const button = element("button", { type: "button", className: "sort", title: words.sort }, ...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const next = { none: "ascending", ascending: "descending", descending: "none" }[head.getAttribute("aria-sort") || "none"];
        for (const other of heads) other.removeAttribute("aria-sort");
        let rows = original;
        if (next !== "none") {
          head.setAttribute("aria-sort", next);
          const way = next === "ascending" ? 1 : -1;
          rows = original.map((row) => [valueOf(row.cells[column]), row]).sort(([one], [other]) => {
            if (!one.text || !other.text) return (one.text ? 0 : 1) - (other.text ? 0 : 1);  // the empty stay last
            if (isNaN(one.number) !== isNaN(other.number)) return isNaN(one.number) ? 1 : -1;
            return way * (isNaN(one.number) ? collator.compare(one.text, other.text) : one.number - other.number);
          }).map(([, row]) => row);
        }
        body.append(...rows);
      });
    });
  }

  /* ---- the references are laid out only when they come near; their italic is asked for as soon as reading begins,
     so that it is there before them and no line of theirs breaks anew ---- */

  if (find("#refs") && document.fonts) {
    addEventListener("scroll", () => document.fonts.load("italic 1rem Literata").catch(() => {}), { once: true, passive: true });
  }

  /* ---- search: its script and the text of all pages are loaded when the reader searches ---- */

  let searching;
  const openSearch = () => {
    searching = searching || new Promise((resolve, reject) => {
      const src = new URL((page.dataset.root || ".") + "/assets/search.js", document.baseURI).href;
      document.head.append(element("script", { src, onload: resolve, onerror: reject }));
    });
    searching.then(() => window.thesisSearch(), () => {
      searching = null;  // what is typed next, or the next press, tries again
      const dialog = find("#search");
      find("#search-status").textContent = words.searchAbsent;
      find("#search-field").addEventListener("input", openSearch, { once: true });
      find("[data-close-search]").onclick = () => dialog.close();
      if (!dialog.open) dialog.showModal();
    });
  };
  /* No single character, which would take what is spoken to a computer for a command. */
  const apple = /^(Mac|iP)/.test(navigator.platform);
  for (const button of findAll("[data-open-search]")) {
    button.addEventListener("click", openSearch);
    if (apple) find("kbd", button).textContent = "⌘K";
  }
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    /* By place on the keyboard as well: with the Kazakh layout on, that key gives another letter. */
    if (event.key.toLowerCase() !== "k" && event.code !== "KeyK") return;
    event.preventDefault();
    openSearch();
  });
})();
