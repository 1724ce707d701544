"""The figures that claims are judged by: the claimant's own loop, and the overhead in pairs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from harness.core.records import Estimate, RunInfo
from harness.reading.analysis.by_group import by_key
from harness.reading.analysis.estimate_columns import ENDS
from harness.reading.analysis.keys import CASE
from harness.reading.analysis.verdict.estimates import Floats, median_interval, rounds_used
from harness.reading.analysis.verdict.rounds import log_ratios
from harness.reading.ingest.published import Claim, Setting

MICRO = 1e6
PERCENT_OF_100_MS = 1e-3
"""Per cent of 100 ms in a microsecond."""


class MeasuredRun:
    """One run: finds the cases that claims ask for, and their rounds.

    Parameters
    ----------
    cases : DataFrame
        Rows of ``schema.CASES`` of the run.
    ok : DataFrame
        Its rows of ``rounds.with_result``.
    info : RunInfo
        Run line: level and looks.
    """

    def __init__(self, cases: pd.DataFrame, ok: pd.DataFrame, info: RunInfo) -> None:
        self.info = info
        self.cases = cases
        self.ok = by_key(ok, CASE)

    def case(self, setting: Setting) -> pd.Series[Any] | None:
        """The row of the case *setting*, on any number of workers; ``None`` where there is none."""
        wanted = setting.model_dump(exclude={"workers"})
        alike = (self.cases[list(wanted)] == pd.Series(wanted)).all(axis=1)
        alike_cases = self.cases[alike.fillna(False).to_numpy(dtype=bool)]
        return None if alike_cases.empty else alike_cases.iloc[0]

    def rounds(self, case: pd.Series[Any]) -> pd.DataFrame:
        """The rounds of *case* that estimates use: those up to the latest look."""
        rounds = self.ok[tuple(case[name] for name in CASE)]
        return rounds.iloc[: rounds_used(len(rounds), self.info.looks)]

    def median(self, values: Floats) -> Estimate:
        """The median of *values*, one a round, with its exact interval."""
        return median_interval(values, self.info.level, self.info.looks)


def loop(
    claim: Claim,
    case: pd.Series[Any],
    here: Mapping[Setting, pd.Series[Any]],
    measured: MeasuredRun,
) -> Estimate:
    """The claimant's own loop: time of a call over its tasks, in the unit of the claim.

    Parameters
    ----------
    claim : Claim
        Its ``quantity`` and ``against`` say which figure is made.
    case : Series
        Row of ``schema.CASES`` of its loop.
    here : mapping of Setting to Series
        Rows of all cases of the claim.
    measured : MeasuredRun
        The run that *case* is of.
    """
    ok = measured.rounds(case)
    seconds = ok["parallel_seconds"].to_numpy(dtype=np.float64)
    each = seconds / float(case["n_tasks"])
    if claim.quantity == "tasks/s":
        return measured.median(1 / each)
    if claim.quantity == "T1/TP":
        return _exp(measured.median(np.log(ok["serial_seconds"].to_numpy(np.float64) / seconds)))
    if claim.against is not None:
        other = here[claim.against]
        both = pd.concat([ok, measured.rounds(other)])
        d = log_ratios(both, measured.info.looks)[[case["chunk"], other["chunk"]]].dropna()
        return _exp(measured.median((d[other["chunk"]] - d[case["chunk"]]).to_numpy(np.float64)))
    scale = PERCENT_OF_100_MS if claim.quantity == "% of 100 ms" else 1.0
    return measured.median(each * MICRO * scale)


def paired(claim: Claim, case: pd.Series[Any]) -> Estimate:
    """The overhead per task of *case*, a row of ``schema.CASES``, in the unit of the claim."""
    ends = [case[f"overhead_us_per_task{end}"] for end in ENDS]
    point, low, high = (None if pd.isna(end) else float(end) for end in ends)
    if claim.quantity == "tasks/s":  # a cost that may be 0 or less gives no rate
        point, low, high = (
            None if end is None or end <= 0 else MICRO / end for end in (point, high, low)
        )
    elif claim.quantity == "% of 100 ms":
        point, low, high = (
            None if end is None else end * PERCENT_OF_100_MS for end in (point, low, high)
        )
    return Estimate(point=point, low=low, high=high, n=int(case["rounds"]))


def _exp(logs: Estimate) -> Estimate:
    ends = {
        name: None if value is None else float(np.exp(value))
        for name, value in (("point", logs.point), ("low", logs.low), ("high", logs.high))
    }
    return logs.model_copy(update=ends)
