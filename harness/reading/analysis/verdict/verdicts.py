"""The verdict on one case, and whether a planned look may stop its rounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.core.records import Verdict
from harness.reading.analysis.verdict.estimates import (
    LOOKS_LEVEL,
    Floats,
    check_looks,
    equal_intervals,
    median_intervals,
)

MARGIN = float(np.log(1.05))
"""Half-width of ``equal`` in ``log(T1/TP)``: +-5 % (rule 20)."""


def judge(d: ArrayLike, level: float = LOOKS_LEVEL, looks: Sequence[int] | None = None) -> Verdict:
    """The verdict that the rounds of a case allow (rule 20).

    In this order: ``equal`` where the exact 90 % interval of the median lies inside +-5 % (TOST);
    ``pays`` where the exact 95 % interval lies above 0; ``overhead exceeds gain`` where below;
    else ``undetermined``, as for fewer than 6 rounds (rule 19) or before the first look (rule 18).

    Parameters
    ----------
    d : array_like of float, shape (rounds,)
        ``log(T1/TP)`` of each round, in the order of the rounds.
    level : float
        Level of the interval.
    looks : sequence of int, optional
        Planned looks of the run; ``None`` for a number of rounds fixed beforehand.

    Raises
    ------
    InputError
        Where a value is not finite, or the looks are not known.
    """
    return Verdict(judged(np.asarray(d, dtype=np.float64)[np.newaxis], level, looks)[0])


def judged(
    d: Floats, level: float = LOOKS_LEVEL, looks: Sequence[int] | None = None
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
    wide = median_intervals(d, level, looks)
    verdicts = np.full(len(d), Verdict.UNDETERMINED.value, dtype=object)
    # Comparisons with an end that there is not, a NaN, are false.
    verdicts[wide.high < 0] = Verdict.OVERHEAD.value
    verdicts[wide.low > 0] = Verdict.PAYS.value
    verdicts[(near.low > -MARGIN) & (near.high < MARGIN)] = Verdict.EQUAL.value
    return verdicts


def decided(
    d: ArrayLike,
    looks: Sequence[int] | None,
    others: Sequence[Sequence[float]] = (),  # noqa: ARG001 - of the rule's signature
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
    return n in looks and judge(d, looks=looks) is not Verdict.UNDETERMINED
