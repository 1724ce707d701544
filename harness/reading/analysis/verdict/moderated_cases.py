"""What a few rounds tell of a case beyond its speed-up: intervals of seconds, gain and overhead.

Below 6 rounds the quantities have no order statistics. Seconds are positive, so that their
logarithms get the moderated t of rule 19 (a). Gain and overhead follow from the intervals of the
baseline's seconds and of ``d = log(T1/TP)``: they are functions of the two.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harness.reading.analysis.verdict.estimates import (
    Floats,
    Intervals,
    interval_rule,
    rounds_used,
)
from harness.reading.analysis.verdict.moderated import DEFAULT_PRIOR, MIN_PRIOR_ROUNDS
from harness.reading.analysis.verdict.ragged import Ints, Ragged, Rule, each, intervals


def prior_variances(values: Ragged, set_up: Ints) -> Floats:
    """For each case, the mean variance over the *other* cases on its set-up (rule 19 a).

    Parameters
    ----------
    values : Ragged
        Logarithms of each round.
    set_up : ndarray of int, shape (cases,)
        Number of the set-up of a run that each case was measured on.

    Returns
    -------
    ndarray of float, shape (cases,)
        Over cases with at least 3 rounds; ``DEFAULT_PRIOR`` where there is no other.
    """
    known = values.count >= MIN_PRIOR_ROUNDS
    own = each(values.where(known[values.case]), lambda rows: rows.var(axis=1, ddof=1))
    own = np.where(known, own, 0.0)
    others = np.bincount(set_up, own)[set_up] - own
    count = np.bincount(set_up, known)[set_up] - known
    return np.where(count > 0, others / np.maximum(count, 1), DEFAULT_PRIOR)


def interval_rules(count: Ints, rules: Sequence[Rule], rule: Ints) -> NDArray[np.object_]:
    """By which rule so many rounds get their interval, shape (cases,)."""
    kinds, kind = np.unique(np.stack([count, rule]), axis=1, return_inverse=True)
    looks = [rules[number].looks for number in kinds[1]]
    names = [interval_rule(rounds_used(int(n), at), at) for n, at in zip(kinds[0], looks)]
    return np.array([*names, None], dtype=object)[:-1][kind]


def positive_intervals(
    values: Ragged, set_up: Ints, rules: Sequence[Rule], rule: Ints
) -> Intervals:
    """The middle of each case with its interval, also for a few rounds, of positive values.

    Where rounds are few the point is the geometric mean. Parameters are those of
    :func:`prior_variances` and of :func:`~harness.reading.analysis.verdict.ragged.intervals`.
    """
    found = intervals(values, rules, rule)
    few = interval_rules(values.count, rules, rule) == "moderated t"
    few &= np.bincount(values.case[~(values.values > 0)], minlength=values.cases) == 0
    if not few.any():
        return found
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = Ragged(np.log(values.values), values.case, values.cases)
    logs = logs.where(values.values > 0)
    prior = prior_variances(logs, set_up)
    told = intervals(logs.where(few[logs.case]), rules, rule, prior)
    return Intervals(*(np.where(few, np.exp(t), end) for t, end in zip(told, found, strict=True)))


def few_costs(
    t1: Intervals, d: Intervals, ceiling: Floats, n_tasks: Floats
) -> dict[str, Intervals]:
    """Gain and overhead of cases with a few rounds, all of shape (cases,).

    ``gain = T1 (1 - 1/S)`` has the interval of T1, and ``overhead/gain`` is a function of ``d``
    alone. ``overhead = T1 (exp(-d) - 1/S)`` has both: from its point, the way that each of the two
    intervals moves it is squared, and the squares are added (Zou and Donner, Stat. Med. 27:1693,
    2008). That takes the two to be independent; noise of T1 alone makes it a little wide.

    Parameters
    ----------
    t1, d : Intervals
        Seconds of the baseline; ``log(T1/TP)``.
    ceiling, n_tasks : ndarray of float
        NaN where unknown.

    Returns
    -------
    dict of Intervals
        By the names of :func:`harness.reading.analysis.verdict.costs.costs_of_rounds`; NaN where a
        quantity is not defined.
    """
    S = np.where(ceiling > 0, ceiling, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = 1 - 1 / S
        gain = _sorted(*(end * share for end in t1))
        # A large d is a fast case, so a small overhead.
        over = Intervals(*(np.exp(-end) - 1 / S for end in (d.point, d.high, d.low)))
        relative = Intervals(*(np.where(S > 1, end / share, np.nan) for end in over))
        point = t1.point * over.point
        by_t1 = _sorted(point, t1.low * over.point, t1.high * over.point)
        low = point - np.hypot(point - by_t1.low, point - t1.point * over.low)
        high = point + np.hypot(by_t1.high - point, t1.point * over.high - point)
        per_task = np.where(n_tasks > 0, 1e6 / n_tasks, np.nan)
    overhead = Intervals(point, low, high)
    return {
        "gain_seconds": gain,
        "overhead_seconds": overhead,
        "overhead_over_gain": relative,
        "overhead_us_per_task": Intervals(*(end * per_task for end in overhead)),
    }


def _sorted(point: Floats, one: Floats, other: Floats) -> Intervals:
    return Intervals(point, np.minimum(one, other), np.maximum(one, other))
