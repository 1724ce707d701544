"""Numbers of many cases, each with as many as it has, in a few rectangular arrays.

Cases with the same number of rounds fit into one array, a row a case. A sweep has a handful of
numbers of rounds, so that a handful of array operations does for all of its cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.core.records import Verdict
from harness.reading.analysis.verdict.estimates import Floats, Intervals, median_intervals
from harness.reading.analysis.verdict.moderated import DEFAULT_PRIOR
from harness.reading.analysis.verdict.verdicts import judged

Ints = NDArray[np.int64]


class Rule(NamedTuple):
    """By what the rounds of a case are judged: level, and planned looks or ``None``."""

    level: float
    looks: tuple[int, ...] | None


@dataclass(frozen=True)
class Ragged:
    """Values of many cases, one case after the other.

    Attributes
    ----------
    values : ndarray of float, shape (values,)
    case : ndarray of int, shape (values,)
        Number of the case that each belongs to, rising.
    cases : int
        How many cases there are, also those without a value.
    """

    values: Floats
    case: Ints
    cases: int

    def where(self, kept: NDArray[np.bool_]) -> Ragged:
        """Leave out the values that are not *kept*, shape (values,)."""
        return Ragged(self.values[kept], self.case[kept], self.cases)

    @property
    def count(self) -> Ints:
        """How many values each case has, shape (cases,)."""
        return np.bincount(self.case, minlength=self.cases).astype(np.int64)

    def tables(self, kind: Ints) -> Iterator[tuple[Ints, Floats]]:
        """The cases that have a value, those with as many and of one *kind* together.

        Parameters
        ----------
        kind : ndarray of int, shape (cases,)
            Cases of different kinds are kept apart.

        Yields
        ------
        tuple of ndarray
            Numbers of the cases, shape (n,), and their values, shape (n, values of each).
        """
        count = self.count
        start = np.cumsum(count) - count
        order = np.lexsort((kind, count))
        new = (np.diff(count[order], prepend=0) != 0) | (np.diff(kind[order], prepend=-1) != 0)
        for rows in np.split(order, np.flatnonzero(new)):
            if rows.size and (n := int(count[rows[0]])):
                yield rows, self.values[start[rows][:, np.newaxis] + np.arange(n)]


def intervals(
    values: Ragged, rules: Sequence[Rule], rule: Ints, prior: Floats | None = None
) -> Intervals:
    """The middle of each case with its interval.

    Parameters
    ----------
    values : Ragged
    rules : sequence of Rule
    rule : ndarray of int, shape (cases,)
        The number of the rule of each case.
    prior : ndarray of float, shape (cases,), optional
        Of logarithms: the variance of a round in other cases.

    Raises
    ------
    InputError
        See :func:`~harness.reading.analysis.verdict.estimates.median_intervals`.
    """
    ends = np.full((3, values.cases), np.nan)
    for rows, table in values.tables(rule):
        known = None if prior is None else prior[rows]
        ends[:, rows] = median_intervals(table, *rules[rule[rows[0]]], known)
    return Intervals(*ends)


def verdicts(
    values: Ragged,
    rules: Sequence[Rule],
    rule: Ints,
    prior: float | Floats = DEFAULT_PRIOR,
) -> NDArray[np.object_]:
    """The verdict on each case by its ``log(T1/TP)``; ``undetermined`` where it has no value.

    Parameters are those of :func:`intervals`, and so are the errors.
    """
    found = np.full(values.cases, Verdict.UNDETERMINED.value, dtype=object)
    known = np.broadcast_to(prior, values.cases)
    for rows, table in values.tables(rule):
        found[rows] = judged(table, *rules[rule[rows[0]]], known[rows])
    return found


def each(values: Ragged, of_rows: Callable[[Floats], Floats]) -> Floats:
    """What *of_rows* makes of the values of each case, shape (cases,); NaN where it has none."""
    found = np.full(values.cases, np.nan)
    for rows, table in values.tables(np.zeros(values.cases, dtype=np.int64)):
        found[rows] = of_rows(table)
    return found


def medians_by(values: Floats, case: Ints, code: NDArray[Any], cases: int) -> Ragged:
    """The medians over the values of each case that have one *code*, in the order of the codes.

    Parameters
    ----------
    values, case, code : ndarray, shape (values,)
        A finite value, its case, and what the values of a case are parted by.
    cases : int
        How many cases there are.
    """
    order, start = parted(case, code)
    part = np.repeat(np.arange(start.size), np.diff(start, append=order.size))
    medians = each(Ragged(values[order], part, start.size), row_medians)
    return Ragged(medians, case[order[start]], cases)


def parted(case: Ints, code: NDArray[Any]) -> tuple[Ints, Ints]:
    """An order in which equal couples of *case* and *code* stand together, rising, and where in it
    each couple starts."""
    order = np.lexsort((code, case))
    case, code = case[order], code[order]
    new = np.ones(order.size, dtype=bool)
    new[1:] = (case[1:] != case[:-1]) | (code[1:] != code[:-1])
    return order, np.flatnonzero(new)


def row_medians(rows: Floats) -> Floats:
    """The median of each row, exactly as ``np.nanmedian(rows, axis=1)``: to sort short rows takes
    less time than to part them.

    Parameters
    ----------
    rows : ndarray of float, shape (rows, values)
        At least one value a row; what is NaN does not count.

    Returns
    -------
    ndarray of float, shape (rows,)
        NaN where no value of a row counts.
    """
    ordered = np.sort(rows, axis=1)
    count = rows.shape[1] - np.isnan(ordered).sum(axis=1)  # NaN come last
    row = np.arange(len(rows))
    middle = ordered[row, (count - 1) // 2] + ordered[row, count // 2]
    return np.asarray(middle / 2, dtype=np.float64)


def places(start: Ints, count: Ints) -> tuple[Ints, Ints]:
    """The places ``start ... start + count - 1`` of each part, and which part each belongs to."""
    part = np.repeat(np.arange(start.size), count)
    return np.arange(part.size) + np.repeat(start - (np.cumsum(count) - count), count), part
