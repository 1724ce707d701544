"""Write finished tables in every format that people or programs read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from harness.core.errors import UnknownNameError, UsageError
from harness.reading.report.chapters import chapters
from harness.reading.report.formats import html, latex, markdown, raw, text_report
from harness.reading.report.formats.parquet_tables import InPieces, to_arrow, write_pieces
from harness.reading.report.shown.section import Chapter

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
    return text_report.report(_all_chapters(tables))


def to_terminal(tables: Tables, width: int) -> str:
    """Write the tables as plain text for a terminal of *width* columns.

    Columns that do not fit are left out, and a note names them; the other formats keep them.
    """
    return text_report.report(_all_chapters(tables), width, whole=False)


def to_markdown(tables: Tables) -> str:
    """Write the tables as GitHub-flavoured Markdown, with the columns of the text."""
    return markdown.document(_all_chapters(tables))


def to_html(tables: Tables) -> str:
    """Write the tables as one HTML page, with the columns of the text."""
    return html.page(_all_chapters(tables))


def to_latex(tables: Tables) -> str:
    """Write the tables as one LaTeX document, with the columns of the text."""
    return latex.document(_all_chapters(tables))


def to_csv(tables: Tables) -> str:
    """Write all columns as raw numbers; of several tables each stands under ``# <name>``."""
    parts = {name: "".join(raw.csv_parts(frame)) for name, frame in tables.items()}
    if len(parts) == 1:
        return next(iter(parts.values()))
    return "\n".join(f"# {name}\n{part}" for name, part in parts.items())


def to_json(tables: Tables) -> str:
    """Write one object, table name to list of rows with all columns; unknown is null."""
    return "".join(raw.json_parts(tables))


def to_records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Turn rows into dicts of plain Python values; ``NA``, ``NaN`` and infinity are ``None``."""
    columns = {str(name): raw.plain_values(column) for name, column in frame.items()}
    return [dict(zip(columns, values)) for values in zip(*columns.values())]


def write(tables: Tables, style: str, folder: Path) -> list[Path]:
    """Write a file for each table to *folder*, in the format *style*; return the paths.

    Raises
    ------
    UnknownNameError
        As :func:`render`.
    """
    written = []
    for name in tables:
        path = folder / f"{name}.{_ENDINGS[style]}"
        if style == PARQUET:
            folder.mkdir(parents=True, exist_ok=True)
            write_pieces(path, name, _pieces(tables, name))
        else:
            parts = _parts(name, tables[name], style)
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("w", encoding="utf-8") as file:
                file.writelines(parts)
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


def _pieces(tables: Tables, name: str) -> Iterable[pa.Table]:
    return tables.pieces(name) if isinstance(tables, InPieces) else [to_arrow(name, tables[name])]


def _parts(name: str, frame: pd.DataFrame, style: str) -> Iterable[str]:
    """Give the text of a file, of a table with millions of rows part by part."""
    if style == "csv":
        return raw.csv_parts(frame)
    if style == "json":
        return raw.json_parts({name: frame})
    return [render({name: frame}, style)]


def _all_chapters(tables: Tables) -> list[Chapter]:
    shown = [chapter for name, frame in tables.items() for chapter in chapters(name, frame)]
    unpaired = any(chapter.heading.startswith("unpaired") for chapter in shown)
    if unpaired and not any(chapter.heading == "cases" and chapter.sections for chapter in shown):
        # Of timings alone, what can only be made of pairs would be one empty heading each.
        shown = [chapter for chapter in shown if chapter.sections]
    # What carries no verdict comes last.
    return sorted(shown, key=lambda chapter: chapter.heading.startswith("unpaired"))
