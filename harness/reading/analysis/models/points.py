"""The rounds that the overhead model of one group is fitted to, its empty-task control included."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from harness.reading.analysis.crossover.crossing import draw_rounds
from harness.reading.analysis.crossover.grid import Grid
from harness.reading.analysis.models.empty import beside_work, mean_ratio
from harness.reading.analysis.models.fit import Predictors, predictors
from harness.reading.analysis.verdict.estimates import Floats


class Points(NamedTuple):
    """The points that the model of one group is fitted to: its chunks, then those of its control.

    Attributes
    ----------
    chunks : list of int
        Elements handed to one task, of the group alone.
    rounds : int
        Rounds of the group.
    shape : Predictors
        What predicts the time of each point.
    logs : ndarray of float, shape (rounds, points)
        ``log(T1/T)``; for the points *short*, their own baseline stands for T1.
    short : ndarray of bool, shape (points,)
        As in :class:`harness.reading.analysis.models.empty.Control`.
    own, serial : ndarray of float, shape (rounds, any)
        Seconds of that baseline, and T1.
    t1 : ndarray of float, shape (any,)
        Seconds of the baseline in all rounds of the chunks.
    """

    chunks: list[int]
    rounds: int
    shape: Predictors
    logs: Floats
    short: NDArray[np.bool_]
    own: Floats
    serial: Floats
    t1: Floats


def points(
    grid: Grid, ok: pd.DataFrame, control: pd.DataFrame, ceiling: float, workers: int
) -> Points:
    """Collect the points of one group and of its control.

    Parameters
    ----------
    grid : Grid
        Its chunks.
    ok : DataFrame
        Its rows of ``rounds.with_result``.
    control : DataFrame
        Of :func:`harness.reading.analysis.models.empty.control_of`; may be empty.
    ceiling : float
        ``S(P)``.
    workers : int
        ``P``.
    """
    t1 = ok[ok["chunk"].isin(grid.chunks)]["serial_seconds"].dropna().to_numpy(np.float64)
    work = grid.d.to_numpy(np.float64)
    none = np.zeros(work.shape[1], dtype=bool)
    if control.empty:
        shape = predictors(grid.n, grid.tasks, np.empty(0), ceiling, workers)
        nothing = np.empty((len(work), 0))
        return Points(grid.chunks, len(work), shape, work, none, nothing, nothing, t1)
    beside = beside_work(control, ok)
    logs, own = beside.ratios.map(lambda ratio: -np.log(ratio)), beside.own
    if set(control["run"]) != set(ok["run"]):
        logs.index, own.index = -1 - logs.index, -1 - own.index  # none of these rounds
    both = pd.concat([grid.d, logs.add_prefix("empty ")], axis=1)
    short = np.concatenate((none, beside.short))
    own_seconds = own.reindex(both.index).to_numpy(np.float64)
    serial = beside.serial.reindex(both.index).to_numpy(np.float64)
    every = np.arange(len(both))[None, :]
    loop = float(_loop(own_seconds, serial, every, np.zeros(1))[0]) if short.any() else 0.0
    shape = predictors(grid.n, grid.tasks, beside.tasks, ceiling, workers, loop)
    logged = both.to_numpy(np.float64)
    return Points(grid.chunks, len(work), shape, logged, short, own_seconds, serial, t1)


def over_t1(points: Points) -> Floats:
    """The median over all rounds of ``T/T1`` of each point.

    Returns
    -------
    ndarray of float, shape (1, points)
    """
    return _over_t1(points, np.arange(len(points.logs))[None, :], np.zeros(1))


def resampled(groups: list[Points], draws: int, rng: np.random.Generator) -> Floats:
    """Resample the rounds of *groups*, and take ``T/T1`` of their points from each sample.

    Rounds are drawn group by group, since each group was measured in rounds of its own. The order
    of the means that bring short controls to units of T1 is the same for all groups of one sample,
    since they were measured on one machine.

    Parameters
    ----------
    groups : list of Points
    draws : int
        Bootstrap samples.
    rng : Generator

    Returns
    -------
    ndarray of float, shape (draws, points)
        The points of one group after those of the other.
    """
    rows = [draw_rounds(~np.isnan(each.logs), draws, rng) for each in groups]
    order = rng.uniform(-1, 1, draws)
    return np.concatenate([_over_t1(e, r, order) for e, r in zip(groups, rows)], axis=1)


def _over_t1(points: Points, rows: NDArray[np.int64], order: Floats) -> Floats:
    y = np.empty((len(rows), points.logs.shape[1]))
    for i, values in enumerate(points.logs.T):
        y[:, i] = np.exp(-np.median(values[rows[:, ~np.isnan(values)]], axis=1))
    if points.short.any():
        y[:, points.short] *= _loop(points.own, points.serial, rows, order)[:, None]
    return y


def _loop(own: Floats, serial: Floats, rows: NDArray[np.int64], order: Floats) -> Floats:
    """The control's own ``W`` in units of T1, shape (draws,), as ratio of means of an *order*."""
    a, b = (each[rows].reshape(len(rows), -1) for each in (own, serial))
    return mean_ratio(a, b, order)
