"use strict";
/* The page of one workload: what is chosen decides every picture and every table. */
document.addEventListener("DOMContentLoaded", () => {
  const { draw, table, choices, unique, withAll, ALL } = chunkbench.explore;
  const form = document.getElementById("filters");
  const data = chunkbench.data[form.dataset.key];
  const fields = form.elements;
  const controls = document.getElementById("controls");
  const paired = document.getElementById("paired");
  const MOST = 12;

  const matches = (row) => row.machine === fields.machine.value && row.sweep === fields.sweep.value
    && ["executor", "workers", "pin"].every((name) => fields[name].value === ALL || String(row[name]) === fields[name].value || row[name] === null);

  /* Later choices depend on earlier ones. */
  function fill() {
    choices(fields.machine, unique(data.cases.map((row) => row.machine)).sort().map((name) => [name, name]));
    const here = data.cases.filter((row) => row.machine === fields.machine.value);
    const sweeps = new Map(here.map((row) => [row.sweep, row.sweep_text]));
    const size = (sweep) => here.filter((row) => row.sweep === sweep && row.seconds !== null).length;
    const largest = [...sweeps.keys()].sort((a, b) => size(b) - size(a))[0];
    choices(fields.sweep, [...sweeps].sort((a, b) => b[1].localeCompare(a[1])), largest);
    const mine = here.filter((row) => row.sweep === fields.sweep.value);
    const result = mine.filter((row) => row.seconds !== null);
    const most = Math.max(...result.map((row) => row.workers));
    choices(fields.executor, withAll(unique(mine.map((row) => row.executor)).sort()));
    choices(fields.workers, withAll(unique(mine.map((row) => row.workers)).sort((a, b) => a - b)), result.length ? most : ALL);
    choices(fields.pin, withAll(unique(mine.map((row) => row.pin)).sort()), mine.some((row) => row.pin === "1") ? "1" : ALL);
  }

  function series(rows) {
    const several = (name) => unique(rows.map((row) => row[name])).length > 1;
    const counted = several("workers"), pinned = several("pin");
    return (row) => [row.executor, ...(counted ? [`${row.workers} worker${row.workers === 1 ? "" : "s"}`] : []), ...(pinned ? [`pin ${row.pin}`] : [])].join(", ");
  }

  function baseline(rows) {
    const good = rows.filter((row) => row.baseline_seconds !== null);
    if (!good.length) return [];
    const points = good.map((row) => row.baseline_seconds).sort((a, b) => a - b);
    const middle = good.find((row) => row.baseline_seconds === points[Math.floor(points.length / 2)]);
    return [{
      point: middle.baseline_seconds,
      low: Math.min(...good.map((row) => row.baseline_seconds_low ?? row.baseline_seconds)),
      high: Math.max(...good.map((row) => row.baseline_seconds_high ?? row.baseline_seconds)),
      what: `serial baseline: ${middle.baseline_text} at the median case; the band spans the intervals of all cases`,
    }];
  }

  function fastest(rows, quantity, text, best) {
    const good = rows.filter((row) => row[quantity] !== null);
    if (!good.length) return "No case with a result is chosen.";
    const row = good.reduce((a, b) => (best(a[quantity], b[quantity]) ? a : b));
    return `${row.setup}, chunk ${row.chunk_text}: ${row[text]} (${row.rounds} rounds, ${row.verdict})`;
  }

  function show() {
    fill();
    const rows = data.cases.filter(matches);
    const label = series(rows.filter((row) => row.seconds !== null));
    const named = rows.map((row) => ({ ...row, series: label(row) }));
    const good = named.filter((row) => row.seconds !== null && row.chunk !== null);
    const names = unique(good.map((row) => row.series)).sort();
    const lines = names.length > MOST ? names.slice(0, MOST) : names;
    const cases = good.filter((row) => lines.includes(row.series));
    const edges = data.edges.filter(matches).filter((row) => row.chunk !== null)
      .map((row) => ({ ...row, series: label(row) })).filter((row) => lines.includes(row.series));
    const crossings = edges.filter((row) => row.side !== "best");
    /* Rings: the chunks of each set-up that are not worse than its best by 5 %. */
    const best = cases.flatMap((row) => edges
      .filter((edge) => edge.side === "best" && edge.series === row.series && edge.chunk_low <= row.chunk && row.chunk <= edge.chunk_high)
      .map((edge) => ({ ...row, what: edge.what })));
    const base = baseline(cases);
    const without = rows.length - rows.filter((row) => row.seconds !== null).length;
    const all = data.cases.length;
    document.getElementById("shown").textContent = `${rows.length} of ${all} cases chosen, ${without} of them without a result`
      + (names.length > MOST ? `; the curves show the first ${MOST} of ${names.length} set-ups: choose an executor` : "") + ".";
    const marks = { best, edges: crossings };
    const explained = [
      best.length ? " Ringed: the chunks of a set-up not worse than its best by 5 %." : "",
      crossings.length ? " Dashed upright: break-even chunk of the set-up of that colour." : " No break-even chunk was found.",
    ].join("");
    const shapes = " Marks: triangle up pays, to the right pays against serial, down overhead exceeds gain, square equal, circle undetermined.";
    const empty = !cases.length;
    draw("seconds", { cases, baseline: base, ...marks },
      `Run time of one call of ${data.workload} against chunk size, ${lines.length} set-up${lines.length === 1 ? "" : "s"}, with 95 % intervals. Fastest: ${fastest(cases, "seconds", "time", (a, b) => a < b)}.`
      + (base.length ? ` The line with its band is the ${base[0].what}.` : "") + explained + shapes, { series: lines, empty });
    draw("speedup", { cases, one: [{ point: 1 }], ...marks },
      `Speed-up over the serial baseline, by paired rounds. Best: ${fastest(cases, "speedup", "speedup_text", (a, b) => a > b)}. The line at 1 is the baseline.` + explained + shapes, { series: lines, empty });
    const whole = new Set(["pays", "pays against serial", "overhead exceeds gain", "equal", "undetermined", "skipped"]);
    const grid = data.cases.filter((row) => row.machine === fields.machine.value && row.sweep === fields.sweep.value
      && [ALL, row.executor].includes(fields.executor.value) && [ALL, row.pin].includes(fields.pin.value) && row.chunk !== null)
      .map((row) => ({ ...row, shown: whole.has(row.verdict) ? row.verdict : "no result" }));
    draw("heat", { cases: grid }, `Verdict of each set-up at each chunk size, with its speed-up. ${tally(grid)}. All numbers of workers are shown here.`, { empty: !grid.length });
    table(document.getElementById("cases"), `${data.workload}: ${rows.length} cases`, data.columns.cases, rows.map((row) => row.cells));
    const mine = data.edges.filter(matches);
    table(document.getElementById("edges"), `${data.workload}: break-even and best chunks`, data.columns.edges, mine.map((row) => row.cells));
    pins();
    taken();
    scattered();
  }

  function tally(rows) {
    return Object.keys(chunkbench.charts.signs).map((word) => [word, rows.filter((row) => row.verdict === word).length])
      .filter(([, n]) => n).map(([word, n]) => `${chunkbench.charts.signs[word]} ${word}: ${n}`).join(", ");
  }

  function pins() {
    const rows = data.pins.filter(matches);
    const dots = rows.filter((row) => row.point !== null);
    draw("pins", { dots, one: [{ point: 1 }] }, `${rows.length} comparisons of pins: how many times as fast the first is as the second. ${dots.length ? `Most: ${dots.reduce((a, b) => (a.point > b.point ? a : b)).label}, ${dots.reduce((a, b) => (a.point > b.point ? a : b)).text}; least: ${dots.reduce((a, b) => (a.point < b.point ? a : b)).label}, ${dots.reduce((a, b) => (a.point < b.point ? a : b)).text}.` : "None in this choice."}`, { empty: !dots.length });
    table(document.getElementById("pin-rows"), `${data.workload}: pins compared`, data.columns.pins, rows.map((row) => row.cells));
  }

  function taken() {
    if (!controls) return;
    const rows = data.controls.filter(matches);
    const select = controls.elements.control;
    choices(select, rows.map((row, index) => [row.case, row.case]).concat(rows.length ? [] : [[ALL, "none in this choice"]]));
    const control = rows.find((row) => row.case === select.value);
    if (!control) {
      draw("waterfall", {}, "No case of this choice was taken apart.", { empty: true });
      table(document.getElementById("parts"), "Parts", data.columns.parts, []);
      return;
    }
    const parts = control.parts.map((part) => ({ ...part, right: Math.max(part.end ?? 0, part.start ?? 0, part.high ?? 0) }));
    const room = [{ at: 1.3 * Math.max(...parts.map((part) => part.right)) }];
    draw("waterfall", { parts, room }, `One call of ${data.workload} (${control.case}), part after part: ${control.parts.map((part) => `${part.part} ${part.text}`).join("; ")}.${control.why ? ` ${control.why}.` : ""}`);
    table(document.getElementById("parts"), `${data.workload}, ${control.case}: where the time goes`, data.columns.parts, control.parts.map((part) => [part.part, part.text]));
  }

  const seconds = (value) => {
    const [scale, unit] = value >= 1 ? [1, "s"] : value >= 1e-3 ? [1e-3, "ms"] : [1e-6, "µs"];
    return `${Number((value / scale).toPrecision(3))} ${unit}`;
  };

  /* Every pair of one case: the case in whose interval least is certain is shown first. */
  function scattered() {
    if (!paired) return;
    const rows = chunkbench.data[paired.dataset.key].filter(matches);
    const select = paired.elements.paired;
    const estimates = new Map(data.cases.filter(matches).filter((row) => row.speedup !== null).map((row) => [`${row.setup}, chunk ${row.chunk_text}`, row]));
    const width = (row) => { const known = estimates.get(row.case); return known && known.speedup_low ? known.speedup_high / known.speedup_low : 0; };
    const widest = rows.reduce((a, b) => (a === null || width(b) > width(a) ? b : a), null);
    choices(select, rows.map((row) => [row.case, row.case]).concat(rows.length ? [] : [[ALL, "none in this choice"]]), widest?.case);
    const chosen = rows.find((row) => row.case === select.value);
    if (!chosen) return draw("pairs", {}, "No pair of this choice has a result.", { empty: true });
    const starts = unique(chosen.pairs.map(([block]) => block));
    const name = (block) => `start-up ${starts.indexOf(block) + 1}`;
    const pairs = chosen.pairs.map(([block, round, parallel, serial, parallelFirst, why], index) => ({
      at: index + 1, round, speedup: serial / parallel, series: name(block),
      text: `${Number((serial / parallel).toPrecision(3))}: ${seconds(serial)} the baseline, ${seconds(parallel)} the case`,
      first: parallelFirst ? "the case" : "the baseline", why: why ?? "planned",
    }));
    const known = estimates.get(chosen.case);
    const what = known ? `${known.speedup_text} over ${known.rounds} rounds: ${known.verdict}` : "not known";
    const estimate = known && known.speedup_low !== null
      ? [{ point: known.speedup, low: known.speedup_low, high: known.speedup_high, what }] : [];
    const values = pairs.map((pair) => pair.speedup);
    draw("pairs", { pairs, estimate, one: [{ point: 1 }] },
      `Speed-up of each of the ${pairs.length} pairs of ${data.workload} on ${chosen.case}, in ${starts.length} start-up${starts.length === 1 ? "" : "s"}: from ${Number(Math.min(...values).toPrecision(3))} to ${Number(Math.max(...values).toPrecision(3))}. The band is the estimate with its 95 % interval, ${what}. The line at 1 is the baseline.`,
      { series: starts.map(name) });
  }

  form.addEventListener("change", show);
  if (paired) paired.addEventListener("change", scattered);
  if (controls) controls.addEventListener("change", taken);
  for (const fieldset of [form, controls, paired]) if (fieldset) fieldset.addEventListener("submit", (event) => event.preventDefault());
  show();
});
