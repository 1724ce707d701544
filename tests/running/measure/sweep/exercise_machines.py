"""The exercise on scripted machines that are slow, fast, or start engines slowly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from harness.apps.exercise import exercise
from harness.apps.selftest.drift import recorded_drift
from harness.core.records import Case, Verdict
from harness.reading.analysis.crossover.refine import refine
from harness.reading.analysis.verdict.cases import cases as judged
from harness.reading.analysis.verdict.verdicts import MARGIN, decided
from harness.reading.ingest import read_results
from harness.running.measure.sweep.journal import JournalWriter, begin
from harness.running.measure.sweep.loop import SweepLoop
from harness.running.measure.sweep.scripted import (
    FakeClock,
    Planted,
    ScriptedBench,
    ScriptedStation,
)
from harness.running.plan.profiles import Profile
from harness.running.plan.sweep import SweepPlan
from tests.running.measure.sweeps import run_info


@dataclass(frozen=True)
class Timed(Planted):
    """Costs that were read off a machine: seconds of a call by its number of chunks, and between
    these on a line through the two next to it, both on a logarithmic scale."""

    calls: Mapping[int, float] = field(default_factory=dict)

    def seconds(self, n_chunks: int, workers: int) -> float:
        known = np.log(np.array(sorted(self.calls.items())))
        return float(np.exp(np.interp(np.log(n_chunks), known[:, 0], known[:, 1])))


class Bench(ScriptedBench):
    """Dask takes its planted times, NumPy on all cores the baseline's, the line as written half as
    much again."""

    def open(self, set_up, groups, number):
        super().open(set_up, groups, number)
        return Station(self, groups, number)


class Station(ScriptedStation):
    def _call(self, case: Case) -> float:
        if case.executor.startswith("dask"):
            return super()._call(case)
        return true_seconds(self.bench.truth, case) * self.factor * self._noise()


def true_seconds(truth: Planted, case: Case) -> float:
    if case.executor.startswith("dask"):
        return truth.seconds(-(-case.size // case.chunk), case.workers)
    return truth.work * (1.5 if case.workload.endswith("as-written") else 1.0)


class Machine(NamedTuple):
    """What the exercise meets: T1, the calls of Dask from the smallest chunk to the whole, and what
    a start-up takes."""

    work: float
    calls: tuple[float, float, float, float, float]
    start_seconds: float
    cores: int = 2

    def truth(self, seed: int, noise: float) -> Timed:
        chunks = (10_000, 100, 10, 2, 1)
        return Timed(
            work=self.work,
            noise=noise,
            second=1.03,
            drift=recorded_drift(seed),
            calls=dict(zip(chunks, self.calls, strict=True)),
        )


SLOW = Machine(0.065, (15.0, 0.23, 0.09, 0.08, 0.066), 2.0)
SLOW_TO_START = SLOW._replace(start_seconds=4.0)
FAST = Machine(0.022, (5.0, 0.08, 0.03, 0.027, 0.025), 2.0)
RESTLESS = Machine(0.07, (15.0, 0.45, 0.13, 0.1, 0.08), 2.0)
"""The first calls of fewer chunks take so long that many are expected to take 35 s."""
HELD_BACK = Machine(0.25, (40.0, 1.2, 0.5, 0.3, 0.26), 6.0, 8)


class Measured(NamedTuple):
    """One run: its table of cases, the seconds of the fake clock, and what was decided wrongly."""

    table: pd.DataFrame
    seconds: float
    decided: int
    wrong: int
    false_alarm: bool


def measured(
    folder: Path,
    machine: Machine,
    seed: int,
    *,
    profile: Profile | None = None,
    noise: float = 0.03,
) -> Measured:
    """Measure the exercise on *machine*; count the cases other than NumPy itself, which is its own
    baseline: its verdict can only be a false alarm."""
    made = exercise(workers=machine.cores)
    planned = SweepPlan(made.suite, profile or made.profile, made.cases)
    info = run_info(planned, seed, run=f"20260101T000000Z-settle-{seed:04x}")
    clock, truth = FakeClock(), machine.truth(seed, noise)
    bench = Bench(
        info.run, truth, clock, seed=seed, start_seconds=machine.start_seconds, spends_all=True
    )
    journal = JournalWriter(begin(folder / "journal", info))
    SweepLoop(planned, info, bench, journal, decide=decided, clock=clock, refine=refine).run()
    journal.close()
    read = read_results(folder)
    table = judged(read.pairs, read.blocks, read.runs)
    signed = {Verdict.PAYS: 1, Verdict.OVERHEAD: -1}
    settled = wrong = 0
    false_alarm = False
    table = table.fillna({"verdict": "none"})
    for row, case in zip(table.itertuples(), map(_case, table.itertuples()), strict=True):
        if case not in planned.cases:
            continue
        log = np.log(machine.work / true_seconds(truth, case))
        if case.executor == "numpy" and not case.workload.endswith("as-written"):
            false_alarm = row.verdict in signed
            continue
        settled += row.verdict in (*signed, Verdict.EQUAL)
        wrong += row.verdict in signed and signed[Verdict(str(row.verdict))] * log <= 0
        wrong += row.verdict == Verdict.EQUAL and abs(log) > MARGIN
    return Measured(table, clock(), settled, wrong, false_alarm)


def _case(row) -> Case:
    names = Case.model_fields
    return Case(**{name: getattr(row, name) for name in names})
