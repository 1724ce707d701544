"""The overhead of each round, and the most that going parallel could have saved in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.reading.analysis.verdict.estimates import Floats

SERIAL = frozenset({"numpy", "serial", "serial-replay"})
"""Executors that run one task at a time, whatever their number of workers."""


def is_serial(executor: str, workers: int) -> bool:
    """Whether tasks run one at a time, so that the ceiling is 1 by definition."""
    return workers == 1 or executor in SERIAL


def costs(t1: Floats, tp: Floats, ceiling: float, n_tasks: float) -> dict[str, Floats]:
    """Gain and overhead of each round; an empty array where a quantity is not defined.

    ``gain = T1 - T1/S`` and ``overhead = TP - T1/S``. A negative overhead says that the ceiling was
    beaten, and is not clamped. Where tasks hold each other up (``S < 1``) there is nothing to gain:
    the gain is not defined, since the most that can be saved is no negative time. The overhead is:
    what the call takes beyond the same work at once without a scheduler. Their ratio is defined
    where there is something to gain (``S > 1``); nothing is without a ceiling.

    Parameters
    ----------
    t1, tp : ndarray of float, shape (rounds,)
        Seconds of the baseline and of the case.
    ceiling : float
        ``S``, NaN where unknown.
    n_tasks : float
        Tasks of one call, NaN where unknown.

    Returns
    -------
    dict of ndarray
        ``gain_seconds`` and ``overhead_seconds`` in s, ``overhead_over_gain``,
        ``overhead_us_per_task`` in us; each of shape (rounds,) or (0,).
    """
    S, n = np.float64(ceiling), np.float64(n_tasks)
    defined = where_defined(S, n)
    return {
        name: values if defined[name] else np.empty(0)
        for name, values in costs_of_rounds(t1, tp, S, n).items()
    }


def where_defined(ceiling: ArrayLike, n_tasks: ArrayLike) -> dict[str, NDArray[np.bool_]]:
    """Where each of the :func:`costs` means something, by ceilings and numbers of tasks of one
    shape."""
    S, n = np.asarray(ceiling, dtype=np.float64), np.asarray(n_tasks, dtype=np.float64)
    return {
        "gain_seconds": S >= 1,
        "overhead_seconds": S > 0,
        "overhead_over_gain": S > 1,
        "overhead_us_per_task": (S > 0) & (n > 0),
    }


def costs_of_rounds(
    t1: Floats, tp: Floats, ceiling: ArrayLike, n_tasks: ArrayLike
) -> dict[str, Floats]:
    """:func:`costs` of rounds of many cases, also where they mean nothing.

    Parameters
    ----------
    t1, tp : ndarray of float, shape (rounds,)
        Seconds of the baseline and of the case.
    ceiling, n_tasks : array_like of float, shape (rounds,) or ()
        Of the case of each round, NaN where unknown.

    Returns
    -------
    dict of ndarray
        Each of shape (rounds,); a ratio to no gain is NaN.
    """
    S, n = np.asarray(ceiling, dtype=np.float64), np.asarray(n_tasks, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        gain, overhead = t1 - t1 / S, tp - t1 / S
        return {
            "gain_seconds": gain,
            "overhead_seconds": overhead,
            "overhead_over_gain": np.where(gain == 0, np.nan, overhead / gain),
            "overhead_us_per_task": overhead / n * 1e6,
        }
