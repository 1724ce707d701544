"""Which chunks are not worse than the best, and which of them to take: rule 22."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from harness.reading.analysis.crossover.spread import column_intervals
from harness.reading.analysis.verdict.estimates import (
    LOOKS_LEVEL,
    Floats,
    equal_intervals,
)
from harness.reading.analysis.verdict.verdicts import MARGIN


def best_set(
    d: pd.DataFrame, level: float = LOOKS_LEVEL, looks: Sequence[int] | None = None
) -> list[int]:
    """Choose the chunks that are shown to be not worse than the best by 5 %, rising.

    The best is the chunk with the largest median of ``log(T1/TP)``. Another belongs to the set
    where the exact one-sided 95 % upper bound of the median of ``d_best - d_chunk``, over the
    rounds that both have, lies below ``log(1.05)``: not worse is shown, not merely not refuted, so
    that whatever is recommended out of the set is safe. That the best was chosen by its own rounds
    flatters it (winner's curse), which keeps chunks out of the set and lets none in.

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
) -> list[int]:
    """Choose the same as :func:`best_set`, from an array.

    Parameters
    ----------
    chunks : sequence of int
    d : ndarray of float, shape (rounds, chunks)
        NaN where a chunk did not run in a round.
    level, looks
        As in :func:`best_set`.
    """
    medians = column_intervals(d, level, looks) if len(chunks) else None
    if medians is None or np.isnan(medians.low).all():
        return []
    has_interval = ~np.isnan(medians.low)
    best = int(np.argmax(np.where(has_interval, medians.point, -np.inf)))
    high = column_intervals(d[:, [best]] - d, level, looks, equal_intervals).high
    shown = has_interval & (high < MARGIN)
    shown[best] = True
    return sorted(chunk for chunk, is_shown in zip(chunks, shown, strict=True) if is_shown)
