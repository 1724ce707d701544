"""What the random generator does to the exercise, as ratios of rounds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from harness.core.records import Estimate, RunInfo
from harness.reading.analysis.verdict.estimates import median_interval
from harness.reading.analysis.verdict.rounds import log_ratios, with_result


def logs_by_chunk(
    pairs: pd.DataFrame, executor: str | None, workload: str, info: RunInfo
) -> pd.DataFrame:
    """``log(T1/TP)`` of one executor and workload, a row a round, a column a chunk."""
    mine = pairs[
        pairs["executor"].eq(executor or "").fillna(False) & pairs["workload"].eq(workload)
    ]
    return log_ratios(with_result(mine), info.looks)


def generator_ratios(
    as_written: pd.DataFrame, logs: pd.DataFrame, recommended: int | None, info: RunInfo
) -> dict[str, Estimate]:
    """What the generator does: the time of the older one over that of PCG64, and the speed-up of
    Dask's best chunk over the exercise's own NumPy line; one round of each is one replicate."""
    if as_written.empty:
        return {}
    older = as_written.iloc[:, 0]
    ratios = {"older_over_matched": _exp(-older, info)}
    if recommended in logs:
        together = (logs[recommended] - older).dropna()
        if not together.empty:
            ratios["best_over_as_written"] = _exp(together, info)
    return ratios


def _exp(logs: pd.Series[float], info: RunInfo) -> Estimate:
    """The median of *logs* with its interval, as ratios."""
    inner = median_interval(logs.to_numpy(), info.level, info.looks)
    ends = (inner.point, inner.low, inner.high)
    point, low, high = (None if end is None else float(np.exp(end)) for end in ends)
    return inner.model_copy(update={"point": point, "low": low, "high": high})
