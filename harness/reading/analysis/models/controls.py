"""Split the time of a case into parts, as far as the controls tell them: rule 3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from harness.core.records import Estimate, RunInfo
from harness.reading.analysis.by_group import Key, Row, by_key, rows_by_group
from harness.reading.analysis.crossover.grid import counts, is_swept, measured, scheduled
from harness.reading.analysis.estimate_columns import ENDS, estimate_columns, floats
from harness.reading.analysis.keys import CASE, GROUP, PROVENANCE
from harness.reading.analysis.models.empty import control_of, empty_rounds
from harness.reading.analysis.verdict.estimates import median_interval, rounds_used
from harness.reading.analysis.verdict.rounds import with_result

PARTS = ("ideal", "ceiling", "chunking", "imbalance", "scheduling")


def controls(cases: pd.DataFrame, pairs: pd.DataFrame, runs: Mapping[str, RunInfo]) -> pd.DataFrame:
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
    ok, empty = by_key(with_result(pairs), CASE), empty_rounds(pairs)

    def rows_of(_: Key, group: pd.DataFrame, info: RunInfo) -> list[Row]:
        kept = measured(group)
        if not is_swept(kept):
            return []
        control = _control(control_of(empty, group, info), info)
        return [
            _row(case, ok[tuple(case[name] for name in CASE)], float(n), control, info)
            for (_, case), n in zip(kept.iterrows(), counts(kept))
        ]

    return rows_by_group("controls", GROUP, runs, rows_of, scheduled(cases))


def _row(
    case: pd.Series[Any], ok: pd.DataFrame, n: float, control: pd.DataFrame, info: RunInfo
) -> Row:
    used = ok.iloc[: rounds_used(len(ok), info.looks)]
    t1, tp = floats(used, "serial_seconds"), floats(used, "parallel_seconds")
    P, S = int(case["workers"]), float(case["ceiling"])
    replay = floats(used, "replay_seconds") - t1
    # An absent factor gives no values, and no values an absent part.
    values = {
        "ideal": t1 / P,
        "ceiling": t1 * (1 / S - 1 / P) if S > 0 else np.empty(0),
        "chunking": replay[~np.isnan(replay)] / S if S > 0 else np.empty(0),
        "imbalance": t1 * (np.ceil(n / P) - n / P) / n,
    }
    parts = {name: median_interval(each, info.level, info.looks) for name, each in values.items()}
    n_tasks = n if pd.isna(case["n_tasks"]) else float(case["n_tasks"])
    parts["scheduling"] = _scheduling(control, n_tasks, info)
    total = median_interval(tp, info.level, info.looks)
    row: Row = {name: case[name] for name in (*PROVENANCE, *CASE)}
    row |= estimate_columns("seconds", total)
    for name in PARTS:
        row |= estimate_columns(f"{name}_seconds", parts[name])
    known = [part.point for part in parts.values() if part.point is not None]
    row["remainder_seconds"] = None if total.point is None else total.point - sum(known)
    absent = [name for name in PARTS if parts[name].point is None]
    why = "not measured, so in the remainder: " + ", ".join(absent)
    if "scheduling" in absent and not control.empty:
        why += "; the empty-task sweep does not reach this number of tasks"
    row["reason"] = why if absent else None
    return row


def _control(ok: pd.DataFrame, info: RunInfo) -> pd.DataFrame:
    """Make a row of each number of tasks, rising: median seconds of an empty call and interval."""
    rows = [
        {"n_tasks": float(str(tasks))}
        | estimate_columns("seconds", median_interval(floats(each, "parallel_seconds"), info.level))
        for tasks, each in ok.groupby("n_tasks", sort=True)
    ]
    return pd.DataFrame(rows, columns=["n_tasks", "seconds", "seconds_low", "seconds_high"])


def _scheduling(control: pd.DataFrame, n_tasks: float, info: RunInfo) -> Estimate:
    at = control["n_tasks"].to_numpy(np.float64)
    if not at.size or not at[0] <= n_tasks <= at[-1]:
        return Estimate(point=None, level=info.level)
    ends = []
    for end in ENDS:
        value = np.interp(n_tasks, at, control[f"seconds{end}"].to_numpy(np.float64))
        ends.append(None if np.isnan(value) else float(value))
    return Estimate(point=ends[0], low=ends[1], high=ends[2], level=info.level)
