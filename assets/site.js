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
      const wanted = decodeURIComponent(location.hash.slice(1));
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
      const named = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
      const box = named && named.getBoundingClientRect();
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
    const links = new Map(findAll('a[href^="#"]', contents).map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
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
    judge(place);
    place.addEventListener("scroll", () => atEnd(place), { passive: true });
  });
  if ("ResizeObserver" in window) {
    const watcher = new ResizeObserver((entries) => entries.forEach((entry) => judge(entry.target)));
    places.forEach((place) => watcher.observe(place));
  }

  /* Sorting, where whoever made the table says that it helps (class "sortable" on it or around it). A cell's own
     data-value goes before its text; numbers are read in the page's way of writing them (1 234,5 or 1,234.5). */
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
    if (!table.closest(".sortable") || !table.tHead || !table.tBodies.length) continue;
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

  /* ---- search: Pagefind's index of this language, asked only when the reader searches ---- */

  const dialog = find("#search");
  if (dialog && dialog.showModal) {
    const field = find("#search-field", dialog);
    const status = find("#search-status", dialog);
    const list = find(".search-results", dialog);
    const more = find(".search-more", dialog);
    const root = new URL((page.dataset.root || ".") + "/", document.baseURI);
    const AT_ONCE = 8;
    const FEW = 4;
    let engine;
    let turn = 0;
    let found = [];
    let shown = 0;

    const say = (text) => { status.textContent = text; };
    const clear = () => { list.replaceChildren(); list.hidden = true; more.hidden = true; };

    const load = () => {
      engine = engine || (async () => {
        if (location.protocol === "file:") throw new Error(words.searchServer);
        try {
          /* A full address: a classic script would take a relative one from its own place. */
          const pagefind = await import(new URL("pagefind/pagefind.js", root).href);
          await pagefind.options({ excerptLength: 22, baseUrl: root.pathname });
          await pagefind.init();
          return pagefind;
        } catch (reason) {
          throw new Error(words.searchAbsent);
        }
      })();
      return engine;
    };

    const open = () => {
      if (dialog.open) return;
      dialog.showModal();
      field.focus();
      field.select();
      load().catch((reason) => say(reason.message));
    };

    /* Kazakh typed on a keyboard without Kazakh letters. Enumerating every letter would be thousands of spellings; the
       language's own harmony leaves few: к and г turn to қ and ғ beside a back vowel, and the vowels of a word are
       exchanged letter by letter, all alike. What is typed is always asked for first. */
    const lookAlike = { a: "а", e: "е", i: "і", o: "о", c: "с", p: "р", x: "х", y: "у", h: "һ" };
    const front = "әөүіеэ";
    const back = "аоұыуя";
    function harmonise(word) {
      const letters = [...word];
      const vowelNear = (at) => {
        for (const step of [1, -1, 2, -2, 3, -3]) {
          const letter = letters[at + step];
          if (letter && (front + back).includes(letter)) return front.includes(letter) ? "front" : "back";
        }
        return "";
      };
      return letters.map((letter, at) => (vowelNear(at) !== "back" ? letter : { к: "қ", г: "ғ" }[letter] || letter)).join("");
    }
    /* Letters a word may hold both ways («тәжірибе» has an і and an и) are tried place by place, the others all alike. */
    function spellings(word) {
      let forms = [word];
      const alike = (from, ...into) => {
        if (word.includes(from)) forms = forms.flatMap((form) => [form, ...into.map((letter) => form.replaceAll(from, letter))]);
      };
      const placewise = (from, into) => {
        for (const at of [...word].map((letter, at) => (letter === from ? at : -1)).filter((at) => at >= 0).slice(0, 4)) {
          forms = forms.flatMap((form) => [form, form.slice(0, at) + into + form.slice(at + 1)]);
        }
      };
      alike("у", "ұ", "ү");
      alike("о", "ө");
      alike("е", "ё");
      placewise("и", "і");
      placewise("а", "ә");
      const all = new Set();
      for (const form of forms) {
        const harmonious = harmonise(form);
        for (const one of [harmonious, form, harmonious.replaceAll("х", "һ")]) {
          all.add(one);
          all.add(one.replace(/н(?=[кгқғ]|$)/g, "ң"));
          all.add(one.replaceAll("н", "ң"));
        }
      }
      all.delete(word);
      /* The fewer letters differ from what was typed, the sooner it is tried. */
      const distance = (form) => [...form].filter((letter, at) => letter !== word[at]).length;
      return [...all].sort((one, other) => distance(one) - distance(other)).slice(0, 240);
    }

    const normalise = (query) => query.toLowerCase().replace(/[-‐‑–—]/g, " ").split(/\s+/).filter(Boolean)
      .map((word) => (/[а-яёәғқңөұүһі]/.test(word) ? word.replace(/[aeiocpxyh]/g, (letter) => lookAlike[letter]) : word));

    async function better(pagefind, word) {
      if (page.lang !== "kk" || !/^[а-яёәғқңөұүһі]{3,}$/.test(word)) return [];
      const tried = [];
      for (const form of spellings(word)) {
        const { results } = await pagefind.search(form);
        /* Pagefind also accepts a shorter word of the index that the form begins with: such a match says nothing. */
        if (!results.length) continue;
        const data = await results[0].data();
        const stem = form.slice(0, Math.max(3, form.length - 3));
        const marked = [...(data.excerpt + data.sub_results.map((part) => part.excerpt).join(" ")).matchAll(/<mark>(.*?)<\/mark>/g)];
        if (marked.some(([, text]) => text.toLowerCase().includes(stem))) tried.push({ form, count: results.length });
        if (tried.length >= 4) break;
      }
      return tried.sort((one, other) => other.count - one.count).map((one) => one.form).slice(0, 2);
    }

    const link = (address, ...children) => {
      const made = element("a", { href: new URL(address, root).href }, ...children);
      return made;
    };
    const excerpt = (html) => {
      const made = element("span", { className: "search-excerpt" });
      made.innerHTML = html;  // Pagefind has escaped the page's text; the only tag in it is <mark>
      return made;
    };

    async function showMore() {
      const mine = turn;
      const next = await Promise.all(found.slice(shown, shown + AT_ONCE).map((result) => result.data()));
      if (mine !== turn) return;
      shown += next.length;
      for (const data of next) {
        const item = element("li", {}, link(data.url, element("span", { className: "search-page", textContent: data.meta.title })));
        const parts = data.sub_results.filter((part) => part.url !== data.url).slice(0, 3);
        if (!parts.length) item.firstChild.append(excerpt(data.excerpt));
        else {
          item.append(element("ul", {}, ...parts.map((part) => element("li", {}, link(part.url,
            element("span", { className: "search-section", textContent: part.title }), excerpt(part.excerpt))))));
        }
        list.append(item);
      }
      list.hidden = !list.children.length;
      more.hidden = shown >= found.length;
    }

    async function search() {
      const mine = ++turn;
      const typed = normalise(field.value);
      if (!typed.length || typed.join("").length < 2) { clear(); say(words.searchHint); return; }
      const late = setTimeout(() => { if (mine === turn) say(words.searching); }, 250);
      try {
        const pagefind = await load();
        const query = typed.join(" ");
        let results = (await pagefind.search(query)).results;
        const also = [];
        if (results.length < FEW && mine === turn) {
          const choices = await Promise.all(typed.map((word) => better(pagefind, word)));
          let queries = [[]];
          typed.forEach((word, at) => {
            queries = queries.flatMap((before) => [...choices[at], word].map((form) => [...before, form])).slice(0, 8);
          });
          for (const words of queries) {
            const other = words.join(" ");
            if (other === query || mine !== turn) continue;
            const further = (await pagefind.search(other)).results.filter((result) => !results.some((known) => known.id === result.id));
            if (further.length) { also.push(other); results = [...further, ...results]; }
          }
        }
        if (mine !== turn) return;
        clear();
        found = results;
        shown = 0;
        const count = fill(found.length === 1 ? words.resultOne : words.resultMany, { count: found.length });
        say(!found.length ? fill(words.noResults, { query: field.value.trim() })
          : also.length ? count + ". " + words.variants + " " + also.slice(0, 3).join(", ") : count);
        await showMore();
      } catch (reason) {
        if (mine === turn) { clear(); say(reason.message); }
      } finally {
        clearTimeout(late);
      }
    }

    let pause;
    field.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(search, 160); });
    more.addEventListener("click", showMore);
    find("form", dialog).addEventListener("submit", (event) => {
      event.preventDefault();  // Enter goes to the first result instead of closing the dialog
      const first = find("a", list);
      if (first) first.focus();
    });
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { event.preventDefault(); dialog.close(); }  // a search field would only empty itself
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      const stops = [field, ...findAll("a", list)];
      const at = stops.indexOf(document.activeElement);
      if (at < 0) return;
      event.preventDefault();
      stops[Math.min(stops.length - 1, Math.max(0, at + (event.key === "ArrowDown" ? 1 : -1)))].focus();
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest("[data-close-search]")) dialog.close();
      else if (event.target.closest(".search-results a")) dialog.close();  // a result on this very page only moves the view
    });
    for (const button of findAll("[data-open-search]")) button.addEventListener("click", open);
    addEventListener("keydown", (event) => {
      const writing = event.target.closest && event.target.closest("input, textarea, select, [contenteditable]");
      /* By place on the keyboard as well: with the Kazakh layout on, those keys give other letters. */
      const control = (event.ctrlKey || event.metaKey) && !event.altKey && (event.key.toLowerCase() === "k" || event.code === "KeyK");
      const slash = !event.ctrlKey && !event.metaKey && !event.altKey && !writing && (event.key === "/" || (event.code === "Slash" && !event.shiftKey && page.lang === "kk"));
      if (!control && !slash) return;
      event.preventDefault();
      open();
    });
  }
})();
