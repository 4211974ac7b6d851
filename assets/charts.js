/* Turns the static picture of a chart into the live one, when the reader comes near it.
   The picture stays whenever anything fails, in print, and without scripts. Colours are not touched here: both
   pictures carry the palette as plain colours, and site.css maps those for the dark theme. */
(function () {
  "use strict";

  const NARROW = 520;  // below this width of its place a chart has its narrow layout; the same number stands in site.css
  const page = document.documentElement;
  const words = (document.getElementById("interface-words") || {}).dataset || {};
  const charts = [...document.querySelectorAll(".chart")].filter((chart) => chart.dataset.figure);
  if (!charts.length || !("IntersectionObserver" in window)) return;

  /* Classic scripts, because pages opened from a file may not load modules, nor fetch anything. */
  function loadScript(path) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL((page.dataset.root || ".") + path, document.baseURI).href;
      script.onload = resolve;
      script.onerror = () => reject(new Error(path + " not loaded"));
      document.head.append(script);
    });
  }

  /* Three libraries, 300 KB compressed: fetched once, and only for a reader who gets to a chart. */
  let library;
  function loadLibrary() {
    library = library || loadScript("/assets/vega.js").then(() => {
      if (!window.vegaEmbed) throw new Error("vega.js without vegaEmbed");
      return window.vegaEmbed;
    });
    return library;
  }

  /* figures/NAME.js calls this with the chart's specification. Kept as text, because Vega-Lite changes what it is given. */
  const specifications = {};
  window.thesisChart = (name, specification) => { specifications[name] = JSON.stringify(specification); };

  const isNarrow = (chart) => chart.clientWidth < NARROW;

  async function specification(chart) {
    const name = chart.dataset.figure;
    if (!specifications[name]) await loadScript("/figures/" + name + ".js");
    return JSON.parse(specifications[name]);
  }

  /* The live chart must take the height the picture takes, or the text below would jump. The picture scales with
     its width and the live one does not, so the plot's height (or the step of a row) is set to make up for it. */
  function fitHeight(view, live, wanted) {
    const excess = wanted - live.getBoundingClientRect().height;
    if (Math.abs(excess) < 1) return null;
    const height = view.signal("height");
    const ratio = (height + excess) / height;
    if (!(ratio > 0.6 && ratio < 1.6)) return null;
    for (const name of ["y_step", "height"]) {
      let value;
      try { value = view.signal(name); } catch (absent) { continue; }
      view.signal(name, value * ratio);
      return view.runAsync();
    }
    return null;
  }

  /* Vega-Lite warns of every chart whose rows have a fixed step that it drops a fit it was never asked for, and takes
     no logger through Vega-Embed. A reader's console stays clean of that one sentence; every other gets through. */
  async function withoutFitWarning(work) {
    const warn = console.warn;
    console.warn = (...said) => { if (!/^Dropping "fit-y"/.test(said[1])) warn.apply(console, said); };
    try { return await work(); } finally { console.warn = warn; }
  }

  async function draw(chart) {
    const picture = chart.querySelector(".chart-static");
    const narrow = isNarrow(chart);
    const trial = document.createElement("div");
    trial.className = "chart-live chart-trial";  // in the page, because its width is the container's, but unseen
    try {
      const embed = await loadLibrary();
      const given = await specification(chart);
      const { embedOptions: locale = {}, narrowHeight, narrowTitle } = given.usermeta || {};
      delete given.usermeta;
      if (narrow && narrowHeight) given.height = narrowHeight;
      if (narrow && narrowTitle) given.title = narrowTitle;
      const wanted = chart.getBoundingClientRect().height;
      chart.append(trial);
      const result = await withoutFitWarning(() => embed(trial, given, {
        mode: "vega-lite", renderer: "svg", actions: false, defaultStyle: false,
        formatLocale: locale.formatLocale, timeFormatLocale: locale.timeFormatLocale,
        tooltip: { disableDefaultStyle: true, theme: "page" },
        config: { aria: false, mark: { aria: false } },  // one text alternative for the whole, below, and not one English phrase for each mark
      }));
      const live = trial.querySelector("svg");
      if (!live) throw new Error("nothing drawn");
      await fitHeight(result.view, live, wanted);
      const label = picture && [...picture.querySelectorAll("svg")].map((svg) => svg.getAttribute("aria-label")).find(Boolean);
      live.setAttribute("role", "img");
      if (label || given.description) live.setAttribute("aria-label", label || given.description);
      if (chart.view) chart.view.finalize();
      for (const old of chart.querySelectorAll(".chart-live, .chart-note")) if (old !== trial) old.remove();
      trial.classList.remove("chart-trial");
      chart.style.minHeight = wanted - live.getBoundingClientRect().height < 40 ? Math.floor(wanted) + "px" : "";
      chart.view = result;
      chart.dataset.narrow = narrow;
      chart.dataset.state = "live";
    } catch (reason) {
      trial.remove();
      if (chart.dataset.state === "live") return;
      chart.dataset.state = "static";
      chart.dataset.reason = String(reason && reason.message);  // for whoever looks into it; a reader needs no console
      const note = document.createElement("p");
      note.className = "chart-note";
      note.textContent = words.chartFailed || "";
      if (note.textContent && !chart.querySelector(".chart-note")) chart.append(note);
    }
  }

  /* One at a time: several at once would hold up scrolling on a phone. */
  let queue = Promise.resolve();
  const drawInTurn = (chart) => (queue = queue.then(() => draw(chart)));

  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) {
      near.unobserve(entry.target);
      drawInTurn(entry.target);
    }
  }, { rootMargin: "300px 0px" });

  /* Vega follows the width by itself; only the crossing from one layout to the other needs drawing anew. */
  const width = "ResizeObserver" in window && new ResizeObserver((entries) => {
    for (const { target: chart } of entries) {
      if (chart.dataset.state !== "live" || !chart.clientWidth || String(isNarrow(chart)) === chart.dataset.narrow) continue;
      clearTimeout(chart.waiting);
      chart.waiting = setTimeout(() => {
        if (String(isNarrow(chart)) === chart.dataset.narrow) return;
        chart.view.finalize();
        chart.view = null;
        for (const old of chart.querySelectorAll(".chart-live")) old.remove();
        chart.style.minHeight = "";
        chart.dataset.state = "static";  // the picture of the other layout gives the new height
        drawInTurn(chart);
      }, 150);
    }
  });

  for (const chart of charts) {
    near.observe(chart);
    if (width) width.observe(chart);
  }
})();
