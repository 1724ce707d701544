"""Student's t with a variance that leans on other cases: what 2 to 5 rounds allow, rule 19 (a).

So few rounds say little of their own spread. The other cases of the run measured on the same
machine, minutes apart, say what it usually is, and the two are weighed together (Smyth, "Linear
models and empirical Bayes methods", SAGMB 3(1):3, 2004), with prior degrees of freedom fixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from harness.reading.analysis.verdict.t_intervals import t_quantile

Floats = NDArray[np.float64]

PRIOR_FREEDOM = 3
"""By how many rounds less one the spread of the other cases counts."""

LEAST_SD = 0.05
"""No case is taken to spread less than this, in logarithms."""

DEFAULT_PRIOR = 0.3**2
"""Variance of ``log(T1/TP)`` of a round where no other case tells it. With ``0.15**2`` a machine of
two levels made 8 to 12 % of cases without effect look decided; see ``docs/method.md``, rule 19."""

MIN_PRIOR_ROUNDS = 3
"""Another case tells its spread from so many rounds on."""

MIN_MODERATED, MOST_MODERATED = 2, 5
"""Numbers of rounds, fixed beforehand, that are judged this way."""


class Moderated(NamedTuple):
    """Means of a few rounds with their standard errors, each of shape (cases,)."""

    mean: Floats
    error: Floats
    freedom: int


def moderated(values: Floats, prior: ArrayLike = DEFAULT_PRIOR) -> Moderated:
    """The mean of each row and its standard error by the moderated variance.

    Parameters
    ----------
    values : ndarray of float, shape (cases, rounds)
        Logarithms, at least 2 rounds.
    prior : array_like of float, shape (cases,) or ()
        What the variance of a round is in other cases; see :func:`prior_variance`.
    """
    n = values.shape[-1]
    own = values.var(axis=-1, ddof=1)
    freedom = PRIOR_FREEDOM + n - 1
    both = (PRIOR_FREEDOM * np.asarray(prior, dtype=np.float64) + (n - 1) * own) / freedom
    error = np.sqrt(np.maximum(both, LEAST_SD**2) / n)
    return Moderated(values.mean(axis=-1), error, freedom)


def moderated_intervals(
    values: Floats, level: float, prior: ArrayLike = DEFAULT_PRIOR
) -> tuple[Floats, Floats, Floats]:
    """The mean of each row of *values* with both ends of its interval, each of shape (cases,).

    Parameters are those of :func:`moderated`, and the level of each interval.
    """
    mean, error, freedom = moderated(values, prior)
    half = t_quantile(level, freedom) * error
    return mean, mean - half, mean + half


def moderated_p(values: Floats, prior: ArrayLike = DEFAULT_PRIOR) -> Floats:
    """Two-sided p-value that each mean is 0, shape (cases,), by the same t."""
    mean, error, freedom = moderated(values, prior)
    p = 2 * special.stdtr(freedom, -np.abs(mean) / error)
    return np.asarray(p, dtype=np.float64)


def prior_variance(others: Sequence[Sequence[float]]) -> float:
    """What the variance of a round is, by the other cases of a run.

    Parameters
    ----------
    others : sequence of sequence of float
        ``log(T1/TP)`` of the rounds of each other case; those with fewer than 3 tell nothing.

    Returns
    -------
    float
        The mean of their variances; :data:`DEFAULT_PRIOR` where none tells it.
    """
    known = [np.var(d, ddof=1) for d in others if len(d) >= MIN_PRIOR_ROUNDS]
    return float(np.mean(known)) if known else DEFAULT_PRIOR
