"""Say how far a verdict can be generalised, and warn of correlated rounds."""

from __future__ import annotations

import numpy as np
from scipy import stats

from harness.core.records import Verdict
from harness.reading.analysis.verdict.estimates import Floats
from harness.reading.analysis.verdict.verdicts import MARGIN

THESE = "for these start-ups"
BEYOND = "beyond"
MIN_BLOCKS = 5
AUTOCORRELATION_LIMIT = 0.2


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
    if verdict is Verdict.UNDETERMINED:
        return THESE, None
    medians = np.array([np.median(d[block == b]) for b in np.unique(block[~np.isnan(block)])])
    n = medians.size
    if n < MIN_BLOCKS:
        return THESE, None
    half = stats.t.ppf((1 + level) / 2, n - 1) * medians.std(ddof=1) / np.sqrt(n)
    low, high = medians.mean() - half, medians.mean() + half
    agrees = {
        Verdict.PAYS: low > 0,
        Verdict.OVERHEAD: high < 0,
        Verdict.EQUAL: low > -MARGIN and high < MARGIN,
    }[verdict]
    if agrees:
        return BEYOND, None
    return THESE, f"the t interval over {n} start-ups does not agree with the verdict"


def autocorrelation_warning(autocorrelation: float | None) -> str | None:
    """A warning where neighbouring rounds resemble each other (rule 19: above 0.2), else ``None``.

    Parameters
    ----------
    autocorrelation : float or None
        At lag 1, of ``log(T1/TP)`` over the rounds.
    """
    if autocorrelation is None or autocorrelation <= AUTOCORRELATION_LIMIT:
        return None
    return (
        f"neighbouring rounds are correlated ({autocorrelation:.2f}): "
        "a false verdict is likelier than the level says"
    )
