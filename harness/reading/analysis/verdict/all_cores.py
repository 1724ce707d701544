"""Judge every case a second time, against NumPy on all cores (rule 1)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from harness.reading.analysis.by_group import group_numbers
from harness.reading.analysis.estimate_columns import floats
from harness.reading.analysis.verdict.estimates import Floats
from harness.reading.analysis.verdict.grouped_rounds import RoundColumns
from harness.reading.analysis.verdict.matched_rounds import log_differences
from harness.reading.analysis.verdict.ragged import Ints, Rule, verdicts

ALL_CORES = "numpy-threads"
PROBLEM = ["run", "workload", "size"]


def against_all_cores(
    cases: pd.DataFrame,
    ends: Ints,
    rounds: RoundColumns,
    rules: Sequence[Rule],
    rule: Ints,
    prior: Floats,
) -> NDArray[np.object_]:
    """Judge each case against the ``numpy-threads`` case of its run, workload and size.

    Both share the serial baseline, so per round ``d_case - d_numpy_threads = log(TN/TP)``, with
    the drift between the two runs of one round cancelled by their own baselines. Rounds are
    matched by their number; fewer matches than a verdict needs are ``undetermined``. Where several
    such cases exist, the one with most workers is the reference (the first of them). It has no
    verdict against itself, nor has a case without an ok reference or without a result of its own.

    Parameters
    ----------
    cases : DataFrame, a row a case
        With the columns of ``keys.CASE``.
    ends : ndarray of int, shape (cases, 2)
        Where the rounds of each case start and stop; twice the same for a case that is not ok, or
        was not measured in pairs.
    rounds : RoundColumns
        Of all cases.
    rules : sequence of Rule
    rule : ndarray of int, shape (cases,)
        By which of *rules* each case is judged.
    prior : ndarray of float, shape (cases,)
        Variance of a round in the other cases of its set-up; that of a difference is the sum.

    Returns
    -------
    ndarray of object, shape (cases,)
        Verdicts as words, or ``None``.
    """
    usable = ends[:, 1] > ends[:, 0]
    problem = group_numbers(cases, PROBLEM)
    reference = _references(cases, usable, problem)[problem]
    compared = np.flatnonzero(usable & (reference >= 0) & (reference != np.arange(len(cases))))
    d, _ = log_differences(rounds, ends[compared], ends[reference[compared]])
    found = np.full(len(cases), None, dtype=object)
    found[compared] = verdicts(
        d, rules, rule[compared], prior[compared] + prior[reference[compared]]
    )
    return found


def _references(cases: pd.DataFrame, usable: NDArray[np.bool_], problem: Ints) -> Ints:
    """The number of the case to judge by for each problem; -1 where there is none."""
    good = np.flatnonzero(usable & cases["executor"].eq(ALL_CORES).to_numpy(dtype=bool))
    workers = floats(cases, "workers")[good]
    last = good[np.lexsort((-good, workers))]  # of the most workers, the first case
    reference = np.full(problem.max(initial=-1) + 1, -1, dtype=np.int64)
    reference[problem[last]] = last  # of several of a problem the last written stays
    return reference
