"""What was measured of one group as a table of rounds and chunks, and intervals along it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.reading.analysis.verdict.estimates import (
    Floats,
    Intervals,
    median_intervals,
    rounds_used,
)
from harness.reading.analysis.verdict.grouped_rounds import RoundColumns

OfRows = Callable[..., Intervals]
"""Of rows, a level, looks, and the prior variances of the rows where there are any."""


class Spread(NamedTuple):
    """A figure of each round and chunk of one group.

    Attributes
    ----------
    rounds : ndarray of int, shape (rounds,)
        Their numbers, rising.
    chunks : ndarray of int, shape (chunks,)
        Rising.
    values : ndarray of float, shape (rounds, chunks)
        NaN where a chunk did not run in a round, or its figure is absent.
    """

    rounds: NDArray[np.int64]
    chunks: NDArray[np.int64]
    values: Floats


def spread(ok: RoundColumns, values: Floats) -> Spread:
    """Spread *values*, one a round of *ok*, over rounds and chunks.

    Where a round has several of one chunk, as of two problem sizes, their mean stands there.
    """
    rounds, row = np.unique(ok.round, return_inverse=True)
    chunks, column = np.unique(ok.chunk, return_inverse=True)
    known = ~np.isnan(values)
    place = (row * chunks.size + column)[known]
    size = rounds.size * chunks.size
    total, times = np.bincount(place, values[known], size), np.bincount(place, minlength=size)
    with np.errstate(invalid="ignore"):  # absent is 0/0
        table = (total / times).reshape(rounds.size, chunks.size)
    return Spread(rounds.astype(np.int64), chunks, table)


def log_ratios(ok: RoundColumns, looks: Sequence[int] | None = None) -> Spread:
    """Spread ``log(T1/TP)`` of one group over rounds and chunks.

    Parameters
    ----------
    ok : RoundColumns
        Of the group, case after case and each by the number of its rounds.
    looks : sequence of int, optional
        Planned looks: rounds after the latest look that a chunk reached are left out (rule 18).

    Raises
    ------
    InputError
        Where the looks are not known.
    """
    paired = used_of_chunks(ok[~np.isnan(ok.serial_seconds)], looks)
    return spread(paired, paired.log_ratio)


def used_of_chunks(ok: RoundColumns, looks: Sequence[int] | None) -> RoundColumns:
    """Keep the rounds of each chunk up to the latest look that it reached, chunks rising.

    Raises
    ------
    InputError
        Where the looks are not known.
    """
    order = np.argsort(ok.chunk, kind="stable")
    _, starts, sizes = np.unique(ok.chunk[order], return_index=True, return_counts=True)
    used = [rounds_used(size, looks) for size in sizes.tolist()]
    kept = [order[start : start + n] for start, n in zip(starts.tolist(), used, strict=True)]
    return ok[np.concatenate(kept) if kept else slice(0)]


def column_intervals(
    table: Floats,
    level: float,
    looks: Sequence[int] | None = None,
    of_rows: OfRows = median_intervals,
    prior: Floats | None = None,
) -> Intervals:
    """The interval of each column of *table*, shape (rounds, chunks); what is NaN does not count.

    Parameters
    ----------
    table : ndarray of float, shape (rounds, chunks)
    level : float
        Of each interval.
    looks : sequence of int, optional
        Planned looks of the run.
    of_rows : callable
        Makes the intervals of rows of one length.
    prior : ndarray of float, shape (chunks,), optional
        Of logarithms: the variance of a round in other cases.

    Raises
    ------
    InputError
        Where the looks or their level are not known.
    """

    def of(columns: slice) -> Intervals:
        part = table[:, columns]
        known = () if prior is None else (prior[columns],)
        rows = part.T if whole else part[~np.isnan(part)][np.newaxis]
        return of_rows(rows, level, looks, *known)

    whole = not np.isnan(table).any()
    if whole:
        return of(slice(None))
    each = [of(slice(i, i + 1)) for i in range(table.shape[1])]
    return Intervals(*np.concatenate(each, axis=1))
