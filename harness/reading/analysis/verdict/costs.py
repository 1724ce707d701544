"""The overhead of each round, and the most that going parallel could have saved in it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from harness.reading.analysis.verdict.estimates import Floats

SERIAL = frozenset({"numpy", "serial-replay"})
"""Executors that run one task at a time, whatever their number of workers."""


def is_serial(executor: str, workers: int) -> bool:
    """Whether tasks run one at a time, so that the ceiling is 1 by definition."""
    return workers == 1 or executor in SERIAL


def ceiling(blocks: pd.DataFrame, executor: str, workers: int) -> float:
    """The hardware ceiling ``S(P)`` of a group; NaN where it was not measured.

    The median over the ceilings of the group's blocks; 1 by definition for one worker and for the
    executors in :data:`SERIAL`.

    Parameters
    ----------
    blocks : DataFrame
        Rows of ``schema.BLOCKS`` of this group alone.
    executor : str
        Name of the executor.
    workers : int
        How many tasks can run at once.
    """
    if is_serial(executor, workers):
        return 1.0
    measured = blocks["ceiling"].dropna().to_numpy(dtype=np.float64)
    return float(np.median(measured)) if measured.size else float("nan")


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
    each = costs_of_rounds(t1, tp, np.float64(ceiling), np.float64(n_tasks))
    return {name: values if defined else np.empty(0) for name, (values, defined) in each.items()}


def costs_of_rounds(
    t1: Floats, tp: Floats, ceiling: ArrayLike, n_tasks: ArrayLike
) -> dict[str, tuple[Floats, NDArray[np.bool_]]]:
    """:func:`costs` of rounds of many cases, each with where it is defined.

    Parameters
    ----------
    t1, tp : ndarray of float, shape (rounds,)
        Seconds of the baseline and of the case.
    ceiling, n_tasks : array_like of float, shape (rounds,) or ()
        Of the case of each round, NaN where unknown.

    Returns
    -------
    dict of tuple of ndarray
        Values, shape (rounds,), and whether they mean something, of the shape of *ceiling*.
    """
    S, n = np.asarray(ceiling, dtype=np.float64), np.asarray(n_tasks, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        gain, overhead = t1 - t1 / S, tp - t1 / S
        return {
            "gain_seconds": (gain, S >= 1),
            "overhead_seconds": (overhead, S > 0),
            "overhead_over_gain": (overhead / gain, S > 1),
            "overhead_us_per_task": (overhead / n * 1e6, (S > 0) & (n > 0)),
        }
