"""The verdict on one case, and whether a planned look may stop its rounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from harness.core.records import Verdict
from harness.reading.analysis.verdict.estimates import (
    LOOKS_LEVEL,
    check_looks,
    equal_interval,
    median_interval,
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
    near = equal_interval(d, level, looks)
    if near.low is not None and near.high is not None and -MARGIN < near.low <= near.high < MARGIN:
        return Verdict.EQUAL
    wide = median_interval(d, level, looks)
    if wide.low is not None and wide.low > 0:
        return Verdict.PAYS
    if wide.high is not None and wide.high < 0:
        return Verdict.OVERHEAD
    return Verdict.UNDETERMINED


def decided(d: ArrayLike, looks: Sequence[int] | None) -> bool:
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
