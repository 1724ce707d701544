"""The chunk sizes of one group that can be tested, and what was measured at each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from harness.core.records import RunInfo, Status, Verdict
from harness.reading.analysis.verdict.costs import SERIAL
from harness.reading.analysis.verdict.estimates import Floats, median_interval
from harness.reading.analysis.verdict.rounds import log_ratios

WITHOUT_WORK = frozenset({"empty-task", "startup"})


class Grid(NamedTuple):
    """The chunk sizes of one group that have rounds enough, rising.

    Attributes
    ----------
    chunks : list of int
        Elements handed to one task.
    n, tasks : ndarray of float, shape (chunks,)
        Numbers of chunks that the problem is cut into, and of tasks.
    verdicts : list of Verdict
        One a chunk size.
    d : DataFrame, shape (rounds, chunks)
        ``log(T1/TP)``; NaN where a chunk did not run in a round.
    left_out : str
        Names the chunk sizes that are no part of the grid, and why; may be empty.
    """

    chunks: list[int]
    n: Floats
    tasks: Floats
    verdicts: list[Verdict]
    d: pd.DataFrame
    left_out: str


def with_work(cases: pd.DataFrame) -> pd.DataFrame:
    """Leave out the rows of *cases* (``schema.CASES``) whose workload is a control: without work
    there is no efficiency."""
    return cases[~cases["workload"].isin(WITHOUT_WORK)]


def scheduled(cases: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows of *cases* (``schema.CASES``) with work and a scheduler to share it out."""
    kept = with_work(cases)
    return kept[~kept["executor"].isin(SERIAL)]


def measured(group: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows of *group* (``schema.CASES``) that have a paired result."""
    return group[((group["status"] == Status.OK) & group["paired"].eq(True)).fillna(False)]


def is_swept(kept: pd.DataFrame) -> bool:
    """Whether the cases *kept* (``schema.CASES``) have several chunk sizes, of which at least one
    cuts the problem into several chunks."""
    return kept["chunk"].nunique() >= 2 and not (counts(kept) == 1).all()


def grid(group: pd.DataFrame, ok: pd.DataFrame, info: RunInfo) -> Grid:
    """Collect the chunk sizes of one group that can be tested.

    A chunk without a result, or with too few rounds for any interval, is no part of the grid. That
    is settled by the number of rounds, not by what they say.

    Parameters
    ----------
    group : DataFrame
        Rows of ``schema.CASES`` of one group.
    ok : DataFrame
        Its rows of ``rounds.with_result``.
    info : RunInfo
        Run line: level and looks.

    Raises
    ------
    InputError
        Where the looks are not known.
    """
    kept = measured(group)
    d = log_ratios(ok[ok["chunk"].isin(kept["chunk"])], info.looks)
    testable = [
        int(str(chunk))
        for chunk, values in d.items()
        if median_interval(values.dropna(), info.level, info.looks).low is not None
    ]
    left_out: dict[str, list[int]] = {}
    for chunk, status in sorted(zip(group["chunk"], group["status"])):
        if chunk not in testable:
            why = "too few rounds" if chunk in d else str(status)
            left_out.setdefault(why, []).append(int(chunk))
    names = [f"{', '.join(map(str, chunks))} ({why})" for why, chunks in left_out.items()]
    rows = kept.set_index("chunk").loc[testable]
    n, tasks = counts(rows.reset_index()), rows["n_tasks"].to_numpy(np.float64, na_value=np.nan)
    return Grid(
        testable,
        n,
        np.where(np.isnan(tasks), n, tasks).astype(np.float64),
        [Verdict(v) for v in rows["verdict"]],
        d[testable],
        f"left out: {'; '.join(names)}" if names else "",
    )


def counts(rows: pd.DataFrame) -> Floats:
    """The number of chunks of each of *rows* (``schema.CASES``), shape (rows,): as counted, else
    ``ceil(size/chunk)``."""
    n = rows["n_chunks"].to_numpy(dtype=np.float64, na_value=np.nan)
    even = np.ceil(rows["size"].to_numpy(np.float64) / rows["chunk"].to_numpy(np.float64))
    return np.where(np.isnan(n), even, n)


def bracketed(
    n: Floats, chain: list[int], outer: int, inner: int
) -> tuple[list[int], tuple[int, int]]:
    """Keep the positions of *chain* that differ in the number of chunks; find the bracket in them.

    Where several have the same number, those of the bracket stay.

    Parameters
    ----------
    n : ndarray of float
        Number of chunks at each position of the grid.
    chain : list of int
        Positions in the grid, outermost first.
    outer, inner : int
        Ends of the bracket, as places in *chain*.
    """
    a, b = chain[outer], chain[inner]
    distinct = {n[i]: i for i in reversed(dict.fromkeys((a, b, *chain)))}
    kept = [i for i in chain if distinct[n[i]] == i]
    return kept, (kept.index(a), kept.index(b))
