"""The verdict on one case, and whether a planned look may stop its rounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.core.records import Verdict
from harness.reading.analysis.verdict.estimates import (
    LOOKS_LEVEL,
    Floats,
    Prior,
    check_looks,
    equal_intervals,
    median_intervals,
)
from harness.reading.analysis.verdict.moderated import DEFAULT_PRIOR, prior_variance

MARGIN = float(np.log(1.05))
"""Half-width of ``equal`` in ``log(T1/TP)``: +-5 % (rule 20)."""


def judge(
    d: ArrayLike,
    level: float = LOOKS_LEVEL,
    looks: Sequence[int] | None = None,
    prior: float = DEFAULT_PRIOR,
) -> Verdict:
    """The verdict that the rounds of a case allow (rule 20).

    In this order: ``equal`` where the exact 90 % interval of the median lies inside +-5 % (TOST),
    never below 6 rounds or look 8; ``pays`` where the 95 % interval of
    :func:`~harness.reading.analysis.verdict.estimates.median_interval` lies above 0;
    ``overhead exceeds gain`` where below; else ``undetermined``, as for one round (rule 19) or
    before the first look (rule 18).

    Parameters
    ----------
    d : array_like of float, shape (rounds,)
        ``log(T1/TP)`` of each round, in the order of the rounds.
    level : float
        Level of the interval.
    looks : sequence of int, optional
        Planned looks of the run; ``None`` for a number of rounds fixed beforehand.
    prior : float
        Variance of a round in other cases.

    Raises
    ------
    InputError
        Where a value is not finite, or the looks are not known.
    """
    return Verdict(judged(np.asarray(d, dtype=np.float64)[np.newaxis], level, looks, prior)[0])


def judged(
    d: Floats,
    level: float = LOOKS_LEVEL,
    looks: Sequence[int] | None = None,
    prior: Prior = DEFAULT_PRIOR,
) -> NDArray[np.object_]:
    """The verdict of :func:`judge` on each of several cases with as many rounds.

    Parameters
    ----------
    d : ndarray of float, shape (cases, rounds)
        ``log(T1/TP)`` of each case and round, in the order of the rounds.
    level : float
        Level of the intervals.
    looks : sequence of int, optional
        Planned looks of the run.
    prior : float or ndarray of float, shape (cases,)
        Variance of a round in other cases.

    Returns
    -------
    ndarray of object, shape (cases,)
        The words of :class:`~harness.core.records.Verdict`.

    Raises
    ------
    InputError
        Where a value is not finite, or the looks are not known.
    """
    near = equal_intervals(d, level, looks)
    wide = median_intervals(d, level, looks, prior)
    verdicts = np.full(len(d), Verdict.UNDETERMINED.value, dtype=object)
    # Comparisons with an end that there is not, a NaN, are false.
    verdicts[wide.high < 0] = Verdict.OVERHEAD.value
    verdicts[wide.low > 0] = Verdict.PAYS.value
    verdicts[(near.low > -MARGIN) & (near.high < MARGIN)] = Verdict.EQUAL.value
    return verdicts


def decided(
    d: ArrayLike, looks: Sequence[int] | None, others: Sequence[Sequence[float]] = ()
) -> bool:
    """Whether a case needs no more rounds (rule 18).

    True at the last look, and at any look whose verdict is not ``undetermined``. Between two
    looks it is always False: stopping there would spend error that nobody counted. A fixed number
    of rounds (*looks* ``None``) never stops early.

    Parameters
    ----------
    d : array_like of float, shape (rounds,)
        ``log(T1/TP)`` of each round so far, in the order of the rounds.
    looks : sequence of int or None
        Planned looks of the run.
    others : sequence of sequence of float
        The same of the other cases: how much rounds spread, for the early looks (rule 19 a).

    Raises
    ------
    InputError
        Where a value is not finite, or the looks are not known.
    """
    if looks is None:
        return False
    check_looks(looks)
    n = np.size(np.asarray(d))
    if n >= looks[-1]:
        return True
    if n not in looks:
        return False
    verdict = judge(d, looks=looks, prior=prior_variance(others))
    return verdict is not Verdict.UNDETERMINED
