"""Write finished tables in every format that people or programs read."""

from __future__ import annotations

import itertools
import json
import math
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from rich import box
from rich.console import RenderableType
from rich.table import Table

from harness.core.errors import UnknownNameError, UsageError
from harness.reading.report.chapters import chapters
from harness.reading.report.formats import html, latex
from harness.reading.report.shown.cells import absent
from harness.reading.report.shown.plain import WIDTH, plain_text
from harness.reading.report.shown.section import WORDS, Chapter, Section

_LAST = 14  # the least room for the last column, which wraps: "exceeds gain"

Tables = Mapping[str, pd.DataFrame]
"""Table name to frame, in the order in which they are shown."""


def render(tables: Tables, style: str) -> str:
    """Write *tables* in the format *style*, one of :data:`FORMATS`.

    Raises
    ------
    UnknownNameError
        Where there is no such format, or a format for people has no layout for a table.
    UsageError
        Where the format is binary.
    """
    if style == PARQUET:
        raise UsageError("parquet is binary, one file a table: say where with --out FOLDER")
    if style not in FORMATS:
        raise UnknownNameError("format", style, [*FORMATS, PARQUET])
    return FORMATS[style](tables)


def to_text(tables: Tables) -> str:
    """Write the tables as plain text of at most 100 columns."""
    parts = (part for chapter in _all_chapters(tables) for part in _text_of_chapter(chapter))
    return re.sub(r"\n{3,}", "\n\n", plain_text(parts).rstrip()) + "\n"


def to_markdown(tables: Tables) -> str:
    """Write the tables as GitHub-flavoured Markdown, with the columns of the text."""
    parts = []
    for chapter in _all_chapters(tables):
        parts.append(f"## {chapter.heading}")
        parts.extend(_markdown_section(section) for section in chapter.sections)
        if not chapter.sections:
            parts.append(chapter.empty)
    return "\n\n".join(parts) + "\n"


def to_html(tables: Tables) -> str:
    """Write the tables as one HTML page, with the columns of the text."""
    return html.page(_all_chapters(tables))


def to_latex(tables: Tables) -> str:
    """Write the tables as one LaTeX document, with the columns of the text."""
    return latex.document(_all_chapters(tables))


def to_csv(tables: Tables) -> str:
    """Write all columns as raw numbers; of several tables each stands under ``# <name>``."""
    parts = {name: frame.to_csv(index=False, lineterminator="\n") for name, frame in tables.items()}
    if len(parts) == 1:
        return next(iter(parts.values()))
    return "\n".join(f"# {name}\n{part}" for name, part in parts.items())


def to_json(tables: Tables) -> str:
    """Write one object, table name to list of rows with all columns; unknown is null."""
    content = {name: to_records(frame) for name, frame in tables.items()}
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def to_records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Turn rows into dicts of plain Python values; ``NA``, ``NaN`` and infinity are ``None``."""
    columns = {
        str(name): [_plain(value) for value in frame[name].tolist()] for name in frame.columns
    }
    return [dict(zip(columns, values)) for values in zip(*columns.values())]


def write(tables: Tables, style: str, folder: Path) -> list[Path]:
    """Write a file for each table to *folder*, in the format *style*; return the paths.

    Raises
    ------
    UnknownNameError
        As :func:`render`.
    """
    written = []
    for name, frame in tables.items():
        text = None if style == PARQUET else render({name: frame}, style)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.{_ENDINGS[style]}"
        if text is None:
            frame.to_parquet(path, index=False)
        else:
            path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


PARQUET = "parquet"
"""The one format that is no text, and so is written to files only."""

_ENDINGS = {
    "text": "txt",
    "csv": "csv",
    "markdown": "md",
    "latex": "tex",
    "html": "html",
    "json": "json",
    PARQUET: "parquet",
}

FORMATS: dict[str, Callable[[Tables], str]] = {
    "text": to_text,
    "csv": to_csv,
    "markdown": to_markdown,
    "latex": to_latex,
    "html": to_html,
    "json": to_json,
}


def _all_chapters(tables: Tables) -> list[Chapter]:
    shown = [chapter for name, frame in tables.items() for chapter in chapters(name, frame)]
    # What carries no verdict comes last.
    return sorted(shown, key=lambda chapter: chapter.heading.startswith("unpaired"))


def _plain(value: object) -> object:
    if absent(value) or (isinstance(value, float) and math.isinf(value)):
        return None
    return value


def _text_of_chapter(chapter: Chapter) -> Iterator[RenderableType]:
    yield f"{chapter.heading}\n{'=' * len(chapter.heading)}"
    for section in chapter.sections:
        yield from _text_of_section(section)
    if not chapter.sections:
        yield chapter.empty
    yield ""


def _text_of_section(section: Section) -> Iterator[RenderableType]:
    yield f"\n{_wrapped(section.title, '', '  ')}"
    columns = section.columns[section.fold :]
    cells = [columns, *(row[section.fold :] for row in section.rows)]
    widths = [max(map(len, column)) for column in zip(*cells)]
    if sum(widths[:-1]) + _LAST + 2 * len(widths) > WIDTH:
        widths = [0] * len(widths)  # too wide to line up: every column wraps as it must
    by_setup = itertools.groupby(section.rows, key=lambda row: row[: section.fold])
    for index, (setup, rows) in enumerate(by_setup):
        if setup:
            named = (f"{name} {cell}" for name, cell in zip(section.columns[1:], setup[1:]))
            yield f"\n  {', '.join([setup[0], *named])}"
        table = Table(box=box.SIMPLE_HEAD, show_header=index == 0, padding=(0, 1, 0, 0))
        for name, width in zip(columns, [*widths[:-1], 0]):
            justify: Literal["left", "right"] = "left" if name in WORDS else "right"
            # Of columns that may wrap, rich narrows the widest: so only the last one may.
            table.add_column(
                name, justify=justify, min_width=width, no_wrap=width > 0, overflow="fold"
            )
        for row in rows:
            table.add_row(*row[section.fold :])
        yield table
    for note in section.notes:
        yield _wrapped(note, "  - ", "    ")


def _wrapped(line: str, first: str, others: str) -> str:
    return textwrap.fill(line, WIDTH, initial_indent=first, subsequent_indent=others)


def _markdown_section(section: Section) -> str:
    lines = [section.columns, tuple("---" for _ in section.columns), *section.rows]
    table = "\n".join(f"| {' | '.join(map(_escaped, cells))} |" for cells in lines)
    notes = "".join(f"\n- {_escaped(note)}" for note in section.notes)
    return f"### {_escaped(section.title)}\n\n{table}" + (f"\n{notes}" if notes else "")


def _escaped(cell: str) -> str:
    return " ".join(cell.replace("|", "\\|").replace("<", "&lt;").split())
