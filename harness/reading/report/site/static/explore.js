"use strict";
/* Filters, tables and charts, for the pages that have them. */
(() => {
  const svg = "http://www.w3.org/2000/svg";
  const drawn = new Map();

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const narrow = () => window.innerWidth < 640;

  /* The theme's own colours, for everything that a chart has. */
  function config() {
    const ink = colour("ink"), soft = colour("soft"), grid = colour("none-bg");
    const font = "system-ui, sans-serif";
    return {
      background: null, font, aria: false,
      axis: { labelColor: ink, titleColor: ink, gridColor: grid, domainColor: colour("line"), tickColor: colour("line"), labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal" },
      axisY: narrow() ? { titleAngle: 0, titleAlign: "left", titleAnchor: "start", titleX: 0, titleY: -8, titleBaseline: "bottom", labelLimit: 120 } : { titleAngle: 0, titleAlign: "left", titleAnchor: "start", titleX: -40, titleY: -10, titleBaseline: "bottom" },
      view: { stroke: colour("line") }, text: { color: ink, fontSize: 12 },
      rule: { color: ink }, point: { color: colour("s0") }, bar: { color: soft }, line: { color: colour("s0") },
    };
  }

  /* Colour and dashes of each series, the same in the chart and in its legend. */
  function looks(names) {
    const dashes = chunkbench.charts.dashes;
    return new Map(names.map((name, index) => [name, {
      color: colour(`s${index % 10}`), dash: dashes[index % dashes.length],
    }]));
  }

  const verdicts = () => ({
    "pays": "pays-bg", "pays against serial": "pays-bg", "overhead exceeds gain": "over-bg", "equal": "equal-bg",
    "undetermined": "open-bg", "skipped": "paper", "no result": "fail-bg",
  });

  /* Every encoding of colour or dash by a field, set to this page's choice. */
  function paint(spec, series) {
    for (const layer of spec.layer) {
      const { color, strokeDash } = layer.encoding || {};
      if (color?.field === "series") color.scale = { domain: [...series.keys()], range: [...series.values()].map((style) => style.color) };
      if (strokeDash?.field === "series") strokeDash.scale = { domain: [...series.keys()], range: [...series.values()].map((style) => style.dash) };
      if (color?.field === "shown") {
        color.scale = { domain: Object.keys(verdicts()), range: Object.values(verdicts()).map(colour) };
        layer.mark.stroke = colour("paper");
      }
      if (color?.field === "kind") color.scale = { domain: ["whole", "part", "negative"], range: [colour("soft"), colour("s0"), colour("s1")] };
    }
  }

  /* On a phone a label stands above its row: beside it, it would fill the screen. */
  function above(spec) {
    const labelled = spec.layer.filter((layer) => layer.encoding?.y?.field === "label");
    for (const { encoding } of labelled) encoding.y.axis = {
      labelAlign: "left", labelBaseline: "line-bottom", labelPadding: -2, labelOffset: -7, labelLimit: 345,
      labelExpr: "split(replace(datum.label, ' (', '\\n('), '\\n')", labelLineHeight: 14,
      ticks: false, domain: false, grid: true,
    };
    const lines = Math.max(...(spec.datasets.dots || []).map((row) => (row.label.includes(" (") ? 2 : 1)));
    if (labelled.length) spec.height = { step: 30 + 14 * lines };
  }

  function legend(list, series) {
    list.replaceChildren(...[...series].map(([name, look]) => {
      const item = document.createElement("li");
      const picture = document.createElementNS(svg, "svg");
      picture.setAttribute("viewBox", "0 0 48 14");
      picture.setAttribute("aria-hidden", "true");
      const line = document.createElementNS(svg, "line");
      for (const [key, value] of Object.entries({ x1: 0, x2: 48, y1: 7, y2: 7, stroke: look.color, "stroke-width": 3, "stroke-dasharray": look.dash.join(" ") })) line.setAttribute(key, value);
      picture.append(line);
      item.append(picture, name);
      return item;
    }));
  }

  /* Draw a chart with these data sets; `words` is the text for those who do not see it. */
  async function draw(id, datasets, words, options = {}) {
    const figure = document.getElementById(id);
    if (!figure) return;
    drawn.set(id, [datasets, words, options]);
    const picture = figure.querySelector(".picture");
    figure.querySelector("figcaption").textContent = words;
    picture.setAttribute("aria-label", words);
    figure.classList.toggle("empty", Boolean(options.empty));
    const list = figure.querySelector(".legend");
    if (options.empty) {
      list.replaceChildren();
      picture.replaceChildren();
      return;
    }
    const spec = structuredClone(chunkbench.charts.specs[figure.dataset.spec]);
    const series = looks(options.series || []);
    spec.datasets = datasets;
    /* Own settings of a chart go before the page's. */
    spec.config = config();
    paint(spec, series);
    if (narrow()) above(spec);
    if (options.title) for (const layer of spec.layer) if (layer.encoding?.y?.field === "value") layer.encoding.y.title = options.title;
    if (options.log) for (const layer of spec.layer) if (layer.encoding?.y?.field === "value") layer.encoding.y.scale = { type: "log", nice: true };
    legend(list, options.legend === false ? new Map() : series);
    const result = await chunkbench.embed(picture, spec, {
      ast: true, actions: false, renderer: "svg", defaultStyle: false,
      tooltip: { disableDefaultStyle: true }, logLevel: 1,
    });
    const mine = picture.querySelector("svg");
    if (mine) mine.setAttribute("aria-hidden", "true");
    figure.dataset.drawn = String(Number(figure.dataset.drawn || 0) + 1);
    picture.view = result.view;
  }

  /* All charts again: the theme or the width has changed. */
  function again() {
    for (const [id, [datasets, words, options]] of drawn) draw(id, structuredClone(datasets), words, options);
  }

  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);

  function withSign(word) {
    const sign = chunkbench.charts.signs[word];
    if (!sign) return document.createTextNode(word);
    const span = document.createElement("span");
    span.className = `v v-${sign === "✕" ? "no-result" : word.replaceAll(" ", "-")}`;
    const mark = document.createElement("span");
    mark.className = "sign";
    mark.setAttribute("aria-hidden", "true");
    mark.textContent = sign;
    span.append(mark, ` ${word}`);
    return span;
  }

  const words = new Set(["executor", "pin", "side", "status", "verdict", "why", "reason", "compared", "part", "run", "when", "case", "newest change", "run after run"]);
  const long = new Set(["why", "reason"]);
  const worded = (name, at, rows) => !long.has(name) || rows.some((cells) => cells[at]);
  /* What may stand on two lines, so that what comes after it is not cut off. */
  const wrapped = new Set(["rounds", "newest", "run"]);

  /* A number's thousands stay on one line. */
  const unbroken = (text) => text.replace(/(\d) (?=\d{3})/g, "$1\u00a0");

  /* A table of cells in `place`, sortable, with its download. */
  function table(place, caption, columns, rows) {
    if (!place) return;
    const made = document.createElement("table");
    made.createCaption().textContent = caption;
    const head = made.createTHead().insertRow();
    /* Where nothing has a reason, no room is left for one. */
    const kept = columns.map((name, at) => worded(name, at, rows));
    for (const name of columns.filter((_, at) => kept[at])) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = name;
      if (words.has(name)) cell.className = "word";
      head.append(cell);
    }
    const body = made.createTBody();
    for (const cells of rows) {
      const row = body.insertRow();
      cells.forEach((text, index) => {
        if (!kept[index]) return;
        const cell = document.createElement(index ? "td" : "th");
        if (!index) cell.scope = "row";
        const name = columns[index];
        if (wrapped.has(name)) cell.className = words.has(name) ? "word wrap" : "wrap";
        else if (!index || words.has(name)) cell.className = long.has(name) && text ? "word long" : "word";
        if (name === "verdict" || name === "status") cell.append(withSign(text));
        else cell.textContent = unbroken(text);
        row.append(cell);
      });
    }
    const scroll = document.createElement("div");
    scroll.className = "scroll";
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", caption);
    scroll.append(made);
    place.replaceChildren(scroll);
    chunkbench.equip(made, place.dataset.name);
  }

  /* Put choices into a select, keeping what was chosen where it is still there. */
  function choices(select, options, preferred) {
    const old = select.options.length ? select.value : null;
    const values = options.map(([value]) => String(value));
    select.replaceChildren(...options.map(([value, label]) => new Option(label, value)));
    select.value = old !== null && values.includes(old) ? old : values.includes(String(preferred)) ? String(preferred) : values[0];
    select.disabled = options.length < 2;
  }

  const unique = (values) => [...new Set(values)];
  const ALL = "";
  const withAll = (values) => (values.length > 1 ? [[ALL, "all"], ...values.map((value) => [value, value])] : values.map((value) => [value, value]));

  chunkbench.explore = { unbroken, draw, table, choices, unique, withAll, ALL };
})();
