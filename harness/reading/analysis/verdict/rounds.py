"""From journal lines to rounds: those with a result, in order, and ``d = log(T1/TP)`` of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from harness.core.errors import InputError
from harness.core.records import Status
from harness.reading.analysis.keys import CASE
from harness.reading.analysis.verdict.estimates import rounds_used

REFINE, CONFIRM, SEPARATE = "refine", "confirm", "separate"
"""Purposes of pairs that the grid of a sweep does not have."""


def planned(pairs: pd.DataFrame) -> pd.DataFrame:
    """The rows of *pairs* whose number was settled beforehand: all but those that confirm."""
    return pairs[pairs["purpose"].ne(CONFIRM).fillna(True).to_numpy(dtype=bool)]


def without_added_workers(pairs: pd.DataFrame) -> pd.DataFrame:
    """The rows of *pairs* but those with a number of workers that the sweep added."""
    return pairs[pairs["purpose"].ne(SEPARATE).fillna(True).to_numpy(dtype=bool)]


def unless_added(lines: pd.DataFrame) -> pd.DataFrame:
    """The *lines* of one case without those that refuse it, where the sweep added it after all."""
    added = lines["purpose"].eq(SEPARATE).fillna(False).to_numpy(dtype=bool)
    return lines[added] if added.any() else lines


def fresh(pairs: pd.DataFrame) -> pd.DataFrame:
    """The rows of *pairs* that confirm, with a result and a baseline."""
    kept = pairs["purpose"].eq(CONFIRM) & pairs["status"].eq(Status.OK)
    return pairs[(kept & pairs["serial_seconds"].notna()).fillna(False).to_numpy(dtype=bool)]


def with_result(pairs: pd.DataFrame) -> pd.DataFrame:
    """The rows of *pairs* (``schema.PAIRS``) with status ``ok``, ordered by round within a case.

    Cases keep the order of their first row. Rounds that confirm what others found (rule 22) are
    left out: how many rounds a chunk has must not depend on what they said.

    Raises
    ------
    InputError
        Where such a row has no positive time, or a paired one no round or one that the same case
        already had: a time of 0 is a defect of the journal, never a fast case.
    """
    pairs = planned(pairs)
    ok = pairs[(pairs["status"] == Status.OK).fillna(False).to_numpy(dtype=bool)]
    time = ok["parallel_seconds"].to_numpy(dtype=np.float64)
    serial = ok["serial_seconds"].to_numpy(dtype=np.float64)
    bad = ~(time > 0) | (~np.isnan(serial) & ~(serial > 0))
    paired = ~np.isnan(serial)
    bad |= paired & ok["round"].isna().to_numpy(dtype=bool)
    bad |= paired & ok.duplicated([*CASE, "round"]).to_numpy(dtype=bool)
    if bad.any():
        row = ok[bad].iloc[0]
        raise InputError(
            f"run {row['run']}, {row['workload']} on {row['executor']}, chunk {row['chunk']}, "
            f"round {row['round']}: a pair marked ok needs positive times and a round of its own; "
            "correct or remove that line of the journal"
        )
    code = ok.groupby(CASE, sort=False, dropna=False).ngroup().to_numpy(dtype=np.int64)
    number = ok["round"].to_numpy(dtype=np.float64, na_value=np.nan)
    return ok.iloc[np.lexsort((number, code))]


def log_ratio(ok: pd.DataFrame) -> pd.Series[float]:
    """``d = log(T1/TP)`` of one case, from its rows of :func:`with_result`; the index is its
    rounds."""
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
