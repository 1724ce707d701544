"""How the table ``break_even`` is shown: chunks at which a verdict changes, and the best one."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from harness.core import units
from harness.reading.analysis.by_group import records
from harness.reading.report.chapters.by_problem import label, remarks_on, sections
from harness.reading.report.shown.cells import ABSENT, Row, absent, estimate, number, saving, text
from harness.reading.report.shown.section import SETUP, Chapter, Section, setup

_COLUMNS = (*SETUP, "side", "status", "chunk", "measured between")


def break_even(frame: pd.DataFrame) -> Chapter:
    """Make the chapter of the table ``break_even``."""
    return Chapter("break-even chunks", list(sections(records(frame), _section)))


def _section(title: str, rows: list[Row]) -> Section:
    cells: list[tuple[str, ...]] = [
        (
            *setup(row),
            text(row["side"]),
            text(row["status"]),
            estimate(row, "chunk", units.count),
            _bracket(row),
        )
        for row in rows
    ]
    reasons: dict[str, list[str]] = {}
    for row in rows:
        if not absent(row["reason"]) and row["reason"] and row["status"] != "found":
            reasons.setdefault(str(row["reason"]), []).append(f"{label(row)} {text(row['side'])}")
    notes = [f"{', '.join(where)}: {reason}" for reason, where in reasons.items()]
    if any(row["side"] == "best" and row["status"] == "found" for row in rows):
        notes.append(
            "best: of the chunks not worse than the best by 5 %, in brackets, the one with most "
            "tasks, so least memory"
        )
    return Section(title, _COLUMNS, cells, len(SETUP), [*notes, *_refinement(rows)])


def _bracket(row: Row) -> str:
    low, high = (number(row[name], units.count) for name in ("bracket_low", "bracket_high"))
    if ABSENT not in (low, high):
        return f"{low} and {high}"
    if low == high:
        return ABSENT
    return f"above {low}" if high == ABSENT else f"below {high}"


def _refinement(rows: list[Row]) -> list[str]:
    """Say what the sweep measured beyond its grid."""
    best = [row for row in rows if text(row["side"]) == "best"]
    added: list[Row] = [{**row, "chunk": None} for row in best if not absent(row["chunks_added"])]
    again = [row for row in best if not absent(row["fresh_speedup"])]
    return [*remarks_on(added, _added), *remarks_on(again, _again)]


def _added(row: Row) -> Iterator[str]:
    yield saving(int(row["chunks_added"]), int(row["pairs_saved"]))


def _again(row: Row) -> Iterator[str]:
    judged = "" if row["confirmed"] else ", which does not confirm its verdict"
    if absent(row["confirmed"]):
        few = absent(row["fresh_speedup_low"])
        judged = ", too few to judge" if few else ", with no verdict to confirm"
    speedup = estimate(row, "fresh_speedup", units.ratio)
    yield f"speed-up of the best chunk in fresh rounds: {speedup}{judged}"
