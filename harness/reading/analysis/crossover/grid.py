"""The chunk sizes of one group that can be tested, and what was measured at each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from harness.core.records import RunInfo, Status, Verdict
from harness.reading.analysis.by_group import Key, Row, records_by
from harness.reading.analysis.crossover.spread import column_intervals, log_ratios
from harness.reading.analysis.keys import GROUP, OF_GROUP
from harness.reading.analysis.verdict.estimates import Floats, Intervals
from harness.reading.analysis.verdict.grouped_rounds import RoundColumns
from harness.reading.analysis.verdict.moderated import DEFAULT_PRIOR

WITHOUT_WORK = frozenset({"empty-task", "startup"})


OF_CASE = (*OF_GROUP, "chunk", "n_chunks", "n_tasks", "status", "verdict", "ceiling")
"""Columns of ``schema.CASES`` that analyses of whole groups read."""


class GroupCases(NamedTuple):
    """The cases of one group, as records with :data:`OF_CASE`.

    Attributes
    ----------
    every : list of dict
        At least one.
    measured : list of dict
        Those of them that have a paired result.
    """

    every: list[Row]
    measured: list[Row]

    @property
    def row(self) -> Row:
        """What a row of a table says of the group."""
        return {name: self.every[0][name] for name in OF_GROUP}


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
    medians : Intervals
        Of ``log(T1/TP)``, one a chunk size.
    rounds : ndarray of int, shape (rounds,)
        Numbers of the rounds, rising.
    d : ndarray of float, shape (rounds, chunks)
        ``log(T1/TP)``; NaN where a chunk did not run in a round.
    prior : ndarray of float, shape (chunks,)
        Variance of a round in the other cases of the set-up (rule 19 a).
    left_out : str
        Names the chunk sizes that are no part of the grid, and why; may be empty.
    """

    chunks: list[int]
    n: Floats
    tasks: Floats
    verdicts: list[Verdict]
    medians: Intervals
    rounds: NDArray[np.int64]
    d: Floats
    prior: Floats
    left_out: str


def with_work(cases: pd.DataFrame) -> pd.DataFrame:
    """Leave out the rows of *cases* (``schema.CASES``) whose workload is a control: without work
    there is no efficiency."""
    return cases[~cases["workload"].isin(WITHOUT_WORK)]


def measured(cases: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows of *cases* (``schema.CASES``) that have a paired result."""
    return cases[((cases["status"] == Status.OK) & cases["paired"].eq(True)).fillna(False)]


def groups_of_cases(cases: pd.DataFrame) -> dict[Key, GroupCases]:
    """The cases (``schema.CASES``) of each group, groups in the order of their first row."""
    read = cases[[*OF_CASE, "paired"]]
    every, kept = records_by(read, GROUP), records_by(measured(read), GROUP)
    return {key: GroupCases(rows, kept.get(key, [])) for key, rows in every.items()}


def is_swept(kept: Sequence[Row]) -> bool:
    """Whether the cases *kept* have several chunk sizes, of which at least one cuts the problem
    into several chunks."""
    return len({row["chunk"] for row in kept}) >= 2 and any(count(row) != 1 for row in kept)


def grid(
    group: GroupCases,
    ok: RoundColumns,
    info: RunInfo,
    priors: Mapping[int, float] | None = None,
) -> Grid:
    """Collect the chunk sizes of one group that can be tested.

    A chunk without a result, or with too few rounds for any interval, is no part of the grid. That
    is settled by the number of rounds, not by what they say.

    Parameters
    ----------
    group : GroupCases
    ok : RoundColumns
        Of the group.
    info : RunInfo
        Run line: level and looks.
    priors : mapping of int to float, optional
        Variance of a round in the other cases of the set-up, by chunk.

    Raises
    ------
    InputError
        Where the looks are not known.
    """
    rows = {row["chunk"]: row for row in group.measured}
    logs = log_ratios(ok[np.isin(ok.chunk, list(rows))], info.looks)
    prior = np.array([(priors or {}).get(c, DEFAULT_PRIOR) for c in logs.chunks.tolist()])
    medians = column_intervals(logs.values, info.level, info.looks, prior=prior)
    testable = np.flatnonzero(~np.isnan(medians.low))
    chunks = logs.chunks[testable].tolist()
    cases = [rows[chunk] for chunk in chunks]
    return Grid(
        chunks,
        np.array([count(row) for row in cases], dtype=np.float64),
        np.array([count_tasks(row) for row in cases], dtype=np.float64),
        [Verdict(row["verdict"]) for row in cases],
        Intervals(*(end[testable] for end in medians)),
        logs.rounds,
        logs.values[:, testable],
        prior[testable],
        _left_out(group, set(chunks), set(logs.chunks.tolist())),
    )


def _left_out(group: GroupCases, testable: set[int], in_rounds: set[int]) -> str:
    chunks_by_reason: dict[str, list[str]] = {}
    for chunk, status in sorted((row["chunk"], row["status"]) for row in group.every):
        if chunk not in testable:
            why = "too few rounds" if chunk in in_rounds else str(status)
            chunks_by_reason.setdefault(why, []).append(str(chunk))
    names = [f"{', '.join(chunks)} ({why})" for why, chunks in chunks_by_reason.items()]
    return f"left out: {'; '.join(names)}" if names else ""


def count(row: Row) -> float:
    """The number of chunks of a case: as counted, else ``ceil(size/chunk)``."""
    n = row["n_chunks"]
    return float(math.ceil(row["size"] / row["chunk"]) if n is None else n)


def count_tasks(row: Row) -> float:
    """The number of tasks of a case; where it is not known, that of its chunks."""
    return count(row) if row["n_tasks"] is None else float(row["n_tasks"])


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
