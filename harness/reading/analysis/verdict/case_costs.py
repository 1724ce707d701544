"""Gain and overhead of all cases, with the spread of their rounds and that of the ceiling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.reading.analysis.verdict.ceilings import widened
from harness.reading.analysis.verdict.costs import costs_of_rounds, where_defined
from harness.reading.analysis.verdict.estimates import Floats, Intervals
from harness.reading.analysis.verdict.moderated_cases import few_costs
from harness.reading.analysis.verdict.ragged import Ragged, each, row_medians


class FewRoundCases(NamedTuple):
    """From what the costs of cases with a few rounds follow, all of shape (cases,).

    Attributes
    ----------
    t1, d : Intervals
        Seconds of the baseline; ``log(T1/TP)``.
    cases : ndarray of bool
        Whether a case has a few rounds.
    """

    t1: Intervals
    d: Intervals
    cases: NDArray[np.bool_]


GAINS = ("gain_seconds", "overhead_over_gain")
OVERHEADS = ("overhead_seconds", "overhead_us_per_task")


def case_costs(
    t1: Ragged,
    tp: Ragged,
    few: FewRoundCases,
    ceilings: tuple[Floats, ...],
    n_tasks: Floats,
    intervals: Callable[[Ragged], Intervals],
    names: Sequence[str] = (*GAINS, *OVERHEADS),
) -> dict[str, Intervals]:
    """Gain and overhead of each case, by the same way at the ceiling and at both of its ends.

    Parameters
    ----------
    t1, tp : Ragged
        Seconds of the baseline and of the case in the rounds used of the cases with a baseline.
    few : FewRoundCases
    ceilings : tuple of ndarray of float, each of shape (cases,)
        ``S`` and the ends of its interval; NaN where unknown.
    n_tasks : ndarray of float, shape (cases,)
        NaN where unknown.
    intervals : callable
        Gives the middle of each case with its interval, from rounds that are not few.
    names : sequence of str
        Which of them are wanted.

    Returns
    -------
    dict of Intervals
        By the names of :func:`~harness.reading.analysis.verdict.costs.costs_of_rounds`; NaN where a
        quantity is not defined.
    """
    by_few = [few_costs(few.t1, few.d, S, n_tasks) for S in ceilings]
    case = t1.case
    by_round = [costs_of_rounds(t1.values, tp.values, S[case], n_tasks[case]) for S in ceilings]
    found = {}
    meaning = where_defined(ceilings[0], n_tasks)
    for name in names:
        defined = meaning[name]
        rounds = [Ragged(at[name], case, t1.cases).where(defined[case]) for at in by_round]
        told = (np.where(defined, end, np.nan) for end in by_few[0][name])
        plain = intervals(rounds[0])
        known = Intervals(*(np.where(few.cases, a, b) for a, b in zip(told, plain, strict=True)))
        moved = (
            np.where(few.cases, at[name].point, each(of, row_medians))
            for at, of in zip(by_few[1:], rounds[1:], strict=True)
        )
        wide = widened(known, *moved)
        # Without a bound where there may be nothing to gain.
        bounded = ~((ceilings[1] <= 1) & (name == "overhead_over_gain"))
        low, high = (np.where(bounded, end, np.nan) for end in (wide.low, wide.high))
        found[name] = Intervals(wide.point, low, high)
    return found
