"""From pairs to rounds: keep those with a result, in order, and take ``log(T1/TP)`` of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from harness.core.errors import InputError
from harness.core.records import Status
from harness.reading.analysis.by_group import group_numbers
from harness.reading.analysis.estimate_columns import floats
from harness.reading.analysis.keys import CASE
from harness.reading.analysis.verdict.estimates import rounds_used

REFINE, CONFIRM, SEPARATE = "refine", "confirm", "separate"
"""Purposes of the pairs that a sweep added to its plan."""


def planned(pairs: pd.DataFrame) -> pd.DataFrame:
    """Leave out the rows of *pairs* (``schema.PAIRS``) that confirm a choice: how many of those
    there are was not settled beforehand, but by what other rounds gave."""
    return pairs[pairs["purpose"].ne(CONFIRM).fillna(True).to_numpy(dtype=bool)]


def without_added_workers(pairs: pd.DataFrame) -> pd.DataFrame:
    """Leave out the rows of *pairs* (``schema.PAIRS``) with a number of workers that the sweep
    added to its plan."""
    return pairs[pairs["purpose"].ne(SEPARATE).fillna(True).to_numpy(dtype=bool)]


def without_refusals(lines: pd.DataFrame) -> pd.DataFrame:
    """Of a case that the plan refused and the sweep added later, keep the *lines* that it added."""
    added = lines["purpose"].eq(SEPARATE).fillna(False).to_numpy(dtype=bool)
    return lines[added] if added.any() else lines


def fresh(pairs: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows of *pairs* (``schema.PAIRS``) that confirm a choice, and have a result and a
    baseline."""
    kept = pairs["purpose"].eq(CONFIRM) & pairs["status"].eq(Status.OK)
    return pairs[(kept & pairs["serial_seconds"].notna()).fillna(False).to_numpy(dtype=bool)]


def with_result(pairs: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows of *pairs* with status ``ok``, ordered by round within a case.

    Cases keep the order of their first row. Rounds that confirm a choice (rule 22) are left out:
    how many rounds a chunk has must not depend on the result of others.

    Parameters
    ----------
    pairs : DataFrame
        Rows of ``schema.PAIRS``.

    Raises
    ------
    InputError
        Where such a row has no positive time, or a paired one no round or one that the same case
        already had: a time of 0 is a defect of the journal, never a fast case.
    """
    return pairs.iloc[places_with_result(pairs)[0]]


def places_with_result(
    pairs: pd.DataFrame,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the rows of :func:`with_result` stand in *pairs*, and the number of each one's case.

    Numbers count from 0 in the order of the cases' first rows; arguments and errors are those of
    ``with_result``.
    """
    kept = pairs["status"].eq(Status.OK) & pairs["purpose"].ne(CONFIRM).fillna(True)
    place = np.flatnonzero(kept.fillna(False).to_numpy(dtype=bool)).astype(np.int64)
    keys = pairs[CASE] if place.size == len(pairs) else pairs[CASE].iloc[place]
    code = group_numbers(keys, CASE, dropna=False)
    number = floats(pairs, "round")[place]
    order = np.lexsort((number, code))
    place, code, number = place[order], code[order], number[order]
    time, serial = (floats(pairs, name)[place] for name in ("parallel_seconds", "serial_seconds"))
    paired = ~np.isnan(serial)
    again = np.zeros(place.size, dtype=bool)
    again[1:] = (code[1:] == code[:-1]) & (number[1:] == number[:-1])
    bad = ~(time > 0) | (paired & (~(serial > 0) | np.isnan(number) | again))
    if bad.any():
        row = pairs.iloc[place[bad].min()]
        raise InputError(
            f"run {row['run']}, {row['workload']} on {row['executor']}, chunk {row['chunk']}, "
            f"round {row['round']}: a pair marked ok needs positive times and a round of its own; "
            "correct or remove that line of the journal"
        )
    return place, code


def log_ratio(ok: pd.DataFrame) -> pd.Series[float]:
    """``d = log(T1/TP)`` of each round of one case.

    Parameters
    ----------
    ok : DataFrame
        Its rows of :func:`with_result`.

    Returns
    -------
    Series of float, shape (rounds,)
        The index is the number of the round.
    """
    t1 = ok["serial_seconds"].to_numpy(dtype=np.float64)
    tp = ok["parallel_seconds"].to_numpy(dtype=np.float64)
    return pd.Series(np.log(t1 / tp), index=ok["round"].to_numpy(dtype=np.int64))


def log_ratios(ok: pd.DataFrame, looks: Sequence[int] | None = None) -> pd.DataFrame:
    """``d = log(T1/TP)`` of one group, a row a round and a column a chunk.

    Parameters
    ----------
    ok : DataFrame
        Rows of :func:`with_result` of one group (one run, workload, size, executor, workers, pin).
    looks : sequence of int, optional
        Planned looks: rounds after the latest look that a chunk reached are left out (rule 18).

    Returns
    -------
    DataFrame, shape (rounds, chunks)
        Index ``round`` rising, columns ``chunk`` rising, NaN where a chunk did not run in a round.

    Raises
    ------
    InputError
        Where the looks are not known.
    """
    columns: dict[int, pd.Series[float]] = {}
    paired = ok[ok["serial_seconds"].notna()]
    for chunk, rows in paired.groupby("chunk", sort=True):
        columns[int(str(chunk))] = log_ratio(rows.iloc[: rounds_used(len(rows), looks)])
    frame = pd.DataFrame(columns).sort_index()
    return frame.rename_axis(index="round", columns="chunk")
