"""What each run gives of a case, and of a group over its chunks, to compare two sides by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from harness.core.records import RunInfo, Status
from harness.reading.analysis.by_group import Key, Row, run_info
from harness.reading.analysis.keys import CASE, CASE_ON_ANY_RUN, GROUP_ON_ANY_RUN
from harness.reading.analysis.verdict.costs import costs
from harness.reading.analysis.verdict.estimates import rounds_used
from harness.reading.analysis.verdict.grouped_rounds import RoundColumns, ok_rounds
from harness.reading.analysis.verdict.start_ups import start_up_facts

METRICS = ("speedup", "seconds", "overhead_us_per_task")


@dataclass(frozen=True)
class Side:
    """One of the two machines or runs that are compared.

    Attributes
    ----------
    cases, pairs, blocks : DataFrame
        Obey the schema.
    runs : mapping of str to RunInfo
        Run lines: looks.
    """

    cases: pd.DataFrame
    pairs: pd.DataFrame
    blocks: pd.DataFrame
    runs: Mapping[str, RunInfo]


def replicates(side: Side) -> list[Row]:
    """Make a row of each case and run: logarithms, the mean over its start-ups.

    Of each start-up the median over its rounds is taken, so that each counts once; start-ups of
    one run share its luck, and are no replicates of it. Cases come in the order of their first row.
    An overhead that is not positive has no logarithm, and is NaN.

    Raises
    ------
    InputError
        Where a run line is missing, its looks are not known, or a pair marked ok has no time.
    """
    good = side.cases[side.cases["status"].eq(Status.OK).fillna(False).to_numpy(dtype=bool)]
    keys = zip(*(good[name].tolist() for name in CASE), strict=True)
    S = dict(zip(keys, start_up_facts(good, side.blocks)["ceiling"].tolist(), strict=True))
    grouped = ok_rounds(side.pairs)
    rows: list[Row] = []
    for key in (key for key in grouped.keys_in_order if key in S):
        ok = grouped.of_case(key)
        paired = ok[~np.isnan(ok.serial_seconds)]
        used = paired[: rounds_used(len(paired), run_info(side.runs, str(key[0])).looks)]
        start_ups = [_of_start_up(part, S[key]) for part in _by_start_up(used)]
        if start_ups:
            means = np.mean(start_ups, axis=0).tolist()
            rows.append(dict(zip(CASE, key, strict=True)) | dict(zip(METRICS, means, strict=True)))
    return rows


def _by_start_up(used: RoundColumns) -> Iterator[RoundColumns]:
    for block in np.unique(used.block[~np.isnan(used.block)]):
        yield used[used.block == block]


def _of_start_up(rounds: RoundColumns, S: float) -> tuple[float, float, float]:
    """The logarithms of :data:`METRICS`, of the rounds of one start-up."""
    t1, tp = rounds.serial_seconds, rounds.parallel_seconds
    each = costs(t1, tp, S, float(rounds.n_tasks[0]))["overhead_us_per_task"]
    overhead = float(np.median(each)) if each.size else np.nan
    return (
        float(np.median(rounds.log_ratio)),
        float(np.log(np.median(tp))),
        float(np.log(overhead)) if overhead > 0 else np.nan,
    )


def over_chunks(rows: Sequence[Row], shared: set[Key]) -> list[Row]:
    """Make a row of each group and run: the mean over the *shared* chunks.

    Runs that did not measure all of them are left out, since another set of chunks has another
    mean, and so are groups with a single one.

    Parameters
    ----------
    rows : sequence of dict
        Made by :func:`replicates`.
    shared : set of tuple
        Values of ``keys.CASE_ON_ANY_RUN`` of the cases that both sides have.
    """
    wanted: dict[Key, int] = {}
    for key in shared:
        wanted[key[:-1]] = wanted.get(key[:-1], 0) + 1
    parts: dict[Key, list[Row]] = {}
    for row in rows:
        case = tuple(row[name] for name in CASE_ON_ANY_RUN)
        if case in shared and wanted[case[:-1]] > 1:
            parts.setdefault((*case[:-1], row["run"]), []).append(row)
    names = [*GROUP_ON_ANY_RUN, "run"]
    return [
        dict(zip(names, key, strict=True))
        | {metric: float(np.mean([row[metric] for row in part])) for metric in METRICS}
        for key, part in parts.items()
        if len(part) == wanted[key[:-1]]
    ]
