"""What the times of a sweep say of the ceiling, and of the costs where it is not held to its own
measurement."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from harness.reading.analysis.models.fit import soft_weights
from harness.reading.analysis.models.least_squares import least_squares
from harness.reading.analysis.models.predictors import Predictors, on_serial_branch
from harness.reading.analysis.verdict.estimates import Floats

STEPS = 3
"""How often the points are put on their branches anew."""


class FreeFit(NamedTuple):
    """A fit with the ceiling free, of each of many samples.

    Attributes
    ----------
    costs : ndarray of float, shape (fits, 3)
        ``c0``, ``s`` and ``o`` in units of T1.
    factors : ndarray of float, shape (fits,)
        By what the shared work ``W/S`` has to be multiplied: 1 where the times fit the ceiling.
    """

    costs: Floats
    factors: Floats


def with_free_ceiling(costs: Floats, y: Floats, points: Predictors) -> FreeFit:
    """Fit ``c0``, ``s``, ``o`` and a factor of ``W/S`` by :data:`STEPS` steps of weighted least
    squares (those of :func:`harness.reading.analysis.models.fit.fit`) from *costs* on.

    Only an empty-task control tells the factor from the fixed cost.

    Parameters
    ----------
    costs : ndarray of float, shape (fits, 3)
        Fits to *y* with the work as given.
    y : ndarray of float, shape (fits, points)
        ``T/T1``.
    points : Predictors
    """
    most = points.tasks.max()
    tasks = points.tasks / most  # columns of one size
    found = FreeFit(costs, np.ones(len(y)))
    for _ in range(STEPS):
        beside = points._replace(work=points.work * found.factors[:, None])
        serial = on_serial_branch(found.costs, beside)
        weights = soft_weights(found.costs, y, beside) / y
        columns = np.stack(
            (
                np.ones_like(y),
                np.where(serial, tasks, 0.0),
                np.where(serial, 0.0, tasks / points.workers),
                np.where(serial, 0.0, points.work),
            ),
            axis=-1,
        )
        step = least_squares(columns * weights[..., None], (y - points.waves) * weights)
        scaled = step[..., :3] / np.array([1.0, most, most])
        found = FreeFit(scaled, np.asarray(step[..., 3], dtype=np.float64))
    return found


def asked_ceiling(factors: Floats, tail: float) -> str | None:
    """Say by what factor the times ask for another ceiling, where its interval excludes 1.

    *factors*, (draws,), are those of a :class:`FreeFit`; *tail* is the quantile at either end.
    """
    low, high = np.quantile(factors, (tail, 1 - tail), method="weibull")
    if low <= 1 <= high:
        return None
    return (
        f"the times ask for {1 / high:.2f} to {1 / low:.2f} of the ceiling that was measured, so "
        "one of the two is wrong"
    )
