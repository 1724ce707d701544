"""The parts of a report: chapters of sections of cells, which every format for people shows."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from harness.core import units
from harness.reading.report.cells import Row, number, text

THESE = "for these start-ups"
SETUP = ("executor", "workers", "pin")
WORDS = frozenset(
    {
        "B is",
        "metric",
        "part",
        "benchmark",
        "compared",
        "change",
        "executor",
        "figure",
        "in words",
        "job",
        "measured between",
        "pin",
        "question",
        "side",
        "since run",
        "state",
        "status",
        "verdict",
        "why",
        "what it is",
        "workload",
    }
)
"""Columns of words, which start at the left; all others are figures."""


@dataclass(frozen=True)
class Section:
    """A titled table of cells; the first ``fold`` columns become sub-headings in text."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    fold: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Chapter:
    """One heading with its sections, or with a word where there is nothing to show."""

    heading: str
    sections: list[Section]
    empty: str = "nothing measured yet"


def setup(row: Row) -> tuple[str, str, str]:
    """Executor, workers and pin as text."""
    pin = text(row.get("pin_shown", row["pin"]))
    return text(row["executor"]), number(row["workers"], units.count), pin


def rounds_range(rounds: list[int]) -> str:
    """How many rounds the cases of a section have."""
    low, high = min(rounds), max(rounds)
    return f"{low} rounds" if low == high else f"{low} to {high} rounds"


def records(frame: pd.DataFrame) -> list[Row]:
    """The rows of *frame*, as mappings."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
