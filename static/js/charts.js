// Draws the charts of a page once they come near the view. The page is complete without them: each chart's figures
// stand in its table. plotly.js (1 MB) is fetched only when a chart is needed, from our own server.
"use strict";

{
  const source = document.currentScript.dataset.plotly;
  let loading = null;

  // plotly.js adds two style elements of its own, which the CSP would refuse, unless it finds these ids taken:
  // its general rules (portal.css has those that are needed) and those of the map library inside it.
  const GENERAL_STYLE = "plotly.js-style-global";
  const MAP_STYLE = "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53";

  const loadPlotly = () => {
    loading ??= new Promise((resolve, reject) => {
      for (const id of [GENERAL_STYLE, MAP_STYLE]) {
        const taken = document.createElement("link");
        taken.id = id;
        taken.className = "no-inline-styles";
        document.head.append(taken);
      }
      const script = document.createElement("script");
      script.src = source;
      script.onload = () => resolve(window.Plotly);
      script.onerror = () => reject(new Error("plotly.js did not load"));
      document.head.append(script);
    });
    return loading;
  };

  const fail = (plot) => {
    plot.classList.add("chart__plot--failed");
    const note = document.createElement("p");
    note.className = "quiet";
    note.textContent = plot.dataset.failed;
    plot.replaceChildren(note);
    const details = plot.closest("figure").querySelector("details");
    if (details) details.open = true;
  };

  const offerPicture = (plot, plotly, name) => {
    const button = document.querySelector(`[data-chart-save="${CSS.escape(plot.dataset.chart)}"]`);
    if (!button) return;
    button.hidden = false;
    button.addEventListener("click", () => plotly.downloadImage(plot, { format: "png", scale: 2, filename: name }));
  };

  // In a narrow window each year keeps room for its label, and the picture scrolls inside itself where they need more.
  // Long words would be cut off there; they stand in the notes below the picture too.
  const NARROW = 480;
  const ROOM_PER_YEAR = 36;
  const LONG_WORDS = 14;
  const fit = (plot, layout) => {
    const scroll = plot.parentElement;
    if (scroll.clientWidth >= NARROW) return;
    layout.margin.l = Math.min(layout.margin.l, 44);
    layout.annotations = (layout.annotations ?? []).filter((words) => words.text.length <= LONG_WORDS);
    const axes = Object.keys(layout).filter((key) => key.startsWith("xaxis"));
    const years = axes.reduce((sum, key) => sum + (layout[key].categoryarray?.length ?? 0) + 1, 0);
    plot.style.minWidth = `${layout.margin.l + years * ROOM_PER_YEAR}px`;
    if (scroll.scrollWidth > scroll.clientWidth) scroll.tabIndex = 0;
  };

  const draw = async (plot) => {
    try {
      const { figure, config, name } = JSON.parse(document.getElementById(plot.dataset.chart).textContent);
      const plotly = await loadPlotly();
      plot.removeAttribute("data-waiting");
      fit(plot, figure.layout);
      await plotly.newPlot(plot, figure.data, figure.layout, config);
      offerPicture(plot, plotly, name);
    } catch (error) {
      console.warn(error);
      fail(plot);
    }
  };

  const plots = document.querySelectorAll("[data-chart]");
  const watcher = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        watcher.unobserve(entry.target);
        draw(entry.target);
      }
    },
    { rootMargin: "300px" },
  );
  plots.forEach((plot) => watcher.observe(plot));

  // Paper is narrower than the window: a drawn chart is fitted to it and back.
  const PAPER_WIDTH = 640;
  const resize = (width) => {
    for (const plot of document.querySelectorAll(".js-plotly-plot")) {
      window.Plotly.relayout(plot, width ? { width, autosize: false } : { width: null, autosize: true });
    }
  };
  window.addEventListener("beforeprint", () => resize(PAPER_WIDTH));
  window.addEventListener("afterprint", () => resize(null));
}
