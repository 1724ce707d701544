"""The rounds that the overhead model of one group is fitted to, its empty-task control included."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.reading.analysis.crossover.crossing import draw_rounds
from harness.reading.analysis.crossover.grid import Grid
from harness.reading.analysis.crossover.spread import Spread
from harness.reading.analysis.models.empty import EmptySweep, beside_work, mean_ratio
from harness.reading.analysis.models.predictors import Predictors, predictors, together
from harness.reading.analysis.verdict.ceilings import draws as ceiling_draws
from harness.reading.analysis.verdict.estimates import Floats
from harness.reading.analysis.verdict.grouped_rounds import RoundColumns
from harness.reading.analysis.verdict.moderated import (
    PRIOR_FREEDOM,
    moderated,
    prior_variance,
)
from harness.reading.analysis.verdict.ragged import row_medians

FEW = 6
"""Of fewer replays a mean is drawn by t: drawn again they would tell too little of their spread."""


class Ceiling(NamedTuple):
    """``S(P)`` and its 95 % interval; the ends are NaN where nothing tells its spread."""

    point: float
    low: float
    high: float


class Points(NamedTuple):
    """The points that the model of one group is fitted to: its chunks, then those of its control.

    Attributes
    ----------
    chunks : list of int
        Elements handed to one task, of the group alone.
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
    replays : ndarray of float, shape (any, chunks)
        ``log(W/T1)``: the serial replay of the chunk beside the baseline of the same round.
    ceiling : Ceiling
    """

    chunks: list[int]
    shape: Predictors
    logs: Floats
    short: NDArray[np.bool_]
    own: Floats
    serial: Floats
    t1: Floats
    replays: Floats
    ceiling: Ceiling

    @property
    def fewest_rounds(self) -> int:
        """Rounds of the point that has the fewest; refined chunks have others than the first."""
        return int((~np.isnan(self.logs)).sum(axis=0).min())

    @property
    def without_replay(self) -> list[int]:
        """The chunks whose work is not known."""
        absent = np.asarray(np.isnan(self.replays).all(axis=0))
        return [chunk for chunk, none in zip(self.chunks, absent.tolist()) if none]


def points(
    grid: Grid,
    ok: RoundColumns,
    run: str,
    control: EmptySweep | None,
    ceiling: Ceiling,
    workers: int,
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
    ceiling : Ceiling
        ``S(P)``.
    workers : int
        ``P``.

    Returns
    -------
    Points
        A chunk whose serial replay was not measured has no ``replays`` and NaN as its work.
    """
    replays = replay_logs(grid, ok)
    work = np.exp(_middles(replays))
    S = ceiling.point
    of_grid = np.isin(ok.chunk, grid.chunks) & ~np.isnan(ok.serial_seconds)
    t1 = ok.serial_seconds[of_grid]
    none = np.zeros(len(grid.chunks), dtype=bool)
    if control is None:
        shape = predictors(grid.n, grid.tasks, np.empty(0), S, workers, replay=work)
        nothing = np.empty((grid.rounds.size, 0))
        of_group = (shape, grid.d, none, nothing, nothing, t1, replays, ceiling)
        return Points(grid.chunks, *of_group)
    beside = beside_work(control.rounds, ok, same_run=control.run == run)
    ratios, own = beside.ratios, beside.own
    if control.run != run:  # none of these rounds
        ratios, own = (each._replace(rounds=-1 - each.rounds) for each in (ratios, own))
    rounds = np.concatenate((grid.rounds, ratios.rounds[~np.isin(ratios.rounds, grid.rounds)]))
    ratio = Spread(grid.rounds, np.array(grid.chunks), grid.d)
    logs = np.hstack((_at(rounds, ratio), -np.log(_at(rounds, ratios))))
    short = np.concatenate((none, beside.short))
    own_seconds, serial = _at(rounds, own), _at(rounds, beside.serial)
    every = np.arange(rounds.size)[None, :]
    loop = float(_loop(own_seconds, serial, every, np.zeros(1))[0]) if short.any() else 0.0
    shape = predictors(grid.n, grid.tasks, beside.tasks, S, workers, loop, work)
    of_both = (shape, logs, short, own_seconds, serial, t1, replays, ceiling)
    return Points(grid.chunks, *of_both)


def replay_logs(grid: Grid, ok: RoundColumns) -> Floats:
    """``log(W/T1)`` of each chunk of *grid*, shape (any, chunks), NaN below the last of a chunk.

    Where some rounds alone have a replay, those count.
    """
    with np.errstate(invalid="ignore"):
        logs = np.log(ok.replay_seconds / ok.serial_seconds)
    columns = [logs[(ok.chunk == chunk) & ~np.isnan(logs)] for chunk in grid.chunks]
    table = np.full((max(1, *(each.size for each in columns)), len(columns)), np.nan)
    for i, each in enumerate(columns):
        table[: each.size, i] = each
    return table


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


def _middles(replays: Floats) -> Floats:
    """The median of each column, shape (chunks,); of a column of NaN it is NaN."""
    columns = [column[~np.isnan(column)] for column in replays.T]
    return np.array([np.median(each) if each.size else np.nan for each in columns])


class Resampled(NamedTuple):
    """``T/T1`` of each sample, shape (draws, points), and what predicts it there."""

    y: Floats
    shape: Predictors


def resampled(groups: list[Points], draws: int, rng: np.random.Generator) -> Resampled:
    """Resample the rounds of *groups*, and take ``T/T1`` of their points from each sample.

    The work of each chunk is drawn from its replays, and the ceiling from its interval.

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
    Resampled
        The points of one group after those of the other.
    """
    rows = [draw_rounds(~np.isnan(each.logs), draws, rng) for each in groups]
    order = rng.uniform(-1, 1, draws)
    y = np.concatenate([_over_t1(e, r, order) for e, r in zip(groups, rows)], axis=1)
    return Resampled(y, together([_drawn(each, draws, rng) for each in groups]))


def _drawn(points: Points, draws: int, rng: np.random.Generator) -> Predictors:
    """The predictors of each sample, shape (draws, points)."""
    shape, count = points.shape, len(points.chunks)
    factor = np.ones((draws, shape.tasks.size))
    drawn = _replays_drawn(points.replays, draws, rng)
    factor[:, :count] = np.exp(drawn - _middles(points.replays))
    S = ceiling_draws(*points.ceiling, draws, rng)[:, None]
    work = shape.work * factor * points.ceiling.point / S
    return shape._replace(work=work, waves=shape.waves * factor)


def _replays_drawn(replays: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """The middle of ``log(W/T1)`` of each chunk in each sample: the median of its replays drawn
    again, or of :data:`FEW` a mean drawn by t (rule 21)."""
    columns = [column[~np.isnan(column)] for column in replays.T]
    prior = prior_variance([column.tolist() for column in columns])
    middles = np.empty((draws, len(columns)))
    for i, column in enumerate(columns):
        if column.size >= FEW:
            middles[:, i] = row_medians(rng.choice(column, size=(draws, column.size)))
        elif column.size > 1:
            mean, error, freedom = moderated(column[None, :], prior)
            middles[:, i] = mean[0] + error[0] * rng.standard_t(freedom, draws)
        else:
            middles[:, i] = column[0] + math.sqrt(prior) * rng.standard_t(PRIOR_FREEDOM, draws)
    return middles


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
