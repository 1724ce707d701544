"""Write chapters as one HTML page that needs no script, no font and no other file."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from harness.reading.report.shown.section import WORDS, Chapter, Section

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --line: #8a8a8a; --band: #f1f1f1; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e8e8; --paper: #161616; --line: #8a8a8a; --band: #242424; }
}
body { margin: 0 auto; max-width: 75rem; padding: 1rem; color: var(--ink);
  background: var(--paper); font: 1rem/1.5 system-ui, sans-serif; }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: .5rem 0; }
th, td { padding: .25rem .75rem; border-bottom: 1px solid var(--line); text-align: right;
  vertical-align: top; white-space: nowrap; font-weight: normal; }
th.word, td.word { text-align: left; }
td.word { white-space: normal; min-width: 8em; }
thead th { border-bottom-width: 2px; font-weight: 600; }
tbody tr:nth-child(even) { background: var(--band); }
@media print {
  :root { --ink: #000; --paper: #fff; --band: #fff; }
  body { max-width: none; font-size: 8pt; }
  .scroll { overflow: visible; }
  th, td { white-space: normal; padding: .1rem .4rem; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
}
"""


def page(chapters: Iterable[Chapter], title: str = "chunkbench tables") -> str:
    """Write a whole page; every text in it is escaped.

    Parameters
    ----------
    chapters : iterable of Chapter
        What :func:`harness.reading.report.chapters.chapters` gives.
    title : str
        Title of the page.
    """
    body = fragment(chapters)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{escape(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def fragment(chapters: Iterable[Chapter]) -> str:
    """Write the chapters alone, to stand in another page; every text in it is escaped."""
    return "\n".join(_chapter(chapter) for chapter in chapters)


def _chapter(chapter: Chapter) -> str:
    parts = [_section(section) for section in chapter.sections]
    parts = parts or [f"<p>{escape(chapter.empty)}</p>"]
    return "\n".join([f"<section>\n<h2>{escape(chapter.heading)}</h2>", *parts, "</section>"])


def _section(section: Section) -> str:
    head = "".join(f'<th scope="col"{_word(name)}>{escape(name)}</th>' for name in section.columns)
    rows = "\n".join(f"<tr>{_row(section.columns, row)}</tr>" for row in section.rows)
    notes = "".join(f"<li>{escape(note)}</li>\n" for note in section.notes)
    # A table wider than a phone scrolls by itself, also by keyboard, and not the whole page.
    table = (
        f"<table>\n<caption>{escape(section.title)}</caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"
    )
    label = escape(section.title)
    scrolled = (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">\n{table}\n</div>'
    )
    return (scrolled if section.rows else f"<h3>{label}</h3>") + (
        f"\n<ul>\n{notes}</ul>" if notes else ""
    )


def _row(columns: tuple[str, ...], cells: tuple[str, ...]) -> str:
    first, *others = cells
    return f'<th scope="row" class="word">{escape(first)}</th>' + "".join(
        f"<td{_word(name)}>{escape(cell)}</td>" for name, cell in zip(columns[1:], others)
    )


def _word(column: str) -> str:
    return ' class="word"' if column in WORDS else ""
