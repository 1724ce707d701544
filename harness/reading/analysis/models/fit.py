"""Fit the overhead model to the points of one sweep, or of several together: rule 24, in units of
T1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.reading.analysis.models.least_squares import least_squares
from harness.reading.analysis.models.predictors import Predictors, on_serial_branch, predicted
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


def soft_weights(costs: Floats, y: Floats, points: Predictors) -> Floats:
    """By what the residuals of weighted least squares are multiplied to have the loss of soft-L1.

    The parameters are those of :func:`fit`; of the shape of *y*.
    """
    weights = (
        1 + (_residuals(costs, y, points) / SOFT) ** 2
    ) ** -0.25  # of the squares, their root
    return np.asarray(weights, dtype=np.float64)


def _order(costs: Floats, y: Floats, points: Predictors) -> NDArray[np.int64]:
    """Sort the places of *costs*, shape (places, fits, 3), by their loss, the least first."""
    return _loss(_residuals(costs, y, points)).argsort(axis=0, kind="stable")


def _polished(costs: Floats, y: Floats, points: Predictors) -> Floats:
    residuals = _residuals(costs, y, points)
    loss = _loss(residuals)
    active = np.arange(len(y))
    for _ in range(STEPS):
        here, rows, beside = costs[active], y[active], points.of_fits(active)
        weights = _weights(residuals[active])
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


def _residuals(costs: Floats, y: Floats, points: Predictors) -> Floats:
    return predicted(costs, points) / y - 1


def _weights(residuals: Floats) -> Floats:
    """Those of the squares are its squares."""
    return np.asarray((1 + (residuals / SOFT) ** 2) ** -0.25, dtype=np.float64)


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
    costs = least_squares(columns, right)
    return np.asarray(costs * np.array([1.0, 1.0 / most, fewest / most]), dtype=np.float64)
