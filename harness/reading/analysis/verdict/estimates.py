"""Medians with exact order-statistics intervals, for fixed rounds and for planned looks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from harness.core.errors import InputError
from harness.core.records import Estimate

Floats = NDArray[np.float64]

LOOKS: dict[int, int] = {8: 1, 12: 2, 16: 4, 24: 7, 32: 10}
"""Rounds at a planned look -> order statistic, from either end, of its interval (rule 18)."""

LOOKS_LEVEL = 0.95
"""What the looks keep all together: their exact total error is 4.9 %."""

MIN_ROUNDS = 6
"""The fewest rounds with an exact 95 % interval for a median: ``2 * 0.5**6 = 3.1 %``."""


def check_looks(looks: Sequence[int]) -> None:
    """Refuse looks whose order statistics are not known.

    A subset of :data:`LOOKS` is fine: leaving out looks only lowers the total error.

    Parameters
    ----------
    looks : sequence of int
        Numbers of rounds, rising.

    Raises
    ------
    InputError
        Where *looks* is empty, not rising, or has a number of rounds that is not in :data:`LOOKS`.
    """
    unknown = [look for look in looks if look not in LOOKS]
    if not looks or unknown or list(looks) != sorted(set(looks)):
        known = ", ".join(map(str, LOOKS))
        raise InputError(
            f"looks {list(looks)} are not rising rounds out of {known}, so no error rate is known "
            "for them: plan those looks, or a fixed number of rounds"
        )


def rounds_used(n: int, looks: Sequence[int] | None = None) -> int:
    """How many of *n* rounds, in order, estimates and verdicts use.

    All of them for a fixed number of rounds or before the first look; else those up to the latest
    look reached, because an interval computed between looks has no known error (rule 18).

    Parameters
    ----------
    n : int
        Rounds with a result.
    looks : sequence of int, optional
        Planned looks of the run.

    Raises
    ------
    InputError
        See :func:`check_looks`.
    """
    if looks is None:
        return n
    check_looks(looks)
    return max((look for look in looks if look <= n), default=n)


def median_interval(
    values: ArrayLike, level: float = LOOKS_LEVEL, looks: Sequence[int] | None = None
) -> Estimate:
    """Median of *values* with an exact distribution-free interval.

    With a fixed number of rounds (*looks* ``None``) the interval is that of
    ``scipy.stats.quantile_test`` (rule 19), and fewer than 6 values have none. With planned looks
    it is bounded by the order statistics of the latest look reached (rule 18); values after that
    look are used neither for the interval nor for the point, so that the point lies within, and
    before the first look there is no interval.

    Parameters
    ----------
    values : array_like of float, shape (rounds,)
        One finite value a round, in the order of the rounds.
    level : float
        Level of the interval. The looks keep 95 % all together and know no other level: a lower
        one gets their 95 % interval, which then is conservative.
    looks : sequence of int, optional
        Planned looks of the run.

    Returns
    -------
    Estimate
        ``n`` is the number of values used; ``point`` is ``None`` where there is none.

    Raises
    ------
    InputError
        Where a value is not finite, or the looks or their level are not known.
    """
    used = np.asarray(values, dtype=np.float64)
    if looks is not None:
        if level > LOOKS_LEVEL:
            raise InputError(f"the planned looks keep 95 %, not {level}: ask for at most 0.95")
        level = LOOKS_LEVEL
    used = np.sort(used[: rounds_used(used.size, looks)])
    if not np.isfinite(used).all():
        raise InputError("a round has no finite value: check the times in the journal")
    n = used.size
    if n == 0:
        return Estimate(point=None, level=level)
    ranks = _ranks(n, level) if looks is None else _look_ranks(n)
    low, high = (None, None) if ranks is None else (float(used[i]) for i in ranks)
    return Estimate(point=float(np.median(used)), low=low, high=high, level=level, n=n)


def equal_interval(
    values: ArrayLike, level: float = LOOKS_LEVEL, looks: Sequence[int] | None = None
) -> Estimate:
    """The exact interval that TOST compares with the margin of ``equal`` (rule 20).

    Two one-sided tests at ``(1 - level)`` each are one interval at ``2 * level - 1``: 90 % for
    *level* 0.95. With planned looks the look's own order statistics are taken, at least 97.7 %
    each; that is conservative: ``equal`` is found later than it could be, never too often.

    Parameters
    ----------
    values : array_like of float, shape (rounds,)
        One finite value a round, in the order of the rounds.
    level : float
        Level of the verdict, not of the interval.
    looks : sequence of int, optional
        Planned looks of the run.

    Raises
    ------
    InputError
        See :func:`median_interval`.
    """
    estimate = median_interval(values, level if looks is not None else 2 * level - 1, looks)
    if estimate.n < MIN_ROUNDS:
        return estimate.model_copy(update={"low": None, "high": None})
    return estimate


def lag1_autocorrelation(values: ArrayLike) -> float | None:
    """Correlation of each round with the next (rule 19); ``None`` for fewer than 6 or all equal.

    ``sum(e[i] * e[i + 1]) / sum(e**2)`` with ``e`` the deviations from the mean (Box and Jenkins,
    Time Series Analysis, section 2.1). Its expectation for independent rounds is ``-1/n``.

    Parameters
    ----------
    values : array_like of float, shape (rounds,)
        One value a round, in the order of the rounds.
    """
    e = np.asarray(values, dtype=np.float64)
    if e.size < MIN_ROUNDS:
        return None
    # A ptp test, not a zero sum of squares: the mean of equal numbers may differ from them.
    if np.ptp(e) == 0:
        return None
    e = e - e.mean()
    return float((e[:-1] * e[1:]).sum() / (e * e).sum())


@cache
def _ranks(n: int, level: float) -> tuple[int, int] | None:
    # The interval of the ranks themselves tells which order statistics bound any n values.
    if n < MIN_ROUNDS:
        return None
    interval: Any = stats.quantile_test(np.arange(n), q=0, p=0.5).confidence_interval(level)
    if np.isnan(interval.low) or np.isnan(interval.high):
        return None
    return int(interval.low), int(interval.high)


def _look_ranks(n: int) -> tuple[int, int] | None:
    return (LOOKS[n] - 1, n - LOOKS[n]) if n in LOOKS else None


def expanded_tail(n: int, level: float = 0.95) -> float:
    """The quantile of a bootstrap to take at either end of an interval over few values.

    Resampling *n* values makes their spread too small by ``sqrt((n-1)/n)``, and treats it as known.
    ``Phi(-sqrt(n/(n-1)) * t)``, with ``t`` of Student with ``n-1`` degrees of freedom, corrects
    both (Hesterberg, "What Teachers Should Know About the Bootstrap", Am. Stat. 69(4), 2015,
    section 5.3). It is 1.6 % for 20 values, where 2.5 % would cover too seldom.

    Parameters
    ----------
    n : int
        Values resampled, at least 2.
    level : float
        Of the interval.

    Returns
    -------
    float
        Between 0 and 0.5.
    """
    t = stats.t.ppf((1 + level) / 2, n - 1)
    return float(stats.norm.cdf(-np.sqrt(n / (n - 1)) * t))
