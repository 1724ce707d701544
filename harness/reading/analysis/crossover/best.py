"""Which chunks are not worse than the best, and which of them to take: rule 22."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from harness.reading.analysis.crossover.spread import column_intervals
from harness.reading.analysis.verdict.estimates import (
    LOOKS_LEVEL,
    Floats,
    Intervals,
    equal_intervals,
    median_intervals,
)
from harness.reading.analysis.verdict.moderated import DEFAULT_PRIOR
from harness.reading.analysis.verdict.verdicts import MARGIN


def best_set(
    d: pd.DataFrame, level: float = LOOKS_LEVEL, looks: Sequence[int] | None = None
) -> list[int]:
    """Choose the chunks that are shown to be not worse than the best by 5 %, rising.

    The best is the chunk with the largest median of ``log(T1/TP)``. Another belongs to the set
    where the one-sided 95 % upper bound of ``d_best - d_chunk`` over the rounds that both have,
    exact or of a few rounds by moderated t, lies below ``log(1.05)``: not worse is shown, not
    merely not refuted, so that whatever is recommended out of the set is safe. That the best was
    chosen by its own rounds flatters it (winner's curse), which keeps chunks out of the set and
    lets none in.

    Parameters
    ----------
    d : DataFrame, shape (rounds, chunks)
        Rows rounds, columns chunks, NaN where a chunk did not run; see ``rounds.log_ratios``.
    level : float
        Level of the verdicts.
    looks : sequence of int, optional
        Planned looks of the run.

    Returns
    -------
    list of int
        Empty where no chunk has rounds enough for an interval (rule 19).

    Raises
    ------
    InputError
        Where the looks are not known.
    """
    values = d.to_numpy(dtype=np.float64)
    return not_worse([int(str(chunk)) for chunk in d.columns], values, level, looks)


def not_worse(
    chunks: Sequence[int],
    d: Floats,
    level: float = LOOKS_LEVEL,
    looks: Sequence[int] | None = None,
    prior: Floats | None = None,
) -> list[int]:
    """Choose the same as :func:`best_set`, from an array.

    Parameters
    ----------
    chunks : sequence of int
    d : ndarray of float, shape (rounds, chunks)
        NaN where a chunk did not run in a round.
    level, looks
        As in :func:`best_set`.
    prior : ndarray of float, shape (chunks,), optional
        Variance of a round in other cases; that of a difference is the sum of two.
    """
    if prior is None:
        prior = np.full(len(chunks), DEFAULT_PRIOR)
    medians = column_intervals(d, level, looks, prior=prior) if len(chunks) else None
    if medians is None or np.isnan(medians.low).all():
        return []
    has_interval = ~np.isnan(medians.low)
    best = int(np.argmax(np.where(has_interval, medians.point, -np.inf)))
    high = column_intervals(d[:, [best]] - d, level, looks, _one_sided, prior + prior[best]).high
    shown = has_interval & (high < MARGIN)
    shown[best] = True
    return sorted(chunk for chunk, is_shown in zip(chunks, shown, strict=True) if is_shown)


def _one_sided(
    values: Floats, level: float, looks: Sequence[int] | None, prior: Floats | None
) -> Intervals:
    """An interval whose upper end alone is a bound at *level*."""
    exact = equal_intervals(values, level, looks)
    if not np.isnan(exact.high).all():
        return exact
    return median_intervals(values, 2 * level - 1 if looks is None else level, looks, prior)
