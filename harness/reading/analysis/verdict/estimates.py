"""Middle values with their intervals, for fixed rounds and for planned looks: rules 18 and 19."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from harness.core.errors import InputError
from harness.core.median_ranks import median_ranks
from harness.core.records import Estimate, IntervalRule
from harness.reading.analysis.verdict.interpolated import MIN_INTERPOLATED, interpolated_ends
from harness.reading.analysis.verdict.moderated import (
    MIN_MODERATED,
    MOST_MODERATED,
    moderated_intervals,
)
from harness.reading.analysis.verdict.t_intervals import t_quantile

Floats = NDArray[np.float64]

LOOKS: dict[int, int] = {8: 1, 12: 2, 16: 3, 24: 7, 32: 10}
"""Rounds at a planned look -> order statistic, from either end, of its interval (rule 18)."""

EARLY_LOOKS = (2, 3, 4, 6)
"""Rounds at the planned looks before those, which are judged by a moderated t (rule 19 a)."""

EARLY_ERROR = 0.002
"""What each early look may err."""

LOOKS_LEVEL = 0.95
"""What the looks keep all together: order statistics err in 4.09 % (exact), early looks in 0.8 %
at most."""

MIN_ROUNDS = 6
"""The fewest rounds with an exact 95 % interval for a median: ``2 * 0.5**6 = 3.1 %``."""

Prior = float | Floats | None
"""The variance of a round in other cases, one for all rows or one a row; ``None`` for values whose
spread is not that of a logarithm: below 6 rounds they have no interval."""


def check_looks(looks: Sequence[int]) -> None:
    """Refuse looks whose order statistics are not known.

    A subset of :data:`EARLY_LOOKS` and :data:`LOOKS` is fine: leaving out looks only lowers the
    total error.

    Parameters
    ----------
    looks : sequence of int
        Numbers of rounds, rising.

    Raises
    ------
    InputError
        Where *looks* is empty, not rising, or has a number of rounds that is in neither.
    """
    unknown = [look for look in looks if look not in LOOKS and look not in EARLY_LOOKS]
    if not looks or unknown or list(looks) != sorted(set(looks)):
        known = ", ".join(map(str, (*EARLY_LOOKS, *LOOKS)))
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
    return n if looks is None else _used(n, tuple(looks))


@lru_cache(maxsize=4096)
def _used(n: int, looks: tuple[int, ...]) -> int:
    check_looks(looks)
    return max((look for look in looks if look <= n), default=n)


class Intervals(NamedTuple):
    """Points and both ends of their intervals, each of shape (cases,); NaN where there is none."""

    point: Floats
    low: Floats
    high: Floats


def interval_rule(
    n: int, looks: Sequence[int] | None = None, *, has_prior: bool = True
) -> IntervalRule | None:
    """By which rule *n* rounds, as many as are used, get their interval; ``None``: by none.

    Parameters
    ----------
    n : int
    looks : sequence of int, optional
        Planned looks of the run.
    has_prior : bool
        Whether the values are logarithms, so that other cases can tell their spread.
    """
    early = MIN_MODERATED <= n <= MOST_MODERATED if looks is None else _is_early(n, looks)
    if early:
        return "moderated t" if has_prior else None
    if looks is not None:
        return "order statistics" if n in looks else None
    if n < MIN_ROUNDS:
        return None
    return "interpolated" if n >= MIN_INTERPOLATED else "order statistics"


def _is_early(n: int, looks: Sequence[int]) -> bool:
    return n in EARLY_LOOKS and n in looks


def median_intervals(
    values: Floats,
    level: float = LOOKS_LEVEL,
    looks: Sequence[int] | None = None,
    prior: Prior = None,
) -> Intervals:
    """The middle of each row of *values* with its interval; see :func:`median_interval`.

    Parameters
    ----------
    values : ndarray of float, shape (cases, rounds)
        One finite value a case and round, in the order of the rounds.
    level : float
        Level of each interval.
    looks : sequence of int, optional
        Planned looks of the run.
    prior : float or ndarray of float, shape (cases,), optional
        For logarithms: the variance of a round in other cases.

    Raises
    ------
    InputError
        Where a value is not finite, or the looks or their level are not known.
    """
    level = _level_kept(level, looks)
    used = values[:, : rounds_used(values.shape[-1], looks)]
    n = used.shape[-1]
    ordered = np.sort(used, axis=-1)
    if not np.isfinite(ordered).all():
        raise InputError("a round has no finite value: check the times in the journal")
    none = np.full(len(values), np.nan)
    if n == 0:
        return Intervals(none, none, none)
    rule = interval_rule(n, looks, has_prior=prior is not None)
    if rule == "moderated t" and prior is not None:
        level = level if looks is None else 1 - EARLY_ERROR
        return Intervals(*moderated_intervals(used, level, prior))
    point = (ordered[:, (n - 1) // 2] + ordered[:, n // 2]) / 2
    if rule == "interpolated":
        ends = interpolated_ends(ordered, level)
    else:
        ends = _exact_ends(ordered, level, looks) if rule else None
    return Intervals(point, *(ends or (none, none)))


def median_interval(
    values: ArrayLike,
    level: float = LOOKS_LEVEL,
    looks: Sequence[int] | None = None,
    prior: float | None = None,
) -> Estimate:
    """The middle of *values* with its interval, by the rule that their number asks for.

    =================  =============================================================================
    2 to 5 rounds      mean and moderated t, where a *prior* is given; else a median alone
    6                  median and order statistics, exact: ``scipy.stats.quantile_test``
    7 and more         median and interpolated order statistics
    looks at 2 to 6    mean and moderated t at 99.8 %, where a *prior* is given
    looks from 8 on    median and the order statistics of :data:`LOOKS`
    =================  =============================================================================

    With planned looks, values after the latest look that was reached are used neither for the
    interval nor for the point, so that the point lies within, and before the first look there is
    no interval.

    Parameters
    ----------
    values : array_like of float, shape (rounds,)
        One finite value a round, in the order of the rounds.
    level : float
        Level of the interval. The looks keep 95 % all together and know no other level: a lower
        one gets their 95 % interval, which then is conservative.
    looks : sequence of int, optional
        Planned looks of the run.
    prior : float, optional
        For logarithms: the variance of a round in other cases, see
        :func:`harness.reading.analysis.verdict.moderated.prior_variance`.

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
    n = rounds_used(row.size, looks)
    return _estimate(
        median_intervals(row, level, looks, prior),
        n=n,
        level=_level_kept(level, looks),
        interval=interval_rule(n, looks, has_prior=prior is not None),
    )


