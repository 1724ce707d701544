"use strict";
/* The page of history: the file of a machine, workload and figure is loaded when it is chosen. What
   follows the # of the address chooses a file and a series: the changes that are listed link so. */
document.addEventListener("DOMContentLoaded", () => {
  const { unbroken, draw, table, choices, unique } = chunkbench.explore;
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

  /* Series that are drawn beside the chosen one; they are of its figure, so that one axis has all. */
  let also = [];
  const MOST = 8;
  const same_series = (a, b) => a.name === b.name && a.at === b.at;

  function toggle(one) {
    const kept = also.filter((other) => !same_series(other, one));
    also = kept.length < also.length ? kept : [...also, one].slice(-MOST);
    show();
  }

  /* The least that tells the drawn series apart: workload and machine only where these differ. */
  function named(drawn) {
    const several = (name) => unique(drawn.map((one) => one.entry[name])).length > 1;
    const more = ["workload", "machine"].filter(several);
    return drawn.map((one) => ({ ...one, label: [...more.map((name) => one.entry[name]), one.series.label].join(", ") }));
  }

  function listed(drawn) {
    document.getElementById("also").replaceChildren(...drawn.slice(1).map((one) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "choose";
      button.textContent = `Leave out ${one.label}`;
      button.addEventListener("click", () => toggle(one));
      item.append(button);
      return item;
    }));
  }

  /* Every series of the chosen figure in a row, those that changed first; a click shows one large,
     and a tick draws it beside the one that is large. */
  function every(entry, data, rows, chosenAt) {
    const newest = (series) => series.points.at(-1)[4];
    const said = (series) => (series.changes.length ? `${series.changes.at(-1)[0].slice(0, 10)} ${series.changes.at(-1)[1]}` : "-");
    table(document.getElementById("every"), `${data.title}: ${rows.length} cases`, ["case", "also draw", "run after run", "newest", "newest change"],
      rows.map(([, series]) => [series.label, "", "", newest(series), said(series)]));
    [...document.querySelectorAll("#every tbody tr")].forEach((line, place) => {
      const [at, series] = rows[place];
      const button = document.createElement("button");
      button.type = "button";
      button.className = "choose";
      button.textContent = unbroken(series.label);
      button.addEventListener("click", () => {
        fields.case.value = String(at);
        show();
        document.getElementById("h-history").scrollIntoView();
      });
      const tick = document.createElement("input");
      tick.type = "checkbox";
      tick.setAttribute("aria-label", `Also draw ${series.label}`);
      tick.disabled = at === chosenAt;
      tick.checked = at === chosenAt || also.some((one) => same_series(one, { name: entry.name, at }));
      tick.addEventListener("change", () => toggle({ name: entry.name, at, figure: entry.figure }));
      line.cells[0].replaceChildren(button);
      line.cells[1].replaceChildren(tick);
      line.cells[2].replaceChildren(spark(series));
      line.cells[4].className = "word long";
    });
  }

  const counted = (entries, turn) => entries.reduce((sum, file) => sum + file[turn], 0);

  /* The choices of a field, of those files that are left by the fields before it; where only what
     got worse is shown, only what has any, and how many. */
  function offer(name, before, preferred) {
    const only = fields.only.value;
    const left = chosen(before).filter((file) => !only || file[only]);
    const files = left.length ? left : chosen(before);
    choices(fields[name], same(files.map((file) => file[name])).map(([value]) => {
      const n = only ? counted(files.filter((file) => file[name] === value), only) : 0;
      const said = name === "figure" ? files.find((file) => file.figure === value).title : value;
      return [value, n ? `${said} (${n} ${only})` : said];
    }), preferred);
  }

  let last = 0;
  async function show() {
    const turn = ++last;
    const active = document.activeElement?.getAttribute("aria-label");
    offer("machine", []);
    offer("workload", ["machine"]);
    offer("figure", ["machine", "workload"], "speedup");
    const only = fields.only.value;
    for (const region of document.querySelectorAll("[data-turn]")) {
      region.hidden = only !== "" && region.dataset.turn !== only;
      if (region.nextElementSibling?.matches(".tools")) region.nextElementSibling.hidden = region.hidden;
    }
    const entry = chosen(["machine", "workload", "figure"])[0];
    document.getElementById("all-runs").setAttribute("href", root + entry.table);
    also = also.filter((one) => one.figure === entry.figure);
    const files = new Map(index.map((file) => [file.name, file]));
    let data;
    try {
      data = await load(entry);
      await Promise.all(also.map((one) => load(files.get(one.name))));
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
      : `${rows.length} of ${all.length} cases, those that got worse first; choose one to see it large, tick others to draw them beside it.`;
    choices(fields.case, rows.map(([at, series]) => [at, series.label + (series.turn ? ` (got ${series.turn})` : "")]), rows[0][0]);
    const at = Number(fields.case.value);
    every(entry, data, rows, at);
    if (active?.startsWith("Also draw")) document.querySelector(`[aria-label="${CSS.escape(active)}"]`)?.focus();
    const drawn = named([{ name: entry.name, at }, ...also.filter((one) => !same_series(one, { name: entry.name, at }))]
      .map((one) => ({ ...one, entry: files.get(one.name), series: chunkbench.data[one.name].series[one.at] })));
    picture(entry, data, drawn);
    listed(drawn);
  }

  function picture(entry, data, drawn) {
    const series = drawn[0].series;
    const points = drawn.flatMap((one) => one.series.points.map(([t, value, low, high, text, rounds, run]) => ({ series: one.label, t, value, low, high, text, rounds, run: chunkbench.data[one.name].runs[run], when: t.slice(0, 16).replace("T", " ") })));
    const levels = drawn.flatMap((one) => one.series.levels.map(([start, end, value, what]) => ({ series: one.label, start, end, value, what })));
    const changes = drawn.flatMap((one) => one.series.changes.map(([t, what]) => ({ series: one.label, t, what })));
    const mine = points.filter((point) => point.series === drawn[0].label);
    const newest = mine.at(-1);
    document.getElementById("shown").textContent = (mine.length < series.n
      ? `${mine.length} of ${series.n} runs are drawn; the Parquet file has all.` : `All ${series.n} runs are drawn.`)
      + (drawn.length > 1 ? ` ${drawn.length} cases are drawn together, at most ${MOST + 1}.` : "");
    const told = drawn.map((one) => `${one.label}: newest ${one.series.points.at(-1)[4]}`).join("; ");
    /* Cases that lie far apart share an axis only where it is logarithmic. */
    const values = points.map((point) => point.value).filter((value) => value !== null);
    const log = drawn.length > 1 && Math.min(...values) > 0 && Math.max(...values) > 5 * Math.min(...values);
    const words = drawn.length > 1
      ? `${data.title} of ${drawn.length} cases${log ? ", on a logarithmic scale" : ""}, run after run. ${told}. `
      : `${data.title} of ${entry.workload} on ${entry.machine}, ${series.label}, run after run. Newest: ${newest.text}, ${newest.rounds} rounds, ${newest.when}. `;
    draw("history", { points, levels, changes }, words
      + (changes.length ? `Changes (dashed): ${changes.map((change) => `${drawn.length > 1 ? `${change.series}: ` : ""}${change.t.slice(0, 10)} ${change.what}`).join("; ")}.` : series.reason || "No change is marked."),
      { title: data.title, series: drawn.map((one) => one.label), legend: drawn.length > 1, log });
    table(document.getElementById("runs"), `${series.label}: ${mine.length} runs`, ["when", data.title, "rounds", "run"],
      mine.map((point) => [point.when, point.text, point.rounds, point.run]).reverse());
  }

  /* Choose what the address names; the choices that depend on one another are filled in between. */
  async function follow() {
    if (window.location.hash === "#worse" || window.location.hash === "#better") {
      fields.only.value = window.location.hash.slice(1);
      await show();
      return;
    }
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

  form.hidden = false;
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", follow);
  show().then(follow);
});
