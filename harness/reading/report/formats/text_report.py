"""Write chapters as plain text for a terminal or a mail."""

from __future__ import annotations

import itertools
import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from harness.reading.report.formats.lined_up import laid_out, natural_widths
from harness.reading.report.shown.plain import WIDTH, plain_text
from harness.reading.report.shown.section import Chapter, Section

if TYPE_CHECKING:
    from rich.console import RenderableType

_LAST = 14  # the least room for the last column, which wraps: "exceeds gain"


def report(chapters: Iterable[Chapter]) -> str:
    """Write *chapters* as text of at most 100 columns.

    Parameters
    ----------
    chapters : iterable of Chapter
        What :func:`harness.reading.report.chapters.chapters` gives.
    """
    parts = (part for chapter in chapters for part in _chapter(chapter))
    return re.sub(r"\n{3,}", "\n\n", plain_text(parts).rstrip()) + "\n"


def _chapter(chapter: Chapter) -> Iterator[RenderableType]:
    yield f"{chapter.heading}\n{'=' * len(chapter.heading)}"
    for section in chapter.sections:
        yield from _section(section)
    if not chapter.sections:
        yield chapter.empty
    yield ""


def _section(section: Section) -> Iterator[RenderableType]:
    yield f"\n{_wrapped(section.title, '', '  ')}"
    columns = section.columns[section.fold :]
    every = [row[section.fold :] for row in section.rows]
    *widths, _ = natural_widths([columns, *every])
    if sum(widths) + _LAST + 2 * len(columns) > WIDTH:
        widths = []  # too wide to line up: every column wraps as it must
    by_setup = itertools.groupby(section.rows, key=lambda row: row[: section.fold])
    for index, (setup, group) in enumerate(by_setup):
        if setup:
            named = (f"{name} {cell}" for name, cell in zip(section.columns[1:], setup[1:]))
            yield f"\n  {', '.join([setup[0], *named])}"
        yield laid_out(columns, [row[section.fold :] for row in group], widths, headed=index == 0)
    for note in section.notes:
        yield _wrapped(note, "  - ", "    ")


def _wrapped(line: str, first: str, others: str) -> str:
    return textwrap.fill(line, WIDTH, initial_indent=first, subsequent_indent=others)
