"""METG and break-even chunk of the two sides of a duel, start-up by start-up (rules 21 and 23)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from harness.core.records import Case
from harness.reading.analysis.duel.differences import by_start_up
from harness.reading.analysis.keys import CASE_ON_ANY_RUN
from harness.reading.analysis.verdict.estimates import Floats

EFFICIENCY = 0.5
"""Of METG, as Task Bench has it."""
METG, BREAK_EVEN = "METG(50 %)", "break-even chunk"

CasePair = tuple[Case, Case]
"""A case as A runs it, and as B does."""


class Granularity(NamedTuple):
    """One of the two figures of a workload on an executor.

    Attributes
    ----------
    figure : str
        :data:`METG` or :data:`BREAK_EVEN`.
    case : Case
        Of A, with one of the chunks.
    differences : ndarray of float, shape (pairs,)
        Of each pair of start-ups, B less A of the logarithms; none where any start-up does not
        show the figure, which would be left out for what it is.
    """

    figure: str
    case: Case
    differences: Floats


def granularities(
    pairs: tuple[pd.DataFrame, pd.DataFrame], cases: Sequence[CasePair], *, by_seconds: bool
) -> list[Granularity]:
    """The figures of all workloads of which *cases* has several chunks that show them.

    Both lie where ``TP/T1``, which is taken as a line in the number of chunks between two that were
    measured, rises above a limit: 1 at the break-even, ``1/(0.5*P)`` at METG. A figure that no
    start-up of either side shows has no row: it lies outside of the chunks.

    Parameters
    ----------
    pairs : tuple of DataFrame
        Obey ``schema.PAIRS``; those of A and of B.
    cases : sequence of tuple of Case
    by_seconds : bool
        METG in seconds, not in units of the baseline, which is another program for either side.
    """
    found = []
    for group in _groups(cases):
        sides = [_side(of_side, [case[i] for case in group]) for i, of_side in enumerate(pairs)]
        both = sorted(set.intersection(*(set(side.start_ups) for side in sides)))
        first = group[0][0]
        for figure, limit in ((METG, 1 / (EFFICIENCY * first.workers)), (BREAK_EVEN, 1.0)):
            a, b = (
                np.array([_log_figure(figure, limit, side, number, by_seconds) for number in both])
                for side in sides
            )
            if both and not np.isnan([a, b]).all():
                known = not np.isnan(b - a).any()
                found.append(Granularity(figure, first, b - a if known else np.empty(0)))
    return found


class _Side(NamedTuple):
    """The chunks of one side: how many, how many tasks, and log TP and log T1 of each start-up."""

    chunks: Floats
    tasks: Floats
    start_ups: dict[int, Floats]


def _groups(cases: Sequence[CasePair]) -> Iterable[list[CasePair]]:
    groups: dict[Case, list[CasePair]] = {}
    for pair in cases:
        groups.setdefault(pair[0].model_copy(update={"chunk": 1}), []).append(pair)
    return [group for group in groups.values() if len(group) > 1]


def _side(pairs: pd.DataFrame, cases: Sequence[Case]) -> _Side:
    """Few chunks first."""
    ordered = sorted(cases, key=lambda case: -case.chunk)
    each = [by_start_up(pairs, case) for case in ordered]
    numbers = set.intersection(*(set(of) for of in each))
    return _Side(
        np.array([math.ceil(case.size / case.chunk) for case in ordered], dtype=np.float64),
        np.array([_tasks(pairs, case) for case in ordered], dtype=np.float64),
        {number: np.array([of[number] for of in each]) for number in numbers},
    )


def _tasks(pairs: pd.DataFrame, case: Case) -> float:
    of = np.logical_and.reduce([pairs[name] == getattr(case, name) for name in CASE_ON_ANY_RUN])
    return float(pairs.loc[of, "n_tasks"].median())


def _log_figure(figure: str, limit: float, side: _Side, number: int, by_seconds: bool) -> float:
    logs = side.start_ups[number]
    place = _crossed(np.exp(logs[:, 0] - logs[:, 1]), limit)
    at = np.arange(side.chunks.size)
    if figure == BREAK_EVEN:
        return -math.log(float(np.interp(place, at, side.chunks)))
    tasks = math.log(float(np.interp(place, at, side.tasks)))
    return (float(logs[:, 1].mean()) if by_seconds else 0.0) - tasks


def _crossed(over: Floats, limit: float) -> float:
    """Where *over*, ``TP/T1`` at the chunks from few to many, rises above *limit* for good, as a
    place between two of them; NaN where it does not."""
    reached = np.flatnonzero(over <= limit)
    if not reached.size or reached[-1] == over.size - 1:
        return math.nan
    last = int(reached[-1])
    return last + float((limit - over[last]) / (over[last + 1] - over[last]))
