"use strict";
/* The page of history: the file of a machine, workload and figure is loaded when it is chosen. What
   follows the # of the address chooses a file and a series: the changes that are listed link so. */
document.addEventListener("DOMContentLoaded", () => {
  const { draw, table, choices, unique } = chunkbench.explore;
  const form = document.getElementById("filters");
  const index = chunkbench.data["history-index"];
  const fields = form.elements;
  const root = document.querySelector("link[rel=stylesheet]").getAttribute("href").replace("assets/site.css", "");
  const svg = "http://www.w3.org/2000/svg";

  const chosen = (upTo) => index.filter((file) => upTo.every((name) => file[name] === fields[name].value));
  const same = (values) => unique(values).sort().map((name) => [name, name]);

  function load(entry) {
    if (chunkbench.data[entry.name]) return Promise.resolve(chunkbench.data[entry.name]);
    return new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = root + entry.file;
      script.onload = () => done(chunkbench.data[entry.name]);
      script.onerror = () => failed(new Error(`${entry.file} is missing`));
      document.head.append(script);
    });
  }

  /* A series as a line in a small box, and where its level changed. */
  function spark(series) {
    const known = series.points.filter(([, value]) => value !== null);
    const values = known.map(([, value]) => value);
    const low = Math.min(...values), high = Math.max(...values);
    const x = (at) => (at * 120) / Math.max(1, values.length - 1);
    const y = (value) => 22 - (high > low ? ((value - low) * 20) / (high - low) : 0);
    const picture = document.createElementNS(svg, "svg");
    picture.setAttribute("class", "spark");
    picture.setAttribute("viewBox", "0 0 120 24");
    picture.setAttribute("aria-hidden", "true");
    const put = (name, attributes) => {
      const one = document.createElementNS(svg, name);
      for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
      picture.append(one);
    };
    for (const [t] of series.changes) {
      const at = x(known.findIndex(([when]) => when === t));
      put("line", { x1: at, x2: at, y1: 0, y2: 24 });
    }
    put("polyline", { points: values.map((value, at) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(" ") });
    return picture;
  }

  /* Every series of the chosen figure in a row, those that changed first; a click shows one large. */
  function every(data, rows) {
    const newest = (series) => series.points.at(-1)[4];
    const said = (series) => (series.changes.length ? `${series.changes.at(-1)[0].slice(0, 10)} ${series.changes.at(-1)[1]}` : "-");
    table(document.getElementById("every"), `${data.title}: ${rows.length} cases`, ["case", "run after run", "newest", "newest change"],
      rows.map(([, series]) => [series.label, "", newest(series), said(series)]));
    [...document.querySelectorAll("#every tbody tr")].forEach((line, place) => {
      const [at, series] = rows[place];
      const button = document.createElement("button");
      button.type = "button";
      button.className = "choose";
      button.textContent = series.label;
      button.addEventListener("click", () => {
        fields.case.value = String(at);
        show();
        document.getElementById("h-history").scrollIntoView();
      });
      line.cells[0].replaceChildren(button);
      line.cells[1].replaceChildren(spark(series));
      line.cells[3].className = "word long";
    });
  }

  let last = 0;
  async function show() {
    const turn = ++last;
    choices(fields.machine, same(index.map((file) => file.machine)));
    choices(fields.workload, same(chosen(["machine"]).map((file) => file.workload)));
    choices(fields.figure, same(chosen(["machine", "workload"]).map((file) => file.figure)), "speedup");
    const only = fields.only.value;
    for (const region of document.querySelectorAll("[data-turn]")) {
      region.hidden = only !== "" && region.dataset.turn !== only;
      if (region.nextElementSibling?.matches(".tools")) region.nextElementSibling.hidden = region.hidden;
    }
    const entry = chosen(["machine", "workload", "figure"])[0];
    document.getElementById("all-runs").setAttribute("href", root + entry.table);
    let data;
    try {
      data = await load(entry);
    } catch (error) {
      document.getElementById("shown").textContent = error.message;
      return;
    }
    if (turn !== last) return;
    const order = { worse: 0, better: 1, "": 2 };
    const all = data.series.map((series, at) => [at, series]).sort((a, b) => order[a[1].turn] - order[b[1].turn]);
    const turned = only ? all.filter(([, series]) => series.turn === only) : all;
    const rows = turned.length ? turned : all;
    document.getElementById("every-said").textContent = only && !turned.length
      ? `No case of this figure got ${only}; all of them are shown.`
      : `${rows.length} of ${all.length} cases, those that got worse first; choose one to see it large.`;
    choices(fields.case, rows.map(([at, series]) => [at, series.label + (series.turn ? ` (got ${series.turn})` : "")]), rows[0][0]);
    every(data, rows);
    const series = data.series[Number(fields.case.value)];
    const points = series.points.map(([t, value, low, high, text, rounds, run]) => ({ t, value, low, high, text, rounds, run: data.runs[run], when: t.slice(0, 16).replace("T", " ") }));
    const levels = series.levels.map(([start, end, value, what]) => ({ start, end, value, what }));
    const changes = series.changes.map(([t, what]) => ({ t, what }));
    const newest = points.at(-1);
    document.getElementById("shown").textContent = points.length < series.n
      ? `${points.length} of ${series.n} runs are drawn; the Parquet file has all.` : `All ${series.n} runs are drawn.`;
    draw("history", { points, levels, changes },
      `${data.title} of ${fields.workload.value} on ${fields.machine.value}, ${series.label}, run after run. Newest: ${newest.text}, ${newest.rounds} rounds, ${newest.when}. `
      + (changes.length ? `Changes (dashed): ${changes.map((change) => `${change.t.slice(0, 10)} ${change.what}`).join("; ")}.` : series.reason || "No change is marked."),
      { title: data.title });
    table(document.getElementById("runs"), `${series.label}: ${points.length} runs`, ["when", data.title, "rounds", "run"],
      points.map((point) => [point.when, point.text, point.rounds, point.run]).reverse());
  }

  /* Choose what the address names; the choices that depend on one another are filled in between. */
  async function follow() {
    const [, name, at] = /^#(.+)\/(\d+)$/.exec(window.location.hash) ?? [];
    const entry = index.find((file) => file.name === name);
    if (!entry) return;
    fields.only.value = "";
    for (const field of ["machine", "workload", "figure"]) {
      fields[field].value = entry[field];
      await show();
    }
    fields.case.value = at;
    await show();
    document.getElementById("h-history").scrollIntoView();
  }

  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", follow);
  show().then(follow);
});
