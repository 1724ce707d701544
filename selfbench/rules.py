"""Judge samples by two rules: ASV's own, and ours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from asv._stats import is_different
from asv_runner.statistics import compute_stats

from harness.core.records import Verdict
from harness.reading.analysis.verdict.verdicts import judge

FACTOR = 1.1
"""``asv compare`` marks a change only beyond this (its option ``--factor``, at its default)."""


def asv_verdict(
    baseline: Sequence[float], case: Sequence[float], factor: float = FACTOR
) -> Verdict:
    """Judge *case* after *baseline* as ``asv compare`` does, in our words.

    The rule of ``asv.commands.compare``: the medians differ by more than *factor*, and
    ``asv._stats.is_different`` finds the samples different (Mann-Whitney at 0.002 where the samples
    suffice, else whether the 99 % intervals are disjoint). ASV cannot say ``equal``.

    Parameters
    ----------
    baseline, case : sequence of float
        Samples in seconds, each measured in a series of its own.
    factor : float
        1 for the statistics alone.
    """
    (before, before_stats), (after, after_stats) = (
        compute_stats(list(samples), 1) for samples in (baseline, case)
    )
    if not is_different(list(baseline), list(case), before_stats, after_stats):
        return Verdict.UNDETERMINED
    if after < before / factor:
        return Verdict.PAYS
    if before < after / factor:
        return Verdict.OVERHEAD
    return Verdict.UNDETERMINED


def our_verdict(baseline: Sequence[float], case: Sequence[float]) -> Verdict:
    """Judge *case* next to *baseline* as we do where the number of rounds was fixed beforehand.

    Parameters
    ----------
    baseline, case : sequence of float, shape (rounds,)
        Seconds; the entries of one place are a pair.
    """
    return judge(np.log(np.asarray(baseline) / np.asarray(case)))


def is_false(verdict: Verdict) -> bool:
    """Whether *verdict* is wrong of one kernel beside itself."""
    return verdict in (Verdict.PAYS, Verdict.OVERHEAD)


def is_decided(verdict: Verdict) -> bool:
    """Whether the reader has an answer."""
    return verdict is not Verdict.UNDETERMINED
