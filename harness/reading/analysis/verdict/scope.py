"""Say how far a verdict can be generalised."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.core.records import Verdict
from harness.reading.analysis.verdict.estimates import Floats
from harness.reading.analysis.verdict.t_intervals import mean_intervals
from harness.reading.analysis.verdict.verdicts import MARGIN

THESE = "for these start-ups"
BEYOND = "beyond"
MIN_BLOCKS = 5


def scope(
    d: Floats, block: Floats, verdict: Verdict, level: float = 0.95
) -> tuple[str, str | None]:
    """Whether a verdict holds beyond the start-ups that were measured (rule 12).

    Rounds of one start-up share its luck, so they replicate only the round. A verdict reaches
    beyond with at least 5 blocks whose medians, as replicates of the start-up, agree with it by
    their t interval: above 0 for ``pays``, below for ``overhead exceeds gain``, inside +-5 % for
    ``equal``. That interval has the full *level* also for ``equal``, a stricter test than the one
    over rounds. An undetermined verdict claims nothing, so that nothing can disagree with it.

    Parameters
    ----------
    d : ndarray of float, shape (rounds,)
        ``log(T1/TP)`` of each round.
    block : ndarray of float, shape (rounds,)
        Block of each round; NaN where unknown, such rounds are left out here.
    verdict : Verdict
        The verdict over rounds.
    level : float
        Level of the t interval.

    Returns
    -------
    tuple of str and (str or None)
        The scope, and a warning where at least 5 blocks do not agree with the verdict.
    """
    medians = np.array([np.median(d[block == b]) for b in np.unique(block[~np.isnan(block)])])
    words, warnings = scopes(medians[np.newaxis], np.array([verdict.value], dtype=object), level)
    return words[0], warnings[0]


def scopes(
    medians: Floats, verdicts: NDArray[np.object_], level: float = 0.95
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """The scope of each of several cases with as many blocks; see :func:`scope`.

    Parameters
    ----------
    medians : ndarray of float, shape (cases, blocks)
        Median of ``log(T1/TP)`` over the rounds of each block.
    verdicts : ndarray of object, shape (cases,)
        The verdicts over rounds, as words.
    level : float
        Level of the t intervals.

    Returns
    -------
    tuple of ndarray of object, shape (cases,)
        The scopes, and the warnings: ``None`` where there is nothing to warn of.
    """
    n = medians.shape[-1]
    words = np.full(len(medians), THESE, dtype=object)
    warnings: NDArray[Any] = np.full(len(medians), None, dtype=object)
    if n < MIN_BLOCKS:
        return words, warnings
    low, high = mean_intervals(medians, level)
    agrees = (
        ((verdicts == Verdict.PAYS) & (low > 0))
        | ((verdicts == Verdict.OVERHEAD) & (high < 0))
        | ((verdicts == Verdict.EQUAL) & (low > -MARGIN) & (high < MARGIN))
    )
    words[agrees] = BEYOND
    warnings[~agrees & (verdicts != Verdict.UNDETERMINED)] = (
        f"the t interval over {n} start-ups does not agree with the verdict"
    )
    return words, warnings
