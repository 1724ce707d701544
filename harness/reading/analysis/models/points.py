"""The rounds that the overhead model of one group is fitted to, its empty-task control included."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.reading.analysis.crossover.crossing import draw_rounds
from harness.reading.analysis.crossover.grid import Grid
from harness.reading.analysis.crossover.spread import Spread
from harness.reading.analysis.models.empty import EmptySweep, beside_work, mean_ratio
from harness.reading.analysis.models.fit import Predictors, predictors
from harness.reading.analysis.verdict.estimates import Floats
from harness.reading.analysis.verdict.grouped_rounds import RoundColumns
from harness.reading.analysis.verdict.ragged import row_medians


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
    grid: Grid, ok: RoundColumns, run: str, control: EmptySweep | None, ceiling: float, workers: int
) -> Points:
    """Collect the points of one group and of its control.

    Parameters
    ----------
    grid : Grid
        Its chunks.
    ok : RoundColumns
        Its rounds with a result.
    run : str
        The run that measured them.
    control : EmptySweep or None
        Of :func:`harness.reading.analysis.models.empty.control_of`.
    ceiling : float
        ``S(P)``.
    workers : int
        ``P``.
    """
    of_grid = np.isin(ok.chunk, grid.chunks) & ~np.isnan(ok.serial_seconds)
    t1, count = ok.serial_seconds[of_grid], grid.rounds.size
    none = np.zeros(len(grid.chunks), dtype=bool)
    if control is None:
        shape = predictors(grid.n, grid.tasks, np.empty(0), ceiling, workers)
        nothing = np.empty((count, 0))
        return Points(grid.chunks, count, shape, grid.d, none, nothing, nothing, t1)
    beside = beside_work(control.rounds, ok, same_run=control.run == run)
    ratios, own = beside.ratios, beside.own
    if control.run != run:  # none of these rounds
        ratios, own = (each._replace(rounds=-1 - each.rounds) for each in (ratios, own))
    rounds = np.concatenate((grid.rounds, ratios.rounds[~np.isin(ratios.rounds, grid.rounds)]))
    work = Spread(grid.rounds, np.array(grid.chunks), grid.d)
    logs = np.hstack((_at(rounds, work), -np.log(_at(rounds, ratios))))
    short = np.concatenate((none, beside.short))
    own_seconds, serial = _at(rounds, own), _at(rounds, beside.serial)
    every = np.arange(rounds.size)[None, :]
    loop = float(_loop(own_seconds, serial, every, np.zeros(1))[0]) if short.any() else 0.0
    shape = predictors(grid.n, grid.tasks, beside.tasks, ceiling, workers, loop)
    return Points(grid.chunks, count, shape, logs, short, own_seconds, serial, t1)


def _at(rounds: NDArray[np.int64], table: Spread) -> Floats:
    """The rows of *table* in these *rounds*, NaN where it has no such round."""
    _, to, at = np.intersect1d(rounds, table.rounds, assume_unique=True, return_indices=True)
    rows = np.full((rounds.size, table.chunks.size), np.nan)
    rows[to] = table.values[at]
    return rows


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
        y[:, i] = np.exp(-row_medians(values[rows[:, ~np.isnan(values)]]))
    if points.short.any():
        y[:, points.short] *= _loop(points.own, points.serial, rows, order)[:, None]
    return y


def _loop(own: Floats, serial: Floats, rows: NDArray[np.int64], order: Floats) -> Floats:
    """The control's own ``W`` in units of T1, shape (draws,), as ratio of means of an *order*."""
    a, b = (each[rows].reshape(len(rows), -1) for each in (own, serial))
    return mean_ratio(a, b, order)
