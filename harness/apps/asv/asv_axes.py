"""The axes of a benchmark of ASV's, as the sweep of a journal spanned them."""

from __future__ import annotations

import ast
from typing import Any

import pandas as pd

from harness.apps.asv.suite_classes import SuiteClass
from harness.running.plan.suite_cases import part_of
from harness.running.plan.sweep import PARAMETERS, all_cores_reference


def asv_size(pairs: pd.DataFrame, suite: SuiteClass) -> int:
    """The size that *suite* had in a sweep: that which it has here, unless the sweep was on a
    machine whose memory or profile gave it another.

    Parameters
    ----------
    pairs : DataFrame
        Rows of ``schema.PAIRS`` of one run.
    suite : SuiteClass
    """
    sizes = pairs.loc[pairs["workload"].eq(suite.workload), "size"].unique().tolist()
    own = [size for size in sizes if size not in suite.other_sizes]
    return suite.size if suite.size in sizes or not own else int(own[0])


def asv_axes(
    pairs: pd.DataFrame, suite: SuiteClass, size: int, params: list[list[str]], *, whole: bool
) -> list[list[Any]]:
    """The values of each axis of a sweep, in the order of ``PARAMETERS``.

    They are the values of the cases in its journal, which has a line for each planned case when
    the sweep has come to its end. If it has not, but the suite's axes here span all that is there,
    those are taken, so that all cells that it would have had are there. What a sweep adds to its
    plan, and NumPy on all cores, are none of ASV's cells.

    Parameters
    ----------
    pairs : DataFrame
        Rows of ``schema.PAIRS`` of one run.
    suite : SuiteClass
        Its executors are those of its own part: the others are in its siblings.
    size : int
        From :func:`asv_size`.
    params : list of list of str
        The axes of the suite on this machine, as ASV writes them.
    whole : bool
        Whether the sweep came to its end.
    """
    here = [[ast.literal_eval(text) for text in axis] for axis in params]
    mine = pairs["workload"].eq(suite.workload) & pairs["size"].eq(size) & pairs["purpose"].isna()
    cases = pairs.loc[mine.fillna(False).astype(bool), list(PARAMETERS)].drop_duplicates()
    reference = all_cores_reference(suite.workload, size, 1)
    if reference.executor not in here[0]:
        cases = cases[cases["executor"] != reference.executor]
    own = [
        name in here[0] or part_of(name, suite.variants) == suite.part for name in cases["executor"]
    ]
    cases = cases[own]
    there = [cases[name].unique().tolist() for name in PARAMETERS]
    if not whole and all(set(measured) <= set(axis) for measured, axis in zip(there, here)):
        return here
    return [
        sorted(measured, key=lambda value: _rank(value, axis))
        for measured, axis in zip(there, here)
    ]


def _rank(value: Any, axis: list[Any]) -> tuple[int, str]:
    """Numbers rising, and words in the order that they have in *axis*."""
    if isinstance(value, int):
        return value, ""
    return (axis.index(value) if value in axis else len(axis)), value
