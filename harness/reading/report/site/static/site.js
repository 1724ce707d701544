"use strict";
/* What every page has: a place for data, sortable tables, and tables as files. */
const chunkbench = { data: {} };
window.chunkbench = chunkbench;
chunkbench.put = (name, value) => { chunkbench.data[name] = value; };

/* A cell as a number, for sorting: the point of an estimate, in seconds where it has a unit. */
chunkbench.number = (text) => {
  const match = /^(?:[<>]=\s*)?(-?[\d\u00a0\u2009 ]*\.?\d+(?:e[+-]?\d+)?)\s*(ns|µs|ms|s|min|h|KiB|MiB|GiB|TiB|B|%)?(?=$|[\s[(,])/.exec(text.trim());
  if (!match) return null;
  const scale = { ns: 1e-9, "µs": 1e-6, ms: 1e-3, min: 60, h: 3600, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 };
  return Number(match[1].replace(/[\u00a0\u2009 ]/g, "")) * (unitOf(text, match[2], scale));
};

/* "43.2 ms [42.1, 44.0]" has its unit after the point, and "12.0 [9.1, 14] ms" nowhere else. */
function unitOf(text, unit, scale) {
  return unit && scale[unit] ? scale[unit] : 1;
}

function compare(a, b) {
  const x = chunkbench.number(a), y = chunkbench.number(b);
  if (x !== null && y !== null) return x - y;
  if (x !== null) return -1;
  if (y !== null) return 1;
  return a.localeCompare(b);
}

function sortBy(table, index) {
  const heads = [...table.tHead.rows[0].cells];
  const up = heads[index].getAttribute("aria-sort") !== "ascending";
  heads.forEach((head) => head.removeAttribute("aria-sort"));
  heads[index].setAttribute("aria-sort", up ? "ascending" : "descending");
  const body = table.tBodies[0];
  const text = (row) => row.cells[index].textContent.trim();
  /* What is absent stays last whichever way the rest is turned. */
  const rows = [...body.rows].map((row) => [row, text(row)]);
  const there = rows.filter(([, value]) => value !== "-" && value !== "");
  const absent = rows.filter(([, value]) => value === "-" || value === "");
  there.sort((a, b) => (up ? 1 : -1) * compare(a[1], b[1]));
  body.append(...[...there, ...absent].map(([row]) => row));
}

function asCsv(table) {
  const quoted = (text) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  /* A spreadsheet would run a cell that begins like a formula. */
  const safe = (text) => (/^[=+@\t]|^-(?!\d|$)/.test(text) ? `'${text}` : text);
  const cell = (shown) => quoted(safe((shown.dataset.text ?? shown.textContent).trim().replace(/\s+/g, " ")));
  return [...table.rows].map((row) => [...row.cells].map(cell).join(",")).join("\n") + "\n";
}

chunkbench.equip = (table, name) => {
  if (table.dataset.equipped) return;
  table.dataset.equipped = "yes";
  [...table.tHead.rows[0].cells].forEach((head, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent.trim();
    head.dataset.text = button.textContent;
    button.addEventListener("click", () => sortBy(table, index));
    head.replaceChildren(button);
  });
  const tools = document.createElement("p");
  tools.className = "tools";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Download these rows (CSV)";
  button.addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([asCsv(table)], { type: "text/csv" }));
    link.download = `${(name || "table").replace(/[^\w.-]+/g, "-")}.csv`;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  });
  tools.append(button);
  (table.closest(".scroll") || table).after(tools);
};

/* How long ago a run was: the page is looked at long after it was made. */
chunkbench.age = (began, now) => {
  const hours = Math.floor((now - began) / 3600000);
  if (hours < 1) return "in the last hour";
  const [n, noun] = hours < 24 ? [hours, "hour"] : [Math.floor(hours / 24), "day"];
  return `${n} ${noun}${n === 1 ? "" : "s"} ago`;
};

document.addEventListener("DOMContentLoaded", () => {
  /* On a phone the contents would stand before the text. */
  if (window.innerWidth < 1024) document.querySelectorAll(".contents details").forEach((one) => { one.open = false; });
  for (const time of document.querySelectorAll("time.age")) {
    const began = Date.parse(time.dateTime);
    if (began <= Date.now()) time.append(` (${chunkbench.age(began, Date.now())})`);
  }
  for (const table of document.querySelectorAll("table.sortable")) {
    chunkbench.equip(table, table.caption ? table.caption.textContent : "table");
  }
});
