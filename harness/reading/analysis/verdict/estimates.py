"""Medians with exact order-statistics intervals, for fixed rounds and for planned looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from harness.core.errors import InputError
from harness.core.median_ranks import median_ranks
from harness.core.records import Estimate
from harness.reading.analysis.verdict.t_intervals import t_quantile

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


class Intervals(NamedTuple):
    """Points and both ends of their intervals, each of shape (cases,); NaN where there is none."""

    point: Floats
    low: Floats
    high: Floats


def median_intervals(
    values: Floats, level: float = LOOKS_LEVEL, looks: Sequence[int] | None = None
) -> Intervals:
    """The median of each row of *values* with its interval; see :func:`median_interval`.

    Parameters
    ----------
    values : ndarray of float, shape (cases, rounds)
        One finite value a case and round, in the order of the rounds.
    level : float
        Level of each interval.
    looks : sequence of int, optional
        Planned looks of the run.

    Raises
    ------
    InputError
        Where a value is not finite, or the looks or their level are not known.
    """
    level = _level_kept(level, looks)
    n = rounds_used(values.shape[-1], looks)
    ordered = np.sort(values[:, :n], axis=-1)
    if not np.isfinite(ordered).all():
        raise InputError("a round has no finite value: check the times in the journal")
    none = np.full(len(values), np.nan)
    if n == 0:
        return Intervals(none, none, none)
    point = (ordered[:, (n - 1) // 2] + ordered[:, n // 2]) / 2
    ranks = _fixed_ranks(n, level) if looks is None else _look_ranks(n)
    if ranks is None:
        return Intervals(point, none, none)
    return Intervals(point, *(ordered[:, rank] for rank in ranks))


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
    row = np.asarray(values, dtype=np.float64)[np.newaxis]
    return _estimate(median_intervals(row, level, looks), row, level, looks)


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
    row = np.asarray(values, dtype=np.float64)[np.newaxis]
    return _estimate(equal_intervals(row, level, looks), row, _level_of_equal(level, looks), looks)


def equal_intervals(
    values: Floats, level: float = LOOKS_LEVEL, looks: Sequence[int] | None = None
) -> Intervals:
    """The interval of :func:`equal_interval` of each row of *values*, shape (cases, rounds)."""
    return median_intervals(values, _level_of_equal(level, looks), looks)


def _level_kept(level: float, looks: Sequence[int] | None) -> float:
    if looks is None:
        return level
    if level > LOOKS_LEVEL:
        raise InputError(f"the planned looks keep 95 %, not {level}: ask for at most 0.95")
    return LOOKS_LEVEL


def _level_of_equal(level: float, looks: Sequence[int] | None) -> float:
    return level if looks is not None else 2 * level - 1


def _estimate(one: Intervals, row: Floats, level: float, looks: Sequence[int] | None) -> Estimate:
    point, low, high = (None if np.isnan(end[0]) else float(end[0]) for end in one)
    n, level = rounds_used(row.size, looks), _level_kept(level, looks)
    return Estimate(point=point, low=low, high=high, level=level, n=n)


def _fixed_ranks(n: int, level: float) -> tuple[int, int] | None:
    return median_ranks(n, level) if n >= MIN_ROUNDS else None


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
    t = t_quantile(level, n - 1)
    return float(special.ndtr(-np.sqrt(n / (n - 1)) * t))
