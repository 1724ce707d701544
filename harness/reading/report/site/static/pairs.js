"use strict";
/* The page of machines: two are chosen, and their comparison alone is shown. */
document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("pairs");
  if (!form) return;
  const { a, b } = form.elements;
  const sections = [...document.querySelectorAll("section.pair")];
  const figure = document.getElementById("ratio");

  /* The picture stands below the conclusion of the two machines that are chosen. */
  function picture(section) {
    if (!figure) return;
    const dots = section ? chunkbench.data.machines[Number(section.dataset.at)] : [];
    if (dots.length) section.querySelector(".verdict").after(figure);
    const said = (dot) => `${dot.label} ${dot.text}`;
    const workloads = dots.slice(1);
    chunkbench.explore.draw("ratio", { dots, one: [{ point: 1 }] }, dots.length
      ? `How many times as long B takes as A: the median case of each workload, and the middle half of its cases. Left of the line at 1 B is faster. ${said(dots[0])}. Least: ${said(workloads[0])}. Most: ${said(workloads.at(-1))}.`
      : "", { empty: !dots.length });
  }

  function show() {
    const wanted = [a.value, b.value].sort();
    let n = 0;
    for (const section of sections) {
      const mine = [section.dataset.a, section.dataset.b].sort();
      section.hidden = mine[0] !== wanted[0] || mine[1] !== wanted[1];
      n += section.hidden ? 0 : 1;
    }
    picture(sections.find((section) => !section.hidden));
    document.getElementById("shown").textContent = a.value === b.value
      ? "Choose two different machines." : n ? "" : "These two are not compared on this page: chunkbench compare does.";
  }

  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  show();
});
