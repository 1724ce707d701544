"""Split the time of a case into parts, as far as the controls tell them: rule 3."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from harness.core.records import RunInfo
from harness.reading.analysis.by_group import Key, Row, to_table
from harness.reading.analysis.crossover.grid import count, count_tasks
from harness.reading.analysis.crossover.swept import SweptGroups, swept_groups
from harness.reading.analysis.estimate_columns import interval_columns
from harness.reading.analysis.keys import CASE, PROVENANCE, SET_UP
from harness.reading.analysis.models.empty import EmptySweep, control_of, empty_sweeps
from harness.reading.analysis.verdict.ceilings import widened
from harness.reading.analysis.verdict.estimates import (
    Floats,
    Intervals,
    median_interval,
    rounds_used,
)
from harness.reading.analysis.verdict.grouped_rounds import RoundColumns
from harness.reading.analysis.verdict.ragged import Ragged, Rule, intervals, places

PARTS = ("ideal", "ceiling", "chunking", "imbalance", "scheduling")
SUMMED = ("ideal", "imbalance", "ceiling", "chunking", "scheduling")
"""In the order in which they are added up."""


def controls(
    cases: pd.DataFrame,
    pairs: pd.DataFrame,
    runs: Mapping[str, RunInfo],
    swept: SweptGroups | None = None,
) -> pd.DataFrame:
    """Split ``TP`` of every case of a sweep into parts that add up to it.

    ====================  ===================================================================
    ``ideal_seconds``     ``T1/P``
    ``ceiling_seconds``   ``T1/S - T1/P``: what the hardware does not give to P at once
    ``chunking_seconds``  ``(replay - T1)/S``: what cutting costs without any scheduler, shared
    ``imbalance_seconds`` ``(ceil(n/P) - n/P) * T1/n``: the last wave does not fill all workers
    ``scheduling_seconds``  the empty-task sweep of the same set-up at this number of tasks
    ``remainder_seconds`` ``TP`` less all of these, with its sign
    ====================  ===================================================================

    The overhead is all but the first two. Points are medians over the rounds, and the remainder
    is what is left between them, so the sum is exact. It is negative where parts overlap: with
    fewer chunks than workers the imbalance counts hardware that the ceiling counts too.

    Scheduling is read between two points of the empty-task sweep along a line, and never outside
    of them (rule 28). A part that was not measured is absent and lies in the remainder; the
    reason names it.

    Parameters
    ----------
    cases : DataFrame
        Obeys ``schema.CASES``.
    pairs : DataFrame
        Obeys ``schema.PAIRS``; the rounds behind *cases*.
    runs : mapping of str to RunInfo
        Run lines: level and looks.
    swept : SweptGroups, optional
        Its groups, where they are known already.

    Returns
    -------
    DataFrame
        Obeys ``schema.CONTROLS``: one row a case with a paired result, of groups that have chunks
        to choose from and a scheduler.

    Raises
    ------
    InputError
        Where a run line is missing, its looks are not known, or a pair marked ok has no time.
    """
    known = swept or swept_groups(cases, pairs, runs)
    empty = empty_sweeps(pairs, known.rounds, runs)
    calls: dict[Key, Floats] = {}
    every: list[_Case] = []
    for key, group in known.groups.items():
        if not group.is_scheduled:
            continue
        row, info = group.cases.row, group.info
        set_up = (key[0], *(row[name] for name in SET_UP))
        if set_up not in calls:
            calls[set_up] = _empty_calls(control_of(empty, row, info), info)
        every += [
            _Case(case, info, known.rounds.cases.get((*key, case["chunk"])), calls[set_up])
            for case in group.cases.measured
        ]
    return to_table("controls", _rows(every, known.rounds.rounds) if every else [])


class _Case(NamedTuple):
    """A case, the place of its rounds, and what empty calls take with its set-up."""

    row: Row
    info: RunInfo
    place: slice | None
    calls: Floats


def _rows(cases: Sequence[_Case], rounds: RoundColumns) -> list[Row]:
    """Make a row of each case: all are judged at once."""
    rules, rule = _rules(cases)
    start, stop = np.array(
        [(0, 0) if each.place is None else (each.place.start, each.place.stop) for each in cases]
    ).T
    used = [rounds_used(n, rules[of].looks) for n, of in zip((stop - start).tolist(), rule)]
    place, of_case = places(start, np.array(used, dtype=np.int64))
    at = _Rounds(rounds[place], of_case, rules, rule)
    n = np.array([count(each.row) for each in cases])
    P = np.array([each.row["workers"] for each in cases], dtype=np.float64)
    t1, tp = at.rounds.serial_seconds, at.rounds.parallel_seconds
    parts = {
        "ideal": at.intervals(t1 / P[of_case]),
        "imbalance": at.intervals(t1 * (np.ceil(n / P) - n / P)[of_case] / n[of_case]),
    }
    S, *ends = (
        np.array([each.row[name] or math.nan for each in cases], dtype=np.float64)
        for name in ("ceiling", "ceiling_low", "ceiling_high")
    )
    for name, of_ceiling in (("ceiling", _ceiling_part), ("chunking", _chunking_part)):
        point, *moved = (at.intervals(of_ceiling(at, ceiling, P)) for ceiling in (S, *ends))
        wide = widened(point, *(each.point for each in moved))
        known = ~np.isnan([*point, *(each.point for each in moved)]).any(axis=0)
        parts[name] = Intervals(*(np.where(known, *both) for both in zip(wide, point)))
    parts["scheduling"] = _scheduling(cases)
    columns = interval_columns("seconds", at.intervals(tp))
    for name in PARTS:
        columns |= interval_columns(f"{name}_seconds", parts[name])
    points = np.stack([parts[name].point for name in SUMMED])
    columns["remainder_seconds"] = columns["seconds"] - _sum(points)
    values = zip(*(column.tolist() for column in columns.values()))
    return [
        {name: each.row[name] for name in (*PROVENANCE, *CASE)}
        | dict(zip(columns, row))
        | {"reason": _reason(absent, each.calls)}
        for each, row, absent in zip(cases, values, _absent(parts))
    ]


class _Rounds(NamedTuple):
    """The rounds used of all cases, which case each belongs to, and by what it is judged."""

    rounds: RoundColumns
    case: NDArray[np.int64]
    rules: Sequence[Rule]
    rule: NDArray[np.int64]

    def intervals(self, values: Floats) -> Intervals:
        """The middle of the *values* of each case, one a round; what is NaN does not count."""
        known = Ragged(values, self.case, self.rule.size).where(~np.isnan(values))
        return intervals(known, self.rules, self.rule)


def _rules(cases: Sequence[_Case]) -> tuple[list[Rule], NDArray[np.int64]]:
    each = [
        Rule(case.info.level, None if case.info.looks is None else tuple(case.info.looks))
        for case in cases
    ]
    number = {rule: i for i, rule in enumerate(dict.fromkeys(each))}
    return list(number), np.array([number[rule] for rule in each], dtype=np.int64)


def _ceiling_part(at: _Rounds, S: Floats, P: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(S > 0, 1 / S - 1 / P, math.nan)
    return np.asarray(at.rounds.serial_seconds * share[at.case], dtype=np.float64)


def _chunking_part(at: _Rounds, S: Floats, _: Floats) -> Floats:
    longer = at.rounds.replay_seconds - at.rounds.serial_seconds
    return np.asarray(longer / np.where(S > 0, S, math.nan)[at.case], dtype=np.float64)


def _sum(points: Floats) -> Floats:
    """The sums of the points of each case that are known, added up in their order."""
    total = np.zeros(points.shape[1])
    for part in points:
        total = total + np.where(np.isnan(part), 0.0, part)
    return total


def _absent(parts: Mapping[str, Intervals]) -> Iterator[list[str]]:
    for known in zip(*(~np.isnan(parts[name].point) for name in PARTS)):
        yield [name for name, is_known in zip(PARTS, known) if not is_known]


def _reason(absent: list[str], calls: Floats) -> str | None:
    if not absent:
        return None
    why = "not measured, so in the remainder: " + ", ".join(absent)
    if "scheduling" in absent and calls.size:
        why += "; the empty-task sweep does not reach this number of tasks"
    return why


def _empty_calls(control: EmptySweep | None, info: RunInfo) -> Floats:
    """How long an empty call takes by its number of tasks, rising: columns tasks, median seconds,
    and both ends of their interval; no rows without a control."""
    if control is None:
        return np.empty((0, 4))
    tasks, seconds = control.rounds.n_tasks, control.rounds.parallel_seconds
    counts = np.unique(tasks[~np.isnan(tasks)]).tolist()
    medians = [median_interval(seconds[tasks == n], info.level) for n in counts]
    rows = [(n, each.point, each.low, each.high) for n, each in zip(counts, medians)]
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def _scheduling(cases: Sequence[_Case]) -> Intervals:
    ends = np.full((3, len(cases)), math.nan)
    for i, case in enumerate(cases):
        at, n_tasks = case.calls[:, 0], count_tasks(case.row)
        if at.size and at[0] <= n_tasks <= at[-1]:
            ends[:, i] = [np.interp(n_tasks, at, values) for values in case.calls.T[1:]]
    return Intervals(*ends)
