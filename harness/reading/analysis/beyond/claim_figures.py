"""The figures that claims are judged by: the claimant's own loop, and the overhead in pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from harness.core.records import Estimate, RunInfo
from harness.reading.analysis.by_group import Key, Row
from harness.reading.analysis.estimate_columns import ENDS
from harness.reading.analysis.keys import CASE
from harness.reading.analysis.verdict.estimates import Floats, median_interval, rounds_used
from harness.reading.analysis.verdict.grouped_rounds import GroupedRounds, RoundColumns
from harness.reading.ingest.published import Claim, Setting

SETTING = ("workload", "size", "chunk", "executor")
"""What a claim says of a case; its number of workers is that of the machine."""

MICRO = 1e6
PERCENT_OF_100_MS = 1e-3
"""Per cent of 100 ms in a microsecond."""


class MeasuredRun:
    """One run: finds the cases that claims ask for, and their rounds.

    Parameters
    ----------
    cases : list of dict
        Rows of ``schema.CASES`` of the run.
    ok : GroupedRounds
        Rounds with a result, its own among them.
    info : RunInfo
        Run line: level and looks.
    """

    def __init__(self, cases: Sequence[Row], ok: GroupedRounds, info: RunInfo) -> None:
        self.info = info
        self.ok = ok
        self.cases: dict[Key, Row] = {}
        for case in cases:
            self.cases.setdefault(tuple(case[name] for name in SETTING), case)

    def case(self, setting: Setting) -> Row | None:
        """The row of the case *setting*, on any number of workers; ``None`` where there is none."""
        return self.cases.get(tuple(getattr(setting, name) for name in SETTING))

    def rounds(self, case: Row) -> RoundColumns:
        """The rounds of *case* that estimates use: those up to the latest look."""
        rounds = self.ok.of_case(tuple(case[name] for name in CASE))
        return rounds[: rounds_used(len(rounds), self.info.looks)]

    def median(self, values: Floats) -> Estimate:
        """The median of *values*, one a round, with its exact interval."""
        return median_interval(values, self.info.level, self.info.looks)


def loop(
    claim: Claim,
    case: Row,
    here: Mapping[Setting, Row],
    measured: MeasuredRun,
) -> Estimate:
    """The claimant's own loop: time of a call over its tasks, in the unit of the claim.

    Parameters
    ----------
    claim : Claim
        Its ``quantity`` and ``against`` say which figure is made.
    case : dict
        Row of ``schema.CASES`` of its loop.
    here : mapping of Setting to dict
        Rows of all cases of the claim.
    measured : MeasuredRun
        The run that *case* is of.
    """
    ok = measured.rounds(case)
    each = ok.parallel_seconds / float(case["n_tasks"])
    if claim.quantity == "tasks/s":
        return measured.median(1 / each)
    if claim.quantity == "T1/TP":
        return _exp(measured.median(ok.log_ratio))
    if claim.against is not None:
        other = measured.rounds(here[claim.against])
        _, mine, theirs = np.intersect1d(
            ok.round, other.round, assume_unique=True, return_indices=True
        )
        return _exp(measured.median(other.log_ratio[theirs] - ok.log_ratio[mine]))
    scale = PERCENT_OF_100_MS if claim.quantity == "% of 100 ms" else 1.0
    return measured.median(each * MICRO * scale)


def paired(claim: Claim, case: Row) -> Estimate:
    """The overhead per task of *case*, a row of ``schema.CASES``, in the unit of the claim."""
    point, low, high = (case[f"overhead_us_per_task{end}"] for end in ENDS)
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
