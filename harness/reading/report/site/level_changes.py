"""Changes of level: whether each is for the better, its row, its words, and a small picture."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from harness.core import units
from harness.reading.report.figures.saving import slug
from harness.reading.report.shown.cells import ABSENT, absent, estimate, text
from harness.reading.report.site.words import setup_words

SHOWN: dict[str, tuple[str, Any, float]] = {
    "speedup": ("speed-up over the baseline", units.ratio, 1.0),
    "seconds": ("time of one call (s)", units.seconds, 1.0),
    "overhead_us_per_task": ("overhead per task (s)", units.seconds, 1e-6),
    "break_even": ("break-even chunk (elements)", units.count, 1.0),
    "metg": ("smallest efficient task, METG (s)", units.seconds, 1.0),
}
"""Figure to its title, format and scale."""

Lists = dict[str, list[Any]]
"""Columns of a table as plain lists of one length."""

SPARK = (120, 24)
"""Width and height of the small picture of a series."""

HIGHER_IS_BETTER = frozenset({"speedup"})
"""Of all figures the ones that are better the higher they are."""


class Moment(NamedTuple):
    """When figures changed: at a commit, or on a day where the commit stayed the same.

    Attributes
    ----------
    name : str
        Of its page, without ending.
    title : str
        In words: ``"at commit 1a2b3c4d"``, ``"on 2026-11-25"``.
    day : str
        The first day on which it was measured.
    commit : str
        Empty where the commit stayed the same.
    """

    name: str
    title: str
    day: str
    commit: str

    @classmethod
    def of(cls, rows: Lists, at: int) -> Moment:
        """That of the run at place *at* of a series, a run after another one."""
        day, commits = text(rows["t"][at])[:10], rows.get("commit", [])
        before, commit = commits[at - 1 : at + 1] if commits and at else (None, None)
        if absent(before) or absent(commit) or before == commit:
            return cls(day, f"on {day}", day, "")
        short = text(commit)[:8]
        return cls(f"commit-{slug(short)}", f"at commit {short}", day, text(commit))


class ChartPlace(NamedTuple):
    """Where a change is drawn: the file and series that the page loads, and a small picture of it.

    ``points`` are those of a line in a box of :data:`SPARK`, ``at`` is where the level changed.
    ``before`` and ``after`` are the two levels, ``moment`` is when it was.
    """

    file: str
    series: int
    points: str
    at: float
    before: str
    after: str
    moment: Moment


class ToldChange(NamedTuple):
    """A change of level in short: whether it is for the worse, what it is, and how large."""

    worse: bool
    words: str
    size: float
    row: tuple[str, ...]

    @classmethod
    def of(cls, row: tuple[str, ...]) -> ToldChange:
        """From a row of :attr:`WrittenHistory.section`."""
        since, machine, workload, executor, figure, became, ratio, versions = row
        worse = (became == "higher") is not (figure in HIGHER_IS_BETTER)
        title = SHOWN[figure][0].partition(" (")[0]
        return cls(
            worse,
            f"{workload} on {executor}, {machine}: {title} is {ratio} times what it was, since "
            f"{since}{_versions(versions)}",
            _size(ratio),
            row,
        )


def _size(ratio: str) -> float:
    """How far a ratio that is shown as ``"1.40 [1.31, 1.52]"`` lies from 1, either way."""
    point = ratio.partition(" ")[0]
    return 0.0 if point in (ABSENT, "0") else abs(math.log(float(point)))


class LevelChange(NamedTuple):
    """A change: its place among the runs of its series, its row for people, its words, the levels
    before and after it, and when it was."""

    at: int
    row: tuple[str, ...]
    turn: str
    words: str
    before: str
    after: str
    moment: Moment


def level_changes(rows: Lists, figure: str) -> Iterator[LevelChange]:
    """Yield each change of level of a series, oldest first.

    Parameters
    ----------
    rows : dict of str to list
        Columns of ``schema.HISTORY`` of one series, by time.
    figure : str
        One of :data:`SHOWN`.
    """
    for at, change in enumerate(rows.get("change", [])):
        if absent(change):
            continue
        this = {name: values[at] for name, values in rows.items()}
        linked = this.get("linked_versions")
        row = (
            minute(this["t"]),
            text(this["machine"]),
            text(this["workload"]),
            setup_words(this),
            figure,
            text(change),
            estimate(this, "ratio", units.ratio),
            "none" if absent(linked) or not linked else text(linked),
        )
        turn = "worse" if ToldChange.of(row).worse else "better"
        words = f"{turn}, {row[5]}: {row[6]} times the level before{_versions(row[7])}"
        before = {name: values[max(0, at - 1)] for name, values in rows.items()}
        _, show, scale = SHOWN[figure]
        was, is_now = (estimate(run, "level", show, scale) for run in (before, this))
        yield LevelChange(at, row, turn, words, was, is_now, Moment.of(rows, at))


def minute(t: object) -> str:
    """Write a moment up to its minute: ``"2026-11-25 22:40"``."""
    return text(t)[:16].replace("T", " ")


def spark(points: list[Any], since: object) -> tuple[str, float]:
    """Draw a series small: the points of a line in a box of :data:`SPARK`, and where *since* is.

    Parameters
    ----------
    points : list of list
        As the page has them: time and value first.
    since : str
        The time of one of them.
    """
    width, height = SPARK
    known = [(t, value) for t, value, *_ in points if value is not None]
    values = [value for _, value in known]
    low, high = min(values), max(values)
    across = width / max(1, len(known) - 1)
    up = (height - 4) / (high - low) if high > low else 0.0
    line = " ".join(
        f"{at * across:.1f},{height - 2 - (value - low) * up:.1f}"
        for at, value in enumerate(values)
    )
    return line, next((at * across for at, (t, _) in enumerate(known) if t == since), 0.0)


def _versions(versions: str) -> str:
    return "" if versions == "none" else f"; changed: {versions}"
