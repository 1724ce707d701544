"""Fit the overhead model to the points of one sweep, or of several together: rule 24, in units of
T1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.reading.analysis.verdict.estimates import Floats

SOFT = 0.05
"""Where soft-L1 turns from squares to absolute values, as a relative residual."""

STEPS, TOLERANCE = 50, 1e-12
"""How long a start is polished: the most steps, and the relative fall of the loss that is worth
another step."""

HALVED = (np.ones(1), 0.5 ** np.arange(1, 8))
"""Which parts of a step are tried, the longest first: those of the second only where the whole step
is too long."""

RATIOS = (0.0, 0.5, 0.75, 0.9, 1.0)
"""Splits are made for these ratios ``o/s``, as parts of each number of workers; with a ratio above
that number the serial branch is never reached."""

STARTS, POLISHED = 24, 3
"""How many splits the samples of a bootstrap begin with, and of how many the best are polished: the
loss of soft-L1 may have several minima."""


class Predictors(NamedTuple):
    """What predicts the time of each fitted point, ``c0 + max(tasks*s, tasks*o/P + work) + waves``.

    Attributes
    ----------
    tasks : ndarray of float, shape (points,)
        ``K``: tasks of one call.
    work : ndarray of float, shape (points,) or (fits, points)
        ``W/(S*T1)``: the work in units of T1, shared by the workers; a row for each sample of a
        bootstrap where it is an estimate.
    waves : ndarray of float, of the same shape
        The imbalance of the last wave, in units of T1.
    workers : ndarray of float, shape (points,)
        ``P``.
    control : ndarray of bool, shape (points,)
        Which points are of an empty-task control.
    """

    tasks: Floats
    work: Floats
    waves: Floats
    workers: Floats
    control: NDArray[np.bool_]

    def of_fits(self, rows: NDArray[np.int64]) -> Predictors:
        """What predicts the points of the fits *rows*."""
        if self.work.ndim == 1:
            return self
        return self._replace(work=self.work[rows], waves=self.waves[rows])

    @property
    def usual(self) -> Predictors:
        """The same with the medians over all fits."""
        if self.work.ndim == 1:
            return self
        return self._replace(work=np.median(self.work, axis=0), waves=np.median(self.waves, axis=0))


def predictors(
    n: Floats,
    tasks: Floats,
    empty: Floats,
    ceiling: Floats | float,
    workers: int,
    loop: float = 0.0,
    replay: Floats | float = 1.0,
) -> Predictors:
    """Make the predictors of the points of a sweep, and after them those of its control.

    Parameters
    ----------
    n, tasks : ndarray of float, shape (points,)
        Numbers of chunks and of tasks of the sweep.
    empty : ndarray of float, shape (controls,)
        Numbers of tasks of the empty-task control; may have no element.
    ceiling : float or ndarray of float, shape (fits,)
        ``S(P)``.
    workers : int
        ``P``.
    loop : float
        The control's own ``W`` in units of T1: its calls do nothing, but they are made.
    replay : float or ndarray of float, shape (points,) or (fits, points)
        ``W`` of each number of chunks in units of T1.
    """
    both = np.concatenate((n, empty))
    of_work = np.broadcast_to(replay, np.broadcast_shapes(np.shape(replay), n.shape))
    of_control = np.full((*of_work.shape[:-1], empty.size), loop)
    work = np.concatenate((of_work, of_control), axis=-1)
    waves = (np.ceil(both / workers) - both / workers) / both
    control = np.arange(both.size) >= n.size
    at = np.full(both.size, float(workers))
    shared = work / np.asarray(ceiling)[..., None]
    imbalance = np.broadcast_to(waves * work, shared.shape)
    return Predictors(np.concatenate((tasks, empty)), shared, imbalance, at, control)


def together(sweeps: Sequence[Predictors]) -> Predictors:
    """Put the points of several sweeps one after the other, such as those of several numbers of
    workers."""
    return Predictors(*(np.concatenate(column, axis=-1) for column in zip(*sweeps)))


def predicted(costs: Floats, points: Predictors) -> Floats:
    """Predict ``T/T1`` of each point by ``T = c0 + max(K*s, K*o/P + W/S) + I`` (rule 24).

    Parameters
    ----------
    costs : ndarray of float, shape (..., 3)
        ``c0``, ``s`` and ``o`` in units of T1.
    points : Predictors

    Returns
    -------
    ndarray of float, shape (..., points)
    """
    binding = np.maximum(*_branches(costs, points))
    return np.asarray(costs[..., :1] + binding + points.waves, dtype=np.float64)


def on_serial_branch(costs: Floats, points: Predictors) -> NDArray[np.bool_]:
    """Whether the serial cost binds at each point.

    Parameters
    ----------
    costs : ndarray of float, shape (..., 3)
        ``c0``, ``s`` and ``o`` in units of T1.
    points : Predictors

    Returns
    -------
    ndarray of bool, shape (..., points)
    """
    serial, parallel = _branches(costs, points)
    return np.asarray(serial > parallel)


def fit(y: Floats, points: Predictors, around: Floats | None = None) -> Floats:
    """Find the costs ``c0, s, o`` that fit ``T/T1`` best by soft-L1 of the relative residuals.

    The model is linear wherever it is settled which points are on which branch, so every split
    (:func:`_splits`) is tried by linear least squares, and the best starts are polished by
    iteratively reweighted least squares (Holland and Welsch, Comm. Statist. A6, 1977, 813) whose
    steps are halved until the loss falls. All samples of a bootstrap go through it together, which
    is what ``scipy.optimize.least_squares`` cannot do. Costs are not held above 0: a negative one
    says that noise is larger than it.

    Parameters
    ----------
    y : ndarray of float, shape (..., points)
        ``T/T1``, positive; each of the leading places is one fit.
    points : Predictors
    around : ndarray of float, shape (3,), optional
        Costs around which samples vary: they are a further start, and of the splits those
        :data:`STARTS` are tried that fit best what they predict.

    Returns
    -------
    ndarray of float, shape (..., 3)
    """
    flat = y.reshape(-1, y.shape[-1])
    splits = _splits(points)
    if around is not None:
        usual = points.usual
        expected = predicted(around, usual)[None, :]
        near = _order(_linear(expected, usual, splits[:, None]), expected, usual)
        splits = splits[near[:STARTS, 0]]
    starts = _linear(flat, points, splits[:, None])
    if around is not None:
        starts = np.concatenate((starts, np.broadcast_to(around, (1, len(flat), 3))))
    every = np.arange(len(flat))
    chosen = starts[_order(starts, flat, points)[:POLISHED], every]
    alike = np.tile(flat, (len(chosen), 1))
    tiled = points.of_fits(np.tile(every, len(chosen)))
    ends = _polished(chosen.reshape(-1, 3), alike, tiled).reshape(chosen.shape)
    best: Floats = ends[_order(ends, flat, points)[0], every]
    return best.reshape((*y.shape[:-1], 3))


def work_factors(costs: Floats, y: Floats, points: Predictors) -> Floats:
    """By what factor the shared work ``W/S`` has to be multiplied to fit each *y* best.

    The costs are fitted anew beside it, by one step of weighted least squares with every point on
    the branch where *costs* have it.

    Parameters
    ----------
    costs : ndarray of float, shape (fits, 3)
        Fits to *y* with the work as given.
    y : ndarray of float, shape (fits, points)
        ``T/T1``.
    points : Predictors

    Returns
    -------
    ndarray of float, shape (fits,)
        1 where the times fit the ceiling as measured.
    """
    serial = on_serial_branch(costs, points)
    weights = (1 + (_residuals(costs, y, points) / SOFT) ** 2) ** -0.25 / y
    tasks = points.tasks / points.tasks.max()
    columns = np.stack(
        (
            np.ones_like(y),
            np.where(serial, tasks, 0.0),
            np.where(serial, 0.0, tasks / points.workers),
            np.where(serial, 0.0, points.work),
        ),
        axis=-1,
    )
    inverse = np.linalg.pinv(columns * weights[..., None], rcond=1e-10)
    found = np.matmul(inverse, ((y - points.waves) * weights)[..., None])[..., 0]
    return np.asarray(found[..., 3], dtype=np.float64)


def _order(costs: Floats, y: Floats, points: Predictors) -> NDArray[np.int64]:
    """Sort the places of *costs*, shape (places, fits, 3), by their loss, the least first."""
    return _loss(_residuals(costs, y, points)).argsort(axis=0, kind="stable")


def _polished(costs: Floats, y: Floats, points: Predictors) -> Floats:
    residuals = _residuals(costs, y, points)
    loss = _loss(residuals)
    active = np.arange(len(y))
    for _ in range(STEPS):
        here, rows, beside = costs[active], y[active], points.of_fits(active)
        weights = (1 + (residuals[active] / SOFT) ** 2) ** -0.25  # of the squares, their root
        step = _linear(rows, beside, on_serial_branch(here, beside), weights) - here
        enough = loss[active] * (1 - TOLERANCE)
        stay = np.arange(active.size)  # whose loss does not fall
        for parts in HALVED:
            tried = here[stay] + step[stay] * parts[:, None, None]
            left = _residuals(tried, rows[stay], beside.of_fits(stay))
            less = _loss(left)
            falls = less < enough[stay]
            first, fallen = falls.argmax(axis=0), falls.any(axis=0)
            taken = first[fallen], np.flatnonzero(fallen)
            to = active[stay[fallen]]
            costs[to], residuals[to], loss[to] = tried[taken], left[taken], less[taken]
            stay = stay[~fallen]
            if not stay.size:
                break
        active = np.delete(active, stay)
        if not active.size:
            break
    return costs


def _branches(costs: Floats, points: Predictors) -> tuple[Floats, Floats]:
    s, o = costs[..., 1:2], costs[..., 2:3]
    return points.tasks * s, points.tasks * o / points.workers + points.work


def _residuals(costs: Floats, y: Floats, points: Predictors) -> Floats:
    return predicted(costs, points) / y - 1


def _loss(residuals: Floats) -> Floats:
    """The soft-L1 loss of each fit; ``sqrt(1 + x) - 1`` is written so that small x keep digits."""
    squares = (residuals / SOFT) ** 2
    return np.asarray((squares / (np.sqrt(1 + squares) + 1)).sum(axis=-1), dtype=np.float64)


def _splits(points: Predictors) -> NDArray[np.bool_]:
    """Which points may be on the serial branch, shape (splits, points).

    It binds where ``K * (1 - r/P) / work`` is above ``1/s``, with ``r = o/s``: for one number of
    workers that is the upper end in tasks, whatever ``r``; of several, ``r`` says how far up. Real
    controls need not follow, so all of them are tried on either branch as well.
    """
    points = points.usual
    splits = [np.zeros(points.tasks.size, dtype=bool)]
    for ratio in np.unique(np.outer(np.unique(points.workers), RATIOS)):
        with np.errstate(divide="ignore", invalid="ignore"):  # a control may have no work
            key = (1 - ratio / points.workers) * points.tasks / points.work
        splits += [key >= edge for edge in np.unique(key[key > 0])]
    splits += [
        np.where(points.control, serial, split) for split in splits for serial in (False, True)
    ]
    return np.unique(splits, axis=0)


def _linear(
    y: Floats, points: Predictors, serial: NDArray[np.bool_], weights: Floats | float = 1.0
) -> Floats:
    """Fit costs by weighted linear least squares, with the points *serial* on the serial branch.

    Where the points do not determine the costs, the smallest costs are taken.
    """
    most, fewest = points.tasks.max(), points.workers.min()
    share = points.tasks / most  # columns of one size
    scale = weights / y
    columns = np.empty((*np.broadcast_shapes(serial.shape, y.shape), 3))
    columns[..., 0] = scale
    columns[..., 1] = np.where(serial, share, 0.0) * scale
    columns[..., 2] = np.where(serial, 0.0, share * fewest / points.workers) * scale
    right = (y - points.waves - np.where(serial, 0.0, points.work)) * scale
    costs = np.matmul(np.linalg.pinv(columns, rcond=1e-10), right[..., None])[..., 0]
    return np.asarray(costs * np.array([1.0, 1.0 / most, fewest / most]), dtype=np.float64)
