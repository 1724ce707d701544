"""How the table ``break_even_work`` is shown: the work of an item from which on it pays."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from harness.core import units
from harness.reading.analysis.by_group import records_by
from harness.reading.report.shown.cells import ABSENT, Row, estimate, number, text
from harness.reading.report.shown.section import Chapter, Section

_COLUMNS = ("executor", "workers", "pin", "chunks", "status", "work an item", "measured between")
_WORDS = 5


def break_even_work(frame: pd.DataFrame) -> list[Chapter]:
    """Make the chapter of the table ``break_even_work``; none where no family was measured."""
    if frame.empty:
        return []
    groups = records_by(frame, ["machine", "run", "family"])
    sections = [_section(", ".join(map(str, key)), rows) for key, rows in groups.items()]
    return [Chapter("break-even in work an item", sections)]


def _section(title: str, rows: Sequence[Row]) -> Section:
    cells: list[tuple[str, ...]] = [
        (
            *(text(row[name]) for name in ("executor", "workers", "pin", "chunks", "status")),
            estimate(row, "work_us", _work),
            _bracket(row),
        )
        for row in rows
    ]
    return Section(
        title, _COLUMNS, cells, _WORDS, [*dict.fromkeys(row["sentence"] for row in rows)]
    )


def _bracket(row: Row) -> str:
    low, high = (number(row[f"bracket_{end}_us"], _work) for end in ("low", "high"))
    return ABSENT if low == high == ABSENT else f"{low} and {high}"


def _work(microseconds: float | None) -> str:
    return units.seconds(None if microseconds is None else microseconds * 1e-6)
