"""The table ``history``: every figure run after run, and where it changed its level."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from harness.core.records import RunInfo, Status
from harness.reading.analysis.by_group import Key, Row, records, to_table
from harness.reading.analysis.crossover.metg import TARGETS
from harness.reading.analysis.estimate_columns import ENDS
from harness.reading.analysis.keys import GROUP_ON_ANY_RUN, SERIES_OF_RUNS
from harness.reading.analysis.series.false_steps import false_steps
from harness.reading.analysis.series.steps import (
    LEAST,
    LEVEL,
    hanging_together,
    may_start,
    steps,
)
from harness.reading.analysis.verdict.comparison import log_mean
from harness.reading.analysis.verdict.estimates import Floats
from harness.reading.analysis.verdict.two_means import difference
from harness.reading.analysis.verdict.verdicts import MARGIN

CASE_FIGURES = ("speedup", "seconds", "overhead_us_per_task")
GROUP_FIGURES = ("break_even", "metg")
FIGURES = (*CASE_FIGURES, *GROUP_FIGURES)
OF_RUN = ("machine", "suite", "profile", *GROUP_ON_ANY_RUN, "run", "commit")
"""What a row takes from the table that has its figure."""


_ENDS_OF = {"break_even": "chunk", "metg": "seconds"}
"""Figures of groups, and the columns that have them."""

_OF_TABLE = {
    "cases": ("status", "paired", "chunk", "rounds"),
    "break_even": ("status", "side"),
    "metg": ("target", "censored"),
}
"""What is read of a table beside figures and :data:`OF_RUN`."""


class _Stretch(NamedTuple):
    """A stretch of runs without a change of level.

    Attributes
    ----------
    runs : slice
        Places of its runs in the series.
    level : tuple of float
        Point, low and high.
    ratio : tuple of float or None
        Its level over that of the stretch before; ``None`` for the first.
    starts : tuple of int
        First and last place where it may start, counted from where it does.
    """

    runs: slice
    level: tuple[float, float, float]
    ratio: tuple[float, float, float] | None
    starts: tuple[int, int] = (0, 0)


def history(
    cases: pd.DataFrame,
    break_even: pd.DataFrame,
    metg: pd.DataFrame,
    runs: Mapping[str, RunInfo],
    figures: Sequence[str] = FIGURES,
) -> pd.DataFrame:
    """Follow every figure over the runs of one machine, suite and profile.

    Runs on another Python than chunkbench's own are left out: what was installed there for a
    comparison is no step in what this machine runs.

    Two runs differ by more than the noise within them, so a change of level is judged by the
    spread between runs alone
    (:mod:`harness.reading.analysis.series.steps`), on logarithms; the intervals of the
    values are those within a run and are shown, never used. Runs that hang together count as fewer,
    and ``reason`` says how often a flat series as long shows a step. A step whose 90 % interval
    lies inside of +-5 % is none (rule 20). Noise blurs where a step is: ``earliest_run`` and
    ``latest_run`` are where it may be, and ``linked_versions`` all that changed there. ``level``
    and ``ratio`` have the t intervals of runs as replicates. Values that are not positive have no
    logarithm and are in no stretch.

    Parameters
    ----------
    cases, break_even, metg : DataFrame
        Obey the schema of these tables. Of ``break_even`` the side ``small`` is taken where it was
        found, of ``metg`` the target 50 % where it is not censored.
    runs : mapping of str to RunInfo
        The run line of every run.
    figures : sequence of str
        Which of :data:`FIGURES` to follow.

    Returns
    -------
    DataFrame
        Obeys ``schema.HISTORY``: one row a series and run, in order of time.
    """
    rows = [*_of_cases(cases, [name for name in CASE_FIGURES if name in figures])]
    rows += _of_break_even(break_even) if "break_even" in figures else []
    rows += _of_metg(metg) if "metg" in figures else []
    began = {run: _began(run, info) for run, info in runs.items()}
    series: dict[Key, list[Row]] = {}
    for row in rows:
        info = runs.get(row["run"])
        if info is not None and info.environment is not None:
            continue
        key = tuple(row[name] for name in SERIES_OF_RUNS)
        series.setdefault(key, []).append(row | {"t": began.get(row["run"])})
    changed = cache(lambda before, after: _versions(runs.get(before), runs.get(after)))
    judged = [_judged(sorted(each, key=_when), changed) for each in series.values()]
    return to_table("history", [row for each in judged for row in each])


def read_for(figure: str) -> tuple[str, list[str]]:
    """The table that has a *figure* of :data:`FIGURES`, and the columns that are read of it."""
    table = figure if figure in GROUP_FIGURES else "cases"
    ends = [f"{_ENDS_OF.get(figure, figure)}{end}" for end in ENDS]
    return table, [*OF_RUN, *ends, *_OF_TABLE[table]]


def _of_cases(cases: pd.DataFrame, figures: Sequence[str]) -> Iterator[Row]:
    """Make a row of each figure, case and run: value, ends and status."""
    rows = _read(cases, figures, *_OF_TABLE["cases"])
    paired = [row for row in rows if row["paired"] and row["profile"] is not None]
    for figure in figures:
        for row in paired:
            is_ok = row["status"] == Status.OK
            made = _row(row, figure, figure, row["status"], known=is_ok)
            yield made | {"chunk": row["chunk"], "rounds": row["rounds"]}


def _of_break_even(break_even: pd.DataFrame) -> Iterator[Row]:
    for row in _read(break_even, [_ENDS_OF["break_even"]], *_OF_TABLE["break_even"]):
        if row["side"] == "small":
            is_found = row["status"] == "found"
            status = Status.OK.value if is_found else row["status"]
            yield _row(row, "break_even", "chunk", status, known=is_found)


def _of_metg(metg: pd.DataFrame) -> Iterator[Row]:
    for row in _read(metg, [_ENDS_OF["metg"]], *_OF_TABLE["metg"]):
        if row["target"] == TARGETS[0]:
            is_known = row["censored"] is None and row["seconds"] is not None
            status = Status.OK.value if is_known else row["censored"] or "undetermined"
            yield _row(row, "metg", "seconds", status, known=is_known)


def _read(table: pd.DataFrame, figures: Sequence[str], *columns: str) -> list[Row]:
    ends = [f"{figure}{end}" for figure in figures for end in ENDS]
    return records(table[[*OF_RUN, *ends, *columns]])


def _row(row: Row, figure: str, name: str, status: str | None, *, known: bool) -> Row:
    made = {column: row[column] for column in OF_RUN}
    made |= {f"value{end}": row[f"{name}{end}"] if known else None for end in ENDS}
    return made | {"chunk": None, "figure": figure, "status": status}


def _when(row: Row) -> tuple[bool, str, str]:
    """Sorts by time and run; rows of which the time is not known come last."""
    return row["t"] is None, row["t"] or "", row["run"]


def _judged(series: list[Row], changed: Callable[[str, str], str | None]) -> list[Row]:
    """Add to each row of one series, in order of time, where its level changed."""
    for before, after in pairwise(series):
        after["versions_changed"] = changed(before["run"], after["run"])
    used = [row for row in series if row["value"] is not None and row["value"] > 0]
    reason = None
    if len(used) < LEAST:
        reason = f"{len(used)} runs with a value: a change needs {LEAST}"
    if used:
        d = np.log([row["value"] for row in used])
        stretches = list(_stretches(d))
        for number, stretch in enumerate(stretches):
            _add(number, stretch, used, changed)
        if len(stretches) > 1:
            rho = hanging_together([d[stretch.runs] for stretch in stretches])
            reason = false_steps(len(used), rho).words
    return [row | {"reason": reason} for row in series]


def _add(
    number: int, stretch: _Stretch, used: list[Row], changed: Callable[[str, str], str | None]
) -> None:
    """Add to the rows *used* of one *stretch* its level, and to the first of them its change."""
    mine = used[stretch.runs]
    for row in mine:
        row |= {"segment": number, "segment_runs": len(mine)}
        row |= {f"level{end}": level for end, level in zip(ENDS, stretch.level, strict=True)}
    if stretch.ratio is None:
        return
    first, last = (stretch.runs.start + place for place in stretch.starts)
    mine[0].update(
        {f"ratio{end}": ratio for end, ratio in zip(ENDS, stretch.ratio, strict=True)},
        change="higher" if stretch.ratio[0] > 1 else "lower",
        earliest_run=used[first]["run"],
        latest_run=used[last]["run"],
        linked_versions=changed(used[first - 1]["run"], used[last]["run"]),
    )


def _stretches(d: Floats) -> Iterator[_Stretch]:
    """Part a series of logarithms *d*, shape (runs,), into stretches without a change."""
    places = steps(d)
    while places:  # a step of less than the margin is none: the runs around it are one stretch
        parts = np.split(d, places)
        rho = hanging_together(parts)
        near = [_within_margin(a, b, rho) for a, b in pairwise(parts)]
        if not any(near):
            break
        del places[near.index(True)]
    edges = [0, *places, d.size]
    rho = hanging_together(np.split(d, places))
    before: Floats | None = None
    for start, end in pairwise(edges):
        part = d[start:end]
        known = log_mean("", part)
        level = tuple(float(known.get(end, np.nan) or np.nan) for end in ENDS)
        runs, middle = slice(start, end), (level[0], level[1], level[2])
        if before is None:
            yield _Stretch(runs, middle, None)
        else:
            yield _Stretch(runs, middle, _ratio(before, part, rho), may_start(before, part))
        before = part


def _ratio(before: Floats, after: Floats, rho: float) -> tuple[float, float, float]:
    between = difference(before, after).widened(rho)
    point, low, high = np.exp((between.point, *between.interval(LEVEL))).tolist()
    return point, low, high


def _within_margin(before: Floats, after: Floats, rho: float) -> bool:
    low, high = difference(before, after).widened(rho).interval(2 * LEVEL - 1)
    return low > -MARGIN and high < MARGIN


def _began(run: str, info: RunInfo) -> str:
    """When a run started: as its run line says, else as its name does, which starts with it."""
    if info.t:
        return info.t
    stamp = pd.to_datetime(run.partition("-")[0], format="%Y%m%dT%H%M%SZ", errors="coerce")
    return run if pd.isna(stamp) else f"{stamp:%Y-%m-%dT%H:%M:%S}+00:00"


def _versions(before: RunInfo | None, after: RunInfo | None) -> str | None:
    """List the versions that differ between two runs, the commit among them:
    ``dask 2026.7.0 -> 2026.8.0``."""
    if before is None or after is None:
        return None
    first = {"commit": before.commit and before.commit[:8], **before.versions}
    second = {"commit": after.commit and after.commit[:8], **after.versions}
    differences = [
        f"{name} {first.get(name) or 'absent'} -> {second.get(name) or 'absent'}"
        for name in dict.fromkeys((*first, *second))
        if first.get(name) != second.get(name)
    ]
    return ", ".join(differences) or None
