"""Sweeps on a fake clock: plans, journals in memory, and a bench that notes what is asked of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.core.records import (
    Block,
    Case,
    Group,
    JournalLine,
    Machine,
    Pair,
    RunInfo,
    SetUp,
    Status,
    Try,
)
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.sweep.case_history import Decide
from harness.running.measure.sweep.loop import SweepLoop
from harness.running.measure.sweep.scripted import (
    FakeClock,
    Planted,
    ScriptedBench,
    ScriptedStation,
)
from harness.running.plan.profiles import Profile
from harness.running.plan.sweep import SweepPlan

SIZE = 1 << 20


def profile(
    blocks: tuple[int, ...] = (2, 2),
    *,
    looks: tuple[int, ...] | None = None,
    slow_seconds: float = 1e9,
    slow_rounds: int = 1,
    most_seconds: float = 1e9,
    budget_seconds: float | None = None,
) -> Profile:
    """A profile in which only what a test names has an effect."""
    return Profile(
        name="scripted",
        blocks=blocks,
        looks=looks,
        slow_seconds=slow_seconds,
        slow_rounds=slow_rounds,
        most_seconds=most_seconds,
        limit_seconds=60.0,
        budget_seconds=budget_seconds,
    )


def case(chunk: int = 1024, executor: str = "scripted", workers: int = 2, size: int = SIZE) -> Case:
    """One case; no executor of this name is ever looked up."""
    return Case(
        workload="planted", size=size, executor=executor, workers=workers, pin="1", chunk=chunk
    )


def cases(*chunks: int, executors: Sequence[str] = ("scripted",), workers: int = 2) -> list[Case]:
    """A group for each executor, with all the chunks."""
    return [case(chunk, executor, workers) for executor in executors for chunk in chunks]


def plan(
    chosen: Profile, planned: Sequence[Case], refused: Mapping[Case, str] | None = None
) -> SweepPlan:
    """The plan of a sweep over these cases."""
    return SweepPlan("planted", chosen, tuple(planned), refused or {})


def run_info(planned: SweepPlan, seed: int = 0, run: str = "run") -> RunInfo:
    """The run's first line; its seed decides every random order."""
    looks = planned.profile.looks
    return RunInfo(
        run=run,
        suite=planned.suite,
        profile=planned.profile.name,
        looks=list(looks) if looks else None,
        machine=Machine(name="scripted"),
        seed=seed,
    )


class Stopped(BaseException):
    """What ends a sweep from outside, as Ctrl-C does."""


@dataclass
class Memory:
    """A journal in memory. It stops the sweep in place of the record number ``stop_at``, as a
    crash does that comes before a line is written."""

    stop_at: int | None = None
    everything: list[JournalLine] = field(default_factory=list)

    def append(self, record: JournalLine) -> None:
        """Keep *record*, or stop."""
        if not isinstance(record, Try) and len(self.records) == self.stop_at:
            raise Stopped
        self.everything.append(record)

    @property
    def records(self) -> list[JournalLine]:
        """All but what was tried."""
        return [record for record in self.everything if not isinstance(record, Try)]

    @property
    def pairs(self) -> list[Pair]:
        """Pairs that gave a result."""
        return [pair for pair in self.lines if pair.status is Status.OK]

    @property
    def lines(self) -> list[Pair]:
        """All lines about cases, those without a result included."""
        return [record for record in self.records if isinstance(record, Pair)]

    @property
    def blocks(self) -> list[Block]:
        """The start-ups that were journalled."""
        return [record for record in self.records if isinstance(record, Block)]

    def rounds(self, wanted: Case) -> list[int]:
        """The rounds of a case, in the order of the journal."""
        return [pair.round for pair in self.pairs if pair.case == wanted and pair.round is not None]

    def statuses(self) -> dict[Case, tuple[Status, str | None]]:
        """Status and reason of the cases without a result."""
        return {line.case: (line.status, line.reason) for line in self.lines if line.reason}


class NotedBench(ScriptedBench):
    """A scripted bench that notes when and what it is asked, and that can fail elsewhere too.

    ``warm_faults`` strike when a case is warmed, ``open_faults`` when its engine starts.
    """

    def __init__(
        self,
        truth: Planted,
        clock: FakeClock,
        *,
        seed: int = 0,
        faults: Mapping[Case, CaseError] | None = None,
        warm_faults: Mapping[Case, CaseError] | None = None,
        open_faults: Mapping[SetUp, CaseError] | None = None,
        start_seconds: float = 1.0,
        run: str = "run",
    ) -> None:
        super().__init__(run, truth, clock, seed=seed, faults=faults, start_seconds=start_seconds)
        self.warm_faults, self.open_faults = warm_faults or {}, open_faults or {}
        self.starts: list[tuple[SetUp, int]] = []
        self.closed: list[int] = []
        self.graceful: list[bool] = []
        self.warmed: list[Case] = []
        self.expected: list[float | None] = []
        """What a call was expected to take, for every case warmed."""
        self.asked: list[tuple[float, Case, int, str, int]] = []
        """For every pair: clock, case, round, which goes first, seed."""

    def open(self, set_up: SetUp, groups: Sequence[Group], number: int) -> NotedStation:
        self.clock.spend(self.start_seconds)
        self.opened += 1
        self.starts.append((set_up, number))
        if set_up in self.open_faults:
            raise self.open_faults[set_up]
        return NotedStation(self, groups, number)


class NotedStation(ScriptedStation):
    """One block of a :class:`NotedBench`."""

    bench: NotedBench

    def warm(self, case: Case, expected_seconds: float | None) -> float:
        self.bench.warmed.append(case)
        self.bench.expected.append(expected_seconds)
        if case in self.bench.warm_faults:
            raise self.bench.warm_faults[case]
        return super().warm(case, expected_seconds)

    def pair(self, case: Case, number: int, first, seed: int) -> Pair:
        self.bench.asked.append((self.bench.clock(), case, number, first, seed))
        return super().pair(case, number, first, seed)

    def close(self, *, graceful: bool) -> None:
        self.bench.closed.append(self.number)
        self.bench.graceful.append(graceful)


def never(d: Sequence[float], looks: Sequence[int], others: Sequence[Sequence[float]] = ()) -> bool:
    """A rule that never stops a case."""
    return False


def measured(
    planned: SweepPlan,
    truth: Planted | None = None,
    *,
    seed: int = 0,
    decide: Decide = never,
    **faults: Any,
) -> tuple[Memory, NotedBench]:
    """A whole sweep from start to end."""
    clock = FakeClock()
    bench = NotedBench(truth or Planted(), clock, seed=seed, **faults)
    journal = Memory()
    info = run_info(planned, seed)
    SweepLoop(planned, info, bench, journal, decide=decide, clock=clock).run()
    return journal, bench


def run(sweep, records=(), stop_at=None):
    """Run *sweep* after *records*, to its end, or to where its journal is stopped at *stop_at*."""
    sweep.resume(list(records))
    try:
        sweep.run()
    except Stopped:
        assert stop_at is not None
