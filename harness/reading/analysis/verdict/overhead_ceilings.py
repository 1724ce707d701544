"""What overheads are worked out with where the ceiling is not known, but hardly matters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.reading.analysis.verdict.estimates import Floats

MOST_MOVED = 0.05
"""The most of an overhead that ceilings from 1 to P may move, for it to be told without one."""


def overhead_ceilings(
    ceilings: tuple[Floats, ...],
    unknown: NDArray[np.object_],
    workers: Floats,
    t1: Floats,
    tp: Floats,
) -> tuple[Floats, ...]:
    """The ceilings of many cases as their overheads need them.

    ``overhead = TP - T1/S`` hardly asks for ``S`` where TP is far above T1. So where a ceiling was
    measured and is not known, and none from 1 to P moves the overhead by more than
    :data:`MOST_MOVED`, that range takes its place, with the point at which T1/S is in the middle.

    Parameters
    ----------
    ceilings : tuple of ndarray of float
        ``S`` and the ends of its interval; NaN where unknown.
    unknown : ndarray of str or None
        Why a ceiling that was measured is not known.
    workers : ndarray of float
    t1, tp : ndarray of float
        Seconds of the baseline and of the case; NaN where there are none.

    Returns
    -------
    tuple of ndarray of float
        As *ceilings*, all of shape (cases,).
    """
    refused = np.array([words is not None for words in unknown], dtype=bool)
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = t1 - t1 / workers
        told = refused & (workers > 1) & (moved <= MOST_MOVED * (tp - t1))
        middle = 2 * workers / (workers + 1)
    bounds = (middle, np.ones_like(workers), workers)
    return tuple(np.where(told, bound, S) for bound, S in zip(bounds, ceilings, strict=True))
