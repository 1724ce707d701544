"""The short answer of a comparison: the ratio over all common cases, then what differs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from harness.core import units
from harness.core.records import Verdict
from harness.core.units import plural
from harness.reading.analysis.by_group import records
from harness.reading.analysis.verdict.comparison import (
    DIFFERENT,
    LEVEL,
    MIN_RUNS,
    NOT_JUDGED,
    OverCases,
    over_cases,
)
from harness.reading.report.chapters.side_by_side import METRIC_NAMES, side_cells
from harness.reading.report.shown.cells import Row, absent, estimate, number, text
from harness.reading.report.shown.section import SETUP, Chapter, Section, setup

MOST = 20
"""At most this many differences are listed, the largest."""

_COLUMNS = ("workload", *SETUP, "chunk", "metric", "A", "B", "B/A")
_OPPOSITE = {Verdict.PAYS.value: Verdict.OVERHEAD.value, Verdict.OVERHEAD.value: Verdict.PAYS.value}


def in_short(frame: pd.DataFrame, runs: tuple[int, int]) -> Chapter:
    """Make the short chapter of the table ``comparison``.

    Its heading is the median ratio over all common cases with its middle half; its one section has
    the rows with a difference, the largest first, or says what was judged and found alike.

    Parameters
    ----------
    frame : DataFrame
        Obeys ``schema.COMPARISON``; at least one row.
    runs : tuple of int
        How many runs each side has.
    """
    rows = records(frame)
    judged = [row for row in rows if row["difference"] != NOT_JUDGED and not absent(row["ratio"])]
    found = [row for row in judged if row["difference"] in DIFFERENT]
    found.sort(key=lambda row: -abs(math.log(row["ratio"])))
    notes = [
        *_over_baselines(over_cases(frame, "speedup")),
        *(_judged(judged, found) if judged else [_described(runs)]),
        *_verdicts_that_differ(rows),
    ]
    cells: list[tuple[str, ...]] = [
        (
            text(row["workload"]),
            *setup(row),
            "all" if absent(row["chunk"]) else number(row["chunk"], units.count),
            METRIC_NAMES[str(row["metric"])],
            *side_cells(row),
            estimate(row, "ratio", units.ratio),
        )
        for row in found[:MOST]
    ]
    nothing = "nothing is shown to differ" if judged else "nothing is judged"
    title = "what differs, the largest first" if found else nothing
    return Chapter(headline(frame), [Section(title, _COLUMNS, cells, 0, notes)])


def headline(frame: pd.DataFrame) -> str:
    """Say how much longer B takes than A, over all common cases."""
    over = over_cases(frame, "seconds")
    if over is None:
        return "no common case has a time on both sides"
    number_of_cases = f"{units.count(over.cases)} common case{'s' * (over.cases != 1)}"
    return f"over {number_of_cases} B takes {_spread(over)} as long as A{_half(over)}"


def _over_baselines(over: OverCases | None) -> list[str]:
    if over is None:
        return []
    times = f"on B {_spread(over)} that on A{_half(over)}"
    return [
        f"speed-up over the baseline beside each call, whatever the speed of the machine: {times}"
    ]


def _spread(over: OverCases) -> str:
    return f"{units.ratio(over.median)} times"


def _half(over: OverCases) -> str:
    if over.cases == 1:
        return ""
    return f" (middle half {units.ratio(over.low)} to {units.ratio(over.high)})"


def _described(runs: tuple[int, int]) -> str:
    these = "these two runs" if runs == (1, 1) else f"these {sum(runs)} runs"
    return (
        f"this describes {these} and claims nothing beyond: two runs of the same code differ too; "
        f"measure at least {MIN_RUNS} runs on each side to judge differences"
    )


def _judged(judged: Sequence[Row], found: Sequence[Row]) -> list[str]:
    equal = sum(row["difference"] == "equal" for row in judged)
    open_ = len(judged) - len(found) - equal
    counted = f"{len(found)} differ, {equal} are equal within 5 %, {open_} are undetermined"
    false = f"of those that differ about {100 * (1 - LEVEL):.0f} % may be by chance"
    notes = [f"of {plural(len(judged), 'figure')} judged by the spread between runs {counted}"]
    notes += [false] if found else []
    if len(found) > MOST:
        notes.append(f"{len(found) - MOST} smaller differences are shown with --all")
    return notes


def _verdicts_that_differ(rows: Sequence[Row]) -> list[str]:
    """Name the cases that pay on one side and cost more than they gain on the other."""
    places = [
        f"{text(row['workload'])} on {text(row['executor'])} {text(row['workers'])}/"
        f"{text(row['pin'])} chunk {number(row['chunk'], units.count)}: {text(row['verdict_a'])} "
        f"on A, {text(row['verdict_b'])} on B"
        for row in rows
        if row["metric"] == "speedup"
        and not absent(row["verdict_a"])
        and _OPPOSITE.get(row["verdict_a"]) == row["verdict_b"]
    ]
    shown = [f"verdict within the runs: {place}" for place in places[:MOST]]
    if len(places) > MOST:
        shown.append(f"{len(places) - MOST} more verdicts differ (--all)")
    return shown
