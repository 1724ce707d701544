"""The p-value of the rule that gave an interval, and two corrections for many of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from harness.reading.analysis.verdict.estimates import (
    EARLY_ERROR,
    EARLY_LOOKS,
    LOOKS,
    LOOKS_LEVEL,
    Floats,
    interval_rule,
    rounds_used,
)
from harness.reading.analysis.verdict.interpolated import interpolated_p
from harness.reading.analysis.verdict.moderated import DEFAULT_PRIOR, moderated_p


def sign_p(d: ArrayLike, looks: Sequence[int] | None = None, prior: float = DEFAULT_PRIOR) -> float:
    """Two-sided p-value that the middle of *d* is 0, by the rule that gives the interval.

    It is at most 5 % exactly where the 95 % interval leaves 0 out: by moderated t for 2 to 5
    rounds, by the sign test for 6, by interpolation from 7 on; 1 for a single round. With planned
    looks it is valid at whichever look the rounds stopped: the chance to see anywhere on the way
    as little, measured by what that look may spend, as was seen here.

    Parameters
    ----------
    d : array_like of float, shape (rounds,)
        ``log(T1/TP)`` of each round, in the order of the rounds.
    looks : sequence of int, optional
        Planned looks of the run.
    prior : float
        Variance of a round in other cases.

    Raises
    ------
    InputError
        Where the looks are not known.
    """
    values = np.asarray(d, dtype=np.float64)
    values = values[: rounds_used(values.size, looks)]
    rule, n = interval_rule(values.size, looks), values.size
    if rule == "moderated t":
        p = float(moderated_p(values[np.newaxis], prior)[0])
        return p if looks is None else _anywhere(p / EARLY_ERROR, tuple(looks))
    if rule == "interpolated":
        return interpolated_p(values)
    p = _binomial_p(_against(values), n)
    if looks is None:
        return p if rule else 1.0
    return _anywhere(p / _spent(n), tuple(looks)) if rule else 1.0


def _against(values: Floats) -> int:
    return values.size - max(int((values > 0).sum()), int((values < 0).sum()))


def _binomial_p(against: int, n: int) -> float:
    return min(1.0, 2 * float(special.bdtr(against, n, 0.5)))


def _spent(look: int) -> float:
    """What the order statistics of a look may err when seen alone."""
    return _binomial_p(LOOKS[look] - 1, look)


def _anywhere(times: float, looks: tuple[int, ...]) -> float:
    """The p-value of a test that would have stopped at any look whose own p-value is at most
    *times* what that look may spend; scaled, so that it is 5 % where *times* is 1."""
    return min(1.0, 0.05 * (_total_error(times, looks) / _total_error(1.0, looks)))


@lru_cache(maxsize=4096)
def _total_error(times: float, looks: tuple[int, ...]) -> float:
    """The chance that any look of a case without effect has a p-value as small.

    Exact for order statistics, from the law of the number of positive rounds look after look; the
    early looks are added to it, which overstates it.
    """
    error = times * EARLY_ERROR * sum(look in EARLY_LOOKS for look in looks)
    alive = np.ones(1)
    for n in range(1, looks[-1] + 1):
        alive = np.convolve(alive, [0.5, 0.5])
        if n in looks and n in LOOKS:
            positive = np.arange(n + 1)
            p = np.minimum(1.0, 2 * special.bdtr(np.minimum(positive, n - positive), n, 0.5))
            rejected = p <= times * _spent(n) * (1 + 1e-9)
            error += float(alive[rejected].sum())
            alive = np.where(rejected, 0.0, alive)
    return min(1.0, error)


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
