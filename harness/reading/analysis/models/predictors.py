"""What predicts the times of a sweep by the overhead model (rule 24), in units of T1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.reading.analysis.verdict.estimates import Floats


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


def _branches(costs: Floats, points: Predictors) -> tuple[Floats, Floats]:
    s, o = costs[..., 1:2], costs[..., 2:3]
    return points.tasks * s, points.tasks * o / points.workers + points.work
