"use strict";
/* The page of history: the file of a machine, workload and figure is loaded when it is chosen. */
document.addEventListener("DOMContentLoaded", () => {
  const { draw, table, choices, unique } = chunkbench.explore;
  const form = document.getElementById("filters");
  const index = chunkbench.data["history-index"];
  const fields = form.elements;
  const root = document.querySelector("link[rel=stylesheet]").getAttribute("href").replace("assets/site.css", "");

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

  let last = 0;
  async function show() {
    const turn = ++last;
    choices(fields.machine, same(index.map((file) => file.machine)));
    choices(fields.workload, same(chosen(["machine"]).map((file) => file.workload)));
    choices(fields.figure, same(chosen(["machine", "workload"]).map((file) => file.figure)), "speedup");
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
    const changed = data.series.findIndex((series) => series.changes.length);
    choices(fields.case, data.series.map((series, at) => [at, series.label + (series.changes.length ? ` (${series.changes.length} changed)` : "")]), Math.max(changed, 0));
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

  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  show();
});
