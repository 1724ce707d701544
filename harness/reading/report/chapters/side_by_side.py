"""How comparisons are shown: of cases with one another, and of machines or runs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import pandas as pd

from harness.core import units
from harness.reading.analysis.by_group import records
from harness.reading.analysis.verdict.contrasts import PIN, PRACTICE, THREADS_OR_PROCESSES
from harness.reading.analysis.verdict.scope import THESE
from harness.reading.report.shown.cells import (
    Row,
    absent,
    estimate,
    not_generalised,
    number,
    text,
)
from harness.reading.report.shown.section import (
    SETUP,
    Chapter,
    Section,
    parted,
    provenance,
    rounds_range,
    setup,
)
from harness.reading.report.words.contrast_words import sides

_CONTRASTS: dict[str, tuple[Any, ...]] = {
    PRACTICE: (("executor", "workers", "pin"), "chunk"),
    PIN: (("workload", "executor", "workers"), "chunk"),
    THREADS_OR_PROCESSES: (("workload", "workers", "pin"),),
}
"""By kind of comparison: what becomes a sub-heading, and which columns stand beside it."""
METRIC_NAMES = {
    "speedup": "speed-up",
    "seconds": "time",
    "overhead_us_per_task": "overhead per task",
}
"""The metrics of a comparison of machines or runs, in words."""

_SHOWN: dict[str, tuple[Callable[[float | None], str], float]] = {
    "speedup": (units.ratio, 1.0),
    "seconds": (units.seconds, 1.0),
    "overhead_us_per_task": (units.seconds, 1e-6),
}
_COMPARISON = (*SETUP, "chunk", "metric", "A", "B", "B/A", "B is")


def contrasts(frame: pd.DataFrame) -> Chapter:
    """Make the chapter of the table ``contrasts``."""
    kinds = parted(records(frame), ("run", "kind"))
    return Chapter("contrasts", [_contrast(rows) for rows in kinds])


def answers(frame: pd.DataFrame) -> Chapter:
    """Make the chapter of the table ``answers``."""
    by_run = parted(records(frame), ("run",))
    return Chapter("answers", [_answer(rows) for rows in by_run])


def comparison(frame: pd.DataFrame) -> Chapter:
    """Make the chapter of the table ``comparison``."""
    groups = parted(records(frame), ("workload", "size"))
    return Chapter("comparison", [_compared_sides(rows) for rows in groups])


def _contrast(rows: list[Row]) -> Section:
    first = rows[0]
    keys, *others = _CONTRASTS[str(first["kind"])]
    cells: list[tuple[str, ...]] = [
        (
            *(
                number(row[key], units.count) if key == "workers" else text(row[key])
                for key in keys
            ),
            _compared(row),
            *(number(row[key], units.count) for key in others),
            estimate(row, "ratio", units.ratio),
            text(row["verdict"]),
        )
        for row in sorted(rows, key=lambda row: [row[key] for key in (*keys, "workload", "chunk")])
    ]
    title = f"{first['kind']}: {provenance(first, profile=False)}"
    columns = (*keys, "compared", *others, "times as fast", "verdict")
    note = "times as fast: the time of the second over the time of the first, round by round"
    notes = [note, rounds_range([int(row["rounds"]) for row in rows])]
    launches = [int(row["blocks"]) for row in rows if row["rounds"]]
    if launches and all(text(row["scope"]) == THESE for row in rows):
        notes.append(f"verdicts {not_generalised(launches)}")
    return Section(title, columns, cells, len(keys), notes)


def _compared(row: Row) -> str:
    if row["kind"] == PRACTICE:
        return f"{row['workload']} against {row['other_workload']}"
    return " against ".join(sides(row))


def _answer(rows: list[Row]) -> Section:
    cells: list[tuple[str, ...]] = [
        (text(row["kind"]), text(row["workload"]), text(row["sentence"])) for row in rows
    ]
    return Section(provenance(rows[0], profile=False), ("question", "workload", "in words"), cells)


def side_cells(row: Row) -> tuple[str, str]:
    """Show the value of the metric of a row on A and on B."""
    show, scale = _SHOWN[str(row["metric"])]
    return _side(row, "a", show, scale), _side(row, "b", show, scale)


def _compared_sides(rows: list[Row]) -> Section:
    cells: list[tuple[str, ...]] = []
    for row in sorted(
        rows, key=lambda row: (*setup(row), math.inf if absent(row["chunk"]) else row["chunk"])
    ):
        chunk = "all" if absent(row["chunk"]) else number(row["chunk"], units.count)
        ratio = estimate(row, "ratio", units.ratio)
        name = METRIC_NAMES[str(row["metric"])]
        measured = (name, *side_cells(row), ratio, text(row["difference"]))
        cells.append((*setup(row), chunk, *measured))
    verdicts: dict[str, list[str]] = {}
    reasons: dict[str, list[str]] = {}
    for row in rows:
        if row["metric"] == "speedup" and not absent(row["chunk"]):
            a, b = text(row["verdict_a"]), text(row["verdict_b"])
            change = f"verdict on both: {a}" if a == b else f"verdict on A: {a}, on B: {b}"
            where = f"{_place(row)} chunk {number(row['chunk'], units.count)}"
            verdicts.setdefault(change, []).append(where)
        if not absent(row["reason"]):
            reasons.setdefault(f"{text(row['difference'])}: {row['reason']}", []).append(
                METRIC_NAMES[str(row["metric"])]
            )
    notes = [f"{change}: {'; '.join(where)}" for change, where in verdicts.items()]
    for reason, metrics in reasons.items():
        counted = ", ".join(f"{metric} in {n}" for metric, n in Counter(metrics).items())
        notes.append(f"{reason} ({counted})")
    notes += _spreads(rows)
    first = rows[0]
    title = f"{text(first['workload'])}, {number(first['size'], units.count)} elements"
    return Section(title, _COMPARISON, cells, len(SETUP), notes)


def _side(row: Row, side: str, show: Callable[[float | None], str], scale: float) -> str:
    """Show the value on one side, with its interval where there are replicates for one."""
    if absent(row[f"{side}_low"]):
        return number(None if absent(row[side]) else row[side] * scale, show)
    return estimate(row, side, show, scale)


def _spreads(rows: list[Row]) -> Iterator[str]:
    """Say how far the runs of a case lie apart, and how wide that makes its interval."""
    for metric, name in METRIC_NAMES.items():
        of_metric = [row for row in rows if row["metric"] == metric and not absent(row["chunk"])]
        parts = []
        for side in "ab":
            spreads = [
                float(row[f"spread_{side}"])
                for row in of_metric
                if not absent(row[f"spread_{side}"])
            ]
            halves = [_half_width(row, side) for row in of_metric if not absent(row[f"{side}_low"])]
            if spreads:
                parts.append(
                    f"{side.upper()} {_per_cent(spreads)}, half-width of the interval "
                    f"{_per_cent(halves)}"
                )
        if parts:
            yield f"{name}, spread between runs: {'; '.join(parts)}"


def _half_width(row: Row, side: str) -> float:
    """Half the width of the interval on *side*, as a factor less 1, on a log scale."""
    return math.sqrt(float(row[f"{side}_high"]) / float(row[f"{side}_low"])) - 1


def _per_cent(shares: list[float]) -> str:
    """Show the median of *shares*, and the largest."""
    return f"{100 * median(shares):.1f} % (at most {100 * max(shares):.1f} %)"


def _place(row: Row) -> str:
    executor, workers, pin = setup(row)
    return f"{executor} {workers}/{pin}"