def equal_interval(
    values: ArrayLike, level: float = LOOKS_LEVEL, looks: Sequence[int] | None = None
) -> Estimate:
    """The exact interval that TOST compares with the margin of ``equal`` (rule 20).

    Two one-sided tests at ``(1 - level)`` each are one interval at ``2 * level - 1``: 90 % for
    *level* 0.95, by order statistics. Fewer than 6 rounds have none, nor have those before look 8.
    With planned looks the look's own order statistics are taken, at least 97.7 % each; that is
    conservative: ``equal`` is found later than it could be, never too often.

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
    return _estimate(
        equal_intervals(row, level, looks),
        n=rounds_used(row.size, looks),
        level=_level_of_equal(level, looks),
        interval="order statistics",
    )


def equal_intervals(
    values: Floats, level: float = LOOKS_LEVEL, looks: Sequence[int] | None = None
) -> Intervals:
    """The interval of :func:`equal_interval` of each row of *values*, shape (cases, rounds)."""
    level = _level_of_equal(_level_kept(level, looks), looks)
    ordered = np.sort(values[:, : rounds_used(values.shape[-1], looks)], axis=-1)
    n, none = ordered.shape[-1], np.full(len(values), np.nan)
    if n == 0:
        return Intervals(none, none, none)
    point = (ordered[:, (n - 1) // 2] + ordered[:, n // 2]) / 2
    return Intervals(point, *(_exact_ends(ordered, level, looks) or (none, none)))


def _exact_ends(
    ordered: Floats, level: float, looks: Sequence[int] | None
) -> tuple[Floats, Floats] | None:
    n = ordered.shape[-1]
    ranks = _fixed_ranks(n, level) if looks is None else _look_ranks(n)
    return None if ranks is None else (ordered[:, ranks[0]], ordered[:, ranks[1]])


def _level_kept(level: float, looks: Sequence[int] | None) -> float:
    if looks is None:
        return level
    if level > LOOKS_LEVEL:
        raise InputError(f"the planned looks keep 95 %, not {level}: ask for at most 0.95")
    return LOOKS_LEVEL


def _level_of_equal(level: float, looks: Sequence[int] | None) -> float:
    return level if looks is not None else 2 * level - 1


def _estimate(one: Intervals, *, n: int, level: float, interval: IntervalRule | None) -> Estimate:
    point, low, high = (None if np.isnan(end[0]) else float(end[0]) for end in one)
    rule = None if low is None else interval
    return Estimate(point=point, low=low, high=high, level=level, n=n, interval=rule)


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
