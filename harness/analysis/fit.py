"""Fit the overhead model to one sweep: rule 24, in units of T1."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from harness.analysis.estimates import Floats

SOFT = 0.05
"""Where soft-L1 turns from squares to absolute values, as a relative residual."""


class Sweep(NamedTuple):
    """What is fitted; all of shape (points,), those of the empty-task control last.

    ``tasks`` and ``fixed`` make the prediction ``c0 + max(tasks*s, tasks*o/P + work) + waves``:
    ``work`` is ``1/S`` and ``waves`` the imbalance, both 0 for the control.
    """

    tasks: Floats
    work: Floats
    waves: Floats
    workers: int


def sweep(n: Floats, tasks: Floats, empty: Floats, ceiling: float, workers: int) -> Sweep:
    """The points of a sweep and of its control.

    Parameters
    ----------
    n, tasks : ndarray of float, shape (points,)
        Numbers of chunks and of tasks of the sweep.
    empty : ndarray of float, shape (controls,)
        Numbers of tasks of the empty-task control; may have no element.
    ceiling : float
        ``S(P)``.
    workers : int
        ``P``.
    """
    waves = (np.ceil(n / workers) - n / workers) / n
    return Sweep(
        np.concatenate((tasks, empty)),
        np.concatenate((np.full(n.size, 1 / ceiling), np.zeros(empty.size))),
        np.concatenate((waves, np.zeros(empty.size))),
        workers,
    )


def predicted(costs: Floats, points: Sweep) -> Floats:
    """``T/T1`` of each point, ``T = c0 + max(K*s, K*o/P + W/S) + I``.

    Parameters
    ----------
    costs : ndarray of float, shape (3,)
        ``c0``, ``s`` and ``o`` in units of T1.
    points : Sweep
    """
    binding = np.maximum(*_branches(costs, points))
    return np.asarray(costs[0] + binding + points.waves, dtype=np.float64)


def on_serial_branch(costs: Floats, points: Sweep) -> NDArray[np.bool_]:
    """Whether the serial cost binds at each point, shape (points,)."""
    serial, parallel = _branches(costs, points)
    return np.asarray(serial > parallel)


def fit(y: Floats, points: Sweep, start: Floats | None = None) -> Floats:
    """The costs ``c0, s, o`` that fit ``T/T1`` best by soft-L1 of the relative residuals.

    The model is linear wherever it is settled which points are on which branch, and ordered by
    tasks the serial branch is the upper end; so every split is tried by linear least squares, and
    the best start is polished by ``scipy.optimize.least_squares``. Costs are not held above 0: a
    negative one says that noise is larger than it.

    Parameters
    ----------
    y : ndarray of float, shape (points,)
        ``T/T1``, positive.
    points : Sweep
    start : ndarray of float, shape (3,), optional
        A further start.

    Returns
    -------
    ndarray of float, shape (3,)
    """
    starts = [_linear(y, points, serial) for serial in _splits(points)]
    starts += [] if start is None else [start]
    best = min(starts, key=lambda costs: _loss(_residuals(costs, y, points)))
    unit = np.array([1.0, 1 / points.tasks.max(), 1 / points.tasks.max()])

    def residuals(x: Floats) -> Floats:
        return _residuals(x * unit, y, points)

    def slopes(x: Floats) -> Floats:
        return np.asarray(_slopes(x * unit, y, points) * unit, dtype=np.float64)

    found = optimize.least_squares(
        residuals,
        best / unit,
        jac=slopes,
        loss="soft_l1",
        f_scale=SOFT,
        max_nfev=50,
    )
    return np.asarray(found.x * unit, dtype=np.float64)


def _branches(costs: Floats, points: Sweep) -> tuple[Floats, Floats]:
    _, s, o = costs
    return points.tasks * s, points.tasks * o / points.workers + points.work


def _residuals(costs: Floats, y: Floats, points: Sweep) -> Floats:
    return predicted(costs, points) / y - 1


def _slopes(costs: Floats, y: Floats, points: Sweep) -> Floats:
    serial = on_serial_branch(costs, points)
    tasks = points.tasks
    columns = (np.ones_like(y), tasks * serial, tasks * ~serial / points.workers)
    return np.stack(columns, axis=1) / y[:, None]


def _loss(residuals: Floats) -> float:
    return float((np.sqrt(1 + (residuals / SOFT) ** 2) - 1).sum())


def _splits(points: Sweep) -> list[NDArray[np.bool_]]:
    """Which points may be on the serial branch: of the control all or none."""
    control = points.work == 0
    edges = (*np.unique(points.tasks[~control]), np.inf)
    both = (False, True) if control.any() else (False,)
    return [np.where(control, one, points.tasks >= edge) for edge in edges for one in both]


def _linear(y: Floats, points: Sweep, serial: NDArray[np.bool_]) -> Floats:
    """Costs with the points *serial* on the serial branch."""
    tasks = points.tasks
    columns = np.stack((np.ones_like(y), tasks * serial, tasks * ~serial / points.workers), axis=1)
    right = y - points.waves - np.where(serial, 0.0, points.work)
    costs, *_ = np.linalg.lstsq(columns / y[:, None], right / y, rcond=None)
    return np.asarray(costs, dtype=np.float64)
