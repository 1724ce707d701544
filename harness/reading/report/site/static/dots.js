"use strict";
/* The page of executors: the machine decides what the pictures and the tables show. */
document.addEventListener("DOMContentLoaded", () => {
  const { draw, choices, unique } = chunkbench.explore;
  const form = document.getElementById("filters");
  const data = chunkbench.data[form.dataset.key];
  const kinds = Object.keys(data);
  const select = form.elements.machine;

  function show() {
    const all = kinds.flatMap((kind) => data[kind].map((row) => row.machine));
    choices(select, unique(all).sort().map((name) => [name, name]));
    let n = 0;
    for (const kind of kinds) {
      const dots = data[kind].filter((row) => row.machine === select.value).map((row) => ({ ...row }));
      n += dots.length;
      const words = dots.length
        ? `${dots.length} set-up${dots.length === 1 ? "" : "s"} on ${select.value}, with 95 % intervals. Least: ${dots[0].label}, ${dots[0].text}. Most: ${dots.at(-1).label}, ${dots.at(-1).text}.`
        : "Not measured on this machine.";
      draw(kind, { dots: dots.filter((row) => row.point > 0) }, words, { empty: !dots.length });
    }
    for (const region of document.querySelectorAll(".scroll:has(table)")) {
      const mine = region.getAttribute("aria-label").endsWith(` on ${select.value}`);
      region.hidden = !mine;
      for (let next = region.nextElementSibling; next && next.matches(".tools, .notes"); next = next.nextElementSibling) next.hidden = !mine;
    }
    document.getElementById("shown").textContent = `${n} figures of ${select.value}.`;
  }

  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  show();
});
