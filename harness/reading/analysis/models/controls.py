"""Split the time of a case into parts, as far as the controls tell them: rule 3."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from harness.core.records import Estimate, RunInfo
from harness.reading.analysis.by_group import Key, Row, to_table
from harness.reading.analysis.crossover.grid import count, count_tasks
from harness.reading.analysis.crossover.swept import SweptGroups, swept_groups
from harness.reading.analysis.estimate_columns import estimate_columns
from harness.reading.analysis.keys import CASE, PROVENANCE, SET_UP
from harness.reading.analysis.models.empty import EmptySweep, control_of, empty_sweeps
from harness.reading.analysis.verdict.ceilings import with_ceilings_spread
from harness.reading.analysis.verdict.estimates import Floats, median_interval, rounds_used
from harness.reading.analysis.verdict.grouped_rounds import RoundColumns

PARTS = ("ideal", "ceiling", "chunking", "imbalance", "scheduling")


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
    rows: list[Row] = []
    for key, group in known.groups.items():
        if not group.is_scheduled:
            continue
        row, info = group.cases.row, group.info
        set_up = (key[0], *(row[name] for name in SET_UP))
        if set_up not in calls:
            calls[set_up] = _empty_calls(control_of(empty, row, info), info)
        for case in group.cases.measured:
            rounds = known.rounds.of_case((*key, case["chunk"]))
            used = rounds[: rounds_used(len(rounds), info.looks)]
            rows.append(_row(case, used, calls[set_up], info))
    return to_table("controls", rows)


def _row(case: Row, used: RoundColumns, calls: Floats, info: RunInfo) -> Row:
    t1, tp = used.serial_seconds, used.parallel_seconds
    n, P = count(case), int(case["workers"])
    ceilings = [case[name] or math.nan for name in ("ceiling", "ceiling_low", "ceiling_high")]
    at_point, *at_ends = (_at_ceiling(used, S, P) for S in ceilings)
    values = {"ideal": t1 / P, "imbalance": t1 * (np.ceil(n / P) - n / P) / n} | at_point
    parts = {name: median_interval(each, info.level, info.looks) for name, each in values.items()}
    for name in at_point:
        moved = (median_interval(at[name], info.level, info.looks).point for at in at_ends)
        parts[name] = with_ceilings_spread(parts[name], *moved)
    parts["scheduling"] = _scheduling(calls, count_tasks(case), info)
    total = median_interval(tp, info.level, info.looks)
    row: Row = {name: case[name] for name in (*PROVENANCE, *CASE)}
    row |= estimate_columns("seconds", total)
    for name in PARTS:
        row |= estimate_columns(f"{name}_seconds", parts[name])
    known = [part.point for part in parts.values() if part.point is not None]
    row["remainder_seconds"] = None if total.point is None else total.point - sum(known)
    absent = [name for name in PARTS if parts[name].point is None]
    why = "not measured, so in the remainder: " + ", ".join(absent)
    if "scheduling" in absent and calls.size:
        why += "; the empty-task sweep does not reach this number of tasks"
    row["reason"] = why if absent else None
    return row


def _at_ceiling(used: RoundColumns, S: float, P: int) -> dict[str, Floats]:
    """The parts that rest on the ceiling, of each round; no values give an absent part."""
    t1, replay = used.serial_seconds, used.replay_seconds - used.serial_seconds
    if not S > 0:
        return {"ceiling": np.empty(0), "chunking": np.empty(0)}
    return {"ceiling": t1 * (1 / S - 1 / P), "chunking": replay[~np.isnan(replay)] / S}


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


def _scheduling(calls: Floats, n_tasks: float, info: RunInfo) -> Estimate:
    at = calls[:, 0]
    if not at.size or not at[0] <= n_tasks <= at[-1]:
        return Estimate(point=None, level=info.level)
    values = [float(np.interp(n_tasks, at, ends)) for ends in calls.T[1:]]
    point, low, high = (None if math.isnan(value) else value for value in values)
    return Estimate(point=point, low=low, high=high, level=info.level)
