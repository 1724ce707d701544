"""The sign test behind the exact intervals, and two corrections for many tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from harness.reading.analysis.verdict.estimates import LOOKS_LEVEL, rounds_used


def sign_p(d: ArrayLike, looks: Sequence[int] | None = None) -> float:
    """Two-sided p-value of the sign test of a median of 0, the test behind the exact interval.

    With planned looks it is multiplied by their number (Bonferroni), so that it is valid at
    whichever look the rounds stopped.

    Parameters
    ----------
    d : array_like of float, shape (rounds,)
        ``log(T1/TP)`` of each round, in the order of the rounds.
    looks : sequence of int, optional
        Planned looks of the run.

    Raises
    ------
    InputError
        Where the looks are not known.
    """
    values = np.asarray(d, dtype=np.float64)
    values = values[: rounds_used(values.size, looks)]
    n = values.size
    against = n - max(int((values > 0).sum()), int((values < 0).sum()))
    p = 2 * float(special.bdtr(against, n, 0.5)) * (1 if looks is None else len(looks))
    return min(1.0, p)


def holm(p: Sequence[float], level: float = LOOKS_LEVEL) -> list[bool]:
    """Which null hypotheses Holm's step-down procedure rejects (Scand. J. Statist. 6, 1979, 65).

    Parameters
    ----------
    p : sequence of float
        p-values of the family.
    level : float
        One minus the chance of any false rejection.
    """
    rejected = [False] * len(p)
    for rank, i in enumerate(np.argsort(np.asarray(p), kind="stable")):
        if p[i] > (1 - level) / (len(p) - rank):
            break
        rejected[i] = True
    return rejected


def few_false(p: Sequence[float], level: float) -> list[bool]:
    """Which null hypotheses are rejected so that few of the rejected ones are true.

    The step-up procedure of Benjamini and Hochberg (J. R. Stat. Soc. B 57, 1995, 289): of all that
    is rejected a share of at most ``1 - level`` is expected to be false; where nothing differs,
    the chance of rejecting anything is at most that.

    Parameters
    ----------
    p : sequence of float
        p-values of the family; one that is not known, NaN, is never rejected and not counted.
    level : float
        One minus the share.
    """
    values = np.asarray(p, dtype=np.float64)
    ordered = np.sort(values[~np.isnan(values)])
    allowed = (1 - level) * np.arange(1, ordered.size + 1) / max(ordered.size, 1)
    kept = ordered[ordered <= allowed]
    return (values <= (kept[-1] if kept.size else -np.inf)).tolist()
