"use strict";
/* The page of machines: two are chosen, and their comparison alone is shown. */
document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("pairs");
  if (!form) return;
  const { a, b } = form.elements;
  const sections = [...document.querySelectorAll("section.pair")];

  function show() {
    const wanted = [a.value, b.value].sort();
    let n = 0;
    for (const section of sections) {
      const mine = [section.dataset.a, section.dataset.b].sort();
      section.hidden = mine[0] !== wanted[0] || mine[1] !== wanted[1];
      n += section.hidden ? 0 : 1;
    }
    document.getElementById("shown").textContent = a.value === b.value
      ? "Choose two different machines." : n ? "" : "These two are not compared on this page: chunkbench compare does.";
  }

  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  show();
});
