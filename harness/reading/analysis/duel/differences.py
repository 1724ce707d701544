"""The difference of two sides whose start-ups were measured in turn, case by case (rule 28)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from harness.core.records import Case
from harness.reading.analysis.keys import CASE_ON_ANY_RUN
from harness.reading.analysis.verdict.estimates import Floats
from harness.reading.analysis.verdict.grouped_rounds import RoundColumns, ok_rounds
from harness.reading.analysis.verdict.p_values import holm
from harness.reading.analysis.verdict.t_intervals import t_quantile
from harness.reading.analysis.verdict.verdicts import MARGIN

LEAST_RATIO = 1.10
"""A difference below it raises no alarm, however sure it is (rule 28)."""
LEAST_PAIRS = 3
"""Of start-ups; fewer judge nothing."""


class Figures(NamedTuple):
    """Three figures of start-ups, as the differences B less A of the means of their logarithms.

    Attributes
    ----------
    seconds, baseline_seconds, over_baseline : ndarray of float, shape (pairs,)
        Of TP, of T1, and of TP/T1.
    """

    seconds: Floats
    baseline_seconds: Floats
    over_baseline: Floats


class DuelVerdict(NamedTuple):
    """What the pairs of start-ups say of one case.

    Attributes
    ----------
    ratio, low, high : float
        B over A with its 95 % t interval; NaN where there are too few.
    p : float
        Two-sided, that the ratio is 1.
    verdict : str
        ``slower`` or ``faster`` (B than A, an alarm), ``equal`` (within +-5 %), ``undetermined``.
    n : int
        Pairs of start-ups.
    """

    ratio: float
    low: float
    high: float
    p: float
    verdict: str
    n: int


def figures_of(pairs: tuple[pd.DataFrame, pd.DataFrame], cases: tuple[Case, Case]) -> Figures:
    """The differences of one case: a value for each pair of start-ups that both sides have.

    Parameters
    ----------
    pairs : tuple of DataFrame
        Obey ``schema.PAIRS``; those of A and of B. Start-ups with one number are a pair.
    cases : tuple of Case
        The case as A runs it, and as B does.
    """
    a, b = (by_start_up(of_side, case) for of_side, case in zip(pairs, cases, strict=True))
    both = sorted(a.keys() & b.keys())
    rows = np.array([b[number] - a[number] for number in both]).reshape(len(both), 2)
    return Figures(rows[:, 0], rows[:, 1], rows[:, 0] - rows[:, 1])


def by_start_up(pairs: pd.DataFrame, case: Case) -> dict[int, Floats]:
    """Number of a start-up to the means of log TP and log T1 over its rounds."""
    grouped = ok_rounds(pairs)
    wanted = tuple(getattr(case, name) for name in CASE_ON_ANY_RUN)
    found: dict[int, Floats] = {}
    for key in grouped.keys_in_order:
        if key[1:] != wanted:
            continue
        rounds: RoundColumns = grouped.of_case(key)
        for number in np.unique(rounds.block):
            of = rounds[rounds.block == number]
            logs = np.log([of.parallel_seconds, of.serial_seconds])
            found[int(number)] = np.asarray(logs.mean(axis=1), dtype=np.float64)
    return found


def judge(
    differences: Sequence[Floats], most_false_alarms: float, least_ratio: float = LEAST_RATIO
) -> list[DuelVerdict]:
    """Judge the cases of one duel together, so that it raises few false alarms as a whole.

    Student's t over the differences of pairs of start-ups, Holm's correction over the cases, and
    an alarm only from a ratio of *least_ratio* on. ``equal`` is two one-sided tests at 5 % (rule
    20).

    Parameters
    ----------
    differences : sequence of ndarray of float, shape (pairs,)
        Of each case: logarithms, B less A.
    most_false_alarms : float
        The chance of any alarm where the sides are equal.
    least_ratio : float
        Of the slower to the faster side.
    """
    known = [values[~np.isnan(values)] for values in differences]
    p = [_p_value(values) for values in known]
    tested = [place for place, value in enumerate(p) if not math.isnan(value)]
    rejected = dict(zip(tested, holm([p[i] for i in tested], 1 - most_false_alarms), strict=True))
    return [
        _judged(values, value, least_ratio if rejected.get(place, False) else math.inf)
        for place, (values, value) in enumerate(zip(known, p, strict=True))
    ]


def _p_value(values: Floats) -> float:
    if values.size < LEAST_PAIRS:
        return math.nan
    error = float(values.std(ddof=1)) / math.sqrt(values.size)
    if error == 0:
        return 1.0 if values.mean() == 0 else 0.0
    return float(2 * special.stdtr(values.size - 1, -abs(values.mean()) / error))


def _judged(values: Floats, p: float, alarm_from: float) -> DuelVerdict:
    n = values.size
    if n < LEAST_PAIRS:
        point = float(np.exp(values.mean())) if n else math.nan
        return DuelVerdict(point, math.nan, math.nan, p, "undetermined", n)
    middle, error = float(values.mean()), float(values.std(ddof=1)) / math.sqrt(n)
    half = t_quantile(0.95, n - 1) * error
    inside = abs(middle) + t_quantile(0.90, n - 1) * error <= math.log1p(MARGIN)
    if abs(middle) > math.log(alarm_from):
        verdict = "slower" if middle > 0 else "faster"
    else:
        verdict = "equal" if inside else "undetermined"
    ends = (math.exp(middle), math.exp(middle - half), math.exp(middle + half))
    return DuelVerdict(*ends, p, verdict, n)
