"""Write chapters as plain text for a terminal or a mail."""

from __future__ import annotations

import itertools
import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.reading.report.formats.lined_up import laid_out, least_widths, natural_widths, room
from harness.reading.report.shown.plain import WIDTH, plain_text
from harness.reading.report.shown.section import Chapter, Section

if TYPE_CHECKING:
    from rich.console import RenderableType

_LAST = 14  # the least room for the last column, which wraps: "exceeds gain"


def report(chapters: Iterable[Chapter], width: int = WIDTH, *, whole: bool = True) -> str:
    """Write *chapters* as text of at most *width* columns.

    Parameters
    ----------
    chapters : iterable of Chapter
        What :func:`harness.reading.report.chapters.chapters` gives.
    width : int
    whole : bool
        Keep every column, also where its cells wrap. On a terminal columns are left out instead,
        as each section says, until the others fit; a note names them.
    """
    parts = (part for chapter in chapters for part in _chapter(chapter, width, whole))
    return re.sub(r"\n{3,}", "\n\n", plain_text(parts, width).rstrip()) + "\n"


def _chapter(chapter: Chapter, width: int, whole: bool) -> Iterator[RenderableType]:
    yield f"{chapter.heading}\n{'=' * len(chapter.heading)}"
    for section in chapter.sections:
        yield from _section(section if whole else fitted(section, width), width)
    if not chapter.sections:
        yield chapter.empty
    yield ""


def fitted(section: Section, width: int) -> Section:
    """Leave out columns of *section* until its cells fit into *width* without wrapping, but for
    the last one; never the first one that is shown, nor the last.

    Those go first that the section names as ``spare``, then the rest from the right.
    """
    inner = section.columns[section.fold :]
    order = [*section.spare, *reversed(inner[1:-1])]
    dropped: list[str] = []
    for name in dict.fromkeys(order):
        if _fits(without(section, dropped), width):
            break
        dropped.append(name)
    if not dropped:
        return section
    note = f"left out at this width: {', '.join(name for name in inner if name in dropped)}"
    kept = without(section, dropped)
    return replace(kept, notes=[note, *kept.notes])


def without(section: Section, dropped: Iterable[str]) -> Section:
    """*section* without the columns of these names."""
    left_out = set(dropped)
    kept = [i for i, name in enumerate(section.columns) if name not in left_out]
    rows = [tuple(row[i] for i in kept) for row in section.rows]
    return replace(section, columns=tuple(section.columns[i] for i in kept), rows=rows)


def _fits(section: Section, width: int) -> bool:
    columns = section.columns[section.fold :]
    rows = [columns, *(row[section.fold :] for row in section.rows)]
    *widths, last = natural_widths(rows)
    least = least_widths(rows)[-1]
    return sum(widths) + max(min(last, _LAST), least) <= room(len(columns), width)


def _section(section: Section, width: int) -> Iterator[RenderableType]:
    yield f"\n{_wrapped(section.title, '', '  ', width)}"
    columns = section.columns[section.fold :]
    every = [row[section.fold :] for row in section.rows]
    *widths, _ = natural_widths([columns, *every])
    if sum(widths) + _LAST + 2 * len(columns) > width:
        widths = []  # too wide to line up: every column wraps as it must
    by_setup = itertools.groupby(section.rows, key=lambda row: row[: section.fold])
    for index, (setup, group) in enumerate(by_setup):
        if setup:
            named = (f"{name} {cell}" for name, cell in zip(section.columns[1:], setup[1:]))
            yield f"\n  {', '.join([setup[0], *named])}"
        cells = [row[section.fold :] for row in group]
        yield laid_out(columns, cells, widths, headed=index == 0, width=width)
    for note in section.notes:
        yield _wrapped(note, "  - ", "    ", width)


def _wrapped(line: str, first: str, others: str, width: int) -> str:
    return textwrap.fill(
        line, width, initial_indent=first, subsequent_indent=others, break_on_hyphens=False
    )
