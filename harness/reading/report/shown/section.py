"""The parts of a report: chapters of sections of cells, which every format for people shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.core import units
from harness.reading.report.shown.cells import Row, number, text

SETUP = ("executor", "workers", "pin")
WORDS = frozenset(
    {
        "B is",
        "metric",
        "on A",
        "on B",
        "part",
        "benchmark",
        "compared",
        "change",
        "executor",
        "figure",
        "in words",
        "it pays",
        "job",
        "measured between",
        "pin",
        "question",
        "side",
        "since run",
        "state",
        "status",
        "than claimed",
        "verdict",
        "why",
        "what",
        "what it is",
        "workload",
    }
)
"""Columns of words, which start at the left; all others are numbers."""


@dataclass(frozen=True)
class Section:
    """A titled table of cells; the first ``fold`` columns become sub-headings in text, and those
    named in ``spare`` are left out first where a terminal is too narrow for all."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    fold: int = 0
    notes: list[str] = field(default_factory=list)
    spare: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chapter:
    """One heading with its sections, or with a word where there is nothing to show."""

    heading: str
    sections: list[Section]
    empty: str = "nothing measured yet"


def setup(row: Row) -> tuple[str, str, str]:
    """Write executor, workers and pin as text."""
    pin = text(row.get("pin_shown", row["pin"]))
    return text(row["executor"]), number(row["workers"], units.count), pin


def provenance(row: Row, *, profile: bool = True, run: bool = True) -> str:
    """Say what a row was measured by, for a title: suite, machine, profile and run."""
    words = f"suite {text(row['suite'])} on {text(row['machine'])}"
    if profile:
        words += f", profile {text(row['profile'])}"
    return f"{words}, run {text(row['run'])}" if run else words


def rounds_range(rounds: list[int]) -> str:
    """``"12 rounds"``, ``"9 to 12 rounds"``: how many the cases of a section have."""
    low, high = min(rounds), max(rounds)
    return f"{low} rounds" if low == high else f"{low} to {high} rounds"


def parted(rows: Iterable[Row], keys: Sequence[str]) -> list[list[Row]]:
    """Part *rows* by their values of *keys*, of which one may be absent.

    Returns
    -------
    list of list of mapping
        Parts stand in the order of their first row, and rows keep their order.
    """
    parts: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        parts.setdefault(tuple(row[key] for key in keys), []).append(row)
    return list(parts.values())
