"""The overhead of each round, and the most that going parallel could have saved in it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from harness.reading.analysis.verdict.estimates import Floats

SERIAL = frozenset({"numpy", "serial-replay"})
"""Executors that run one task at a time, whatever their number of workers."""


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
    if workers == 1 or executor in SERIAL:
        return 1.0
    measured = blocks["ceiling"].dropna().to_numpy(dtype=np.float64)
    return float(np.median(measured)) if measured.size else float("nan")


def costs(t1: Floats, tp: Floats, ceiling: float, n_tasks: float) -> dict[str, Floats]:
    """Gain and overhead of each round; an empty array where a quantity is not defined.

    ``gain = T1 - T1/S`` and ``overhead = TP - T1/S``. Both may be negative and are not clamped: a
    negative overhead says that the ceiling was beaten. Their ratio is not defined where there is
    nothing to gain (``S <= 1``); nothing is defined without a ceiling.

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
    none = np.empty(0)
    if not ceiling > 0:
        names = ("gain_seconds", "overhead_seconds", "overhead_over_gain", "overhead_us_per_task")
        return dict.fromkeys(names, none)
    gain, overhead = t1 - t1 / ceiling, tp - t1 / ceiling
    return {
        "gain_seconds": gain,
        "overhead_seconds": overhead,
        "overhead_over_gain": overhead / gain if ceiling > 1 else none,
        "overhead_us_per_task": overhead / n_tasks * 1e6 if n_tasks > 0 else none,
    }
