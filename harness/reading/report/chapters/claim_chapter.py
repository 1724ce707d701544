"""How published claims are shown: the claim, what it says, what was found, and whether it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from harness.core import units
from harness.reading.analysis.beyond.claim_verdicts import Holding
from harness.reading.analysis.by_group import records
from harness.reading.report.shown.cells import ABSENT, Row, absent, estimate, text
from harness.reading.report.shown.section import Chapter, Section, parted, rounds_range

HEADING = "what others published, held against this machine"
_COLUMNS = ("claim", "published", "by their loop", "overhead, paired", "verdict", "than claimed")
_WHY = ("claim", "published", "why")
_LOWER_IS_BETTER = frozenset({"us a task", "time ratio", "% of 100 ms"})
"""Quantities of which less is better; of the others more is."""
_MICRO = re.compile(r"(?<=[\d.]) us\b")
_UNITS = {"us a task": "µs", "tasks/s": "/s", "T1/TP": "×", "time ratio": "×", "% of 100 ms": "%"}
_NOTES = (
    "about: within a factor 2 either way, the range in brackets; the whole interval must lie in it",
    "than claimed: whether what does not hold is better or worse here, and how many times as much",
    "by their loop: time of a call over its tasks, nothing taken off; without one overhead decides",
)


def claims(frame: pd.DataFrame) -> Chapter:
    """Make the chapter of the table ``claims``, with a section for each run."""
    sections = []
    for listed in parted(records(frame), ("machine", "run")):
        title = f"{text(listed[0]['machine'])}, run {text(listed[0]['run'])}"
        judged = [row for row in listed if text(row["verdict"]) != Holding.UNMEASURED]
        others = [row for row in listed if text(row["verdict"]) == Holding.UNMEASURED]
        if judged:
            cells = [_cells(row) for row in judged]
            notes = [_spread(judged), *_NOTES, *_remarks(judged)]
            sections.append(Section(title, _COLUMNS, cells, 1, notes))
        if others:
            why: list[tuple[str, ...]] = [
                (_claim(row), _published(row), text(row["reason"])) for row in others
            ]
            sections.append(
                Section(f"{Holding.UNMEASURED}: {title}", _WHY, why, 1, list(_remarks(others)))
            )
    return Chapter(HEADING, sections)


def _cells(row: Row) -> tuple[str, ...]:
    return (
        _claim(row),
        _published(row),
        _measured(row, "loop"),
        _measured(row, "paired"),
        text(row["verdict"]),
        _direction(row),
    )


def _claim(row: Row) -> str:
    return f"{_MICRO.sub(' µs', text(row['says']))} [{text(row['claim'])}]"


def _published(row: Row) -> str:
    unit = _UNITS[str(row["quantity"])]
    first, last = (_plain(row[name]) for name in ("published", "published_to"))
    figure = f"{row['rule']} {first}{'' if last == ABSENT else f' and {last}'} {unit}"
    if row["rule"] != "about" or absent(row["allowed_low"]):
        return figure
    return f"{figure} ({_plain(row['allowed_low'])} to {_plain(row['allowed_high'])})"


def _direction(row: Row) -> str:
    """Say of a claim that does not hold whether it is better or worse here, and by what factor of
    the end that was published."""
    if text(row["verdict"]) != Holding.FAILS or absent(row["judged"]):
        return ABSENT
    here = row[str(row["judged"])]
    above = not absent(row["allowed_high"]) and here > row["allowed_high"]
    end = row["published_to"] if above and not absent(row["published_to"]) else row["published"]
    worse = above is (row["quantity"] in _LOWER_IS_BETTER)
    return f"{'worse' if worse else 'better'}, {units.ratio(here / end)} times"


def _measured(row: Row, name: str) -> str:
    shown = estimate(row, name, _significant)
    return shown if shown == ABSENT else f"{shown} {_UNITS[str(row['quantity'])]}"


def _plain(value: object) -> str:
    if absent(value):
        return ABSENT
    figure = float(str(value))
    return units.count(figure) if figure >= 1000 else f"{figure:g}"


def _significant(value: float | None) -> str:
    """Show three digits, and thousands in groups."""
    big = value is not None and abs(value) >= 1000
    return units.count(float(f"{value:.3g}")) if big else units.ratio(value)


def _spread(rows: list[Row]) -> str:
    rounds = rounds_range([int(row["rounds"]) for row in rows])
    starts = sorted({int(row["blocks"]) for row in rows})
    many = " or ".join(map(str, starts))
    return f"{rounds} over {many} start-up{'s' if starts != [1] else ''} of each engine"


def _remarks(rows: list[Row]) -> Iterator[str]:
    for row in rows:
        judged = text(row["verdict"]) != Holding.UNMEASURED
        shown = ("reason", "differs") if judged else ("differs",)
        parts = [str(row[name]) for name in shown if not absent(row[name])]
        parts.append(f"source: {text(row['source'])}")
        yield f"{text(row['claim'])}: {'; '.join(parts)}"
