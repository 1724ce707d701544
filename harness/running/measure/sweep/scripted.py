"""A bench that computes nothing: planted costs on a fake clock, to test the harness on itself.

It takes the place of :class:`harness.running.measure.process.bench.ProcessBench` behind the same
port, so that the protocol, the journal and the analysis that are tested are those that are used
(rule 30).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from harness.core.records import Block, Case, Group, Pair, SetUp
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.process.timing import (
    ONE_WARM_UP_SECONDS,
    PRIMED_SECONDS,
    WARM_UPS,
    batch,
)

AROUND_SECONDS = 0.02
"""What a real pair spends besides its calls: on calibration, on waiting for quiet, on messages."""
DRIFT_SECONDS = 0.02
"""For so long a drifting machine is taken not to change."""


@dataclass(frozen=True)
class Planted:
    """The truth to be recovered: the overhead model of rule 24 and the noise around it.

    Attributes
    ----------
    work : float
        ``W = T1``, in s.
    fixed, serial, parallel : float
        ``c0`` in s a call; ``s`` and ``o`` in s a task.
    ceiling : float
        ``S(P)`` with several workers; with one it is 1.
    measured_ceiling : float, optional
        What the ceiling control says, where it errs.
    work_factor : callable
        By what factor the work in so many chunks differs from ``W``, as caches and page faults
        make it; the executor and the serial replay both feel it.
    noise : float
        Standard deviation of ``log`` of every single time.
    start_up : float
        Standard deviation of ``log`` of a factor that each block puts on all its calls.
    second : float
        Factor on whichever of a pair runs second.
    drift : callable
        By what factor everything takes longer at these seconds of the fake clock.
    """

    work: float = 0.05
    fixed: float = 0.0
    serial: float = 0.0
    parallel: float = 0.0
    ceiling: float = 2.0
    measured_ceiling: float | None = None
    work_factor: Callable[[int], float] = field(default=lambda n_chunks: 1.0)
    noise: float = 0.0
    start_up: float = 0.0
    second: float = 1.0
    drift: Callable[[float], float] = field(default=lambda seconds: 1.0)

    def seconds(self, n_chunks: int, workers: int) -> float:
        """``T(K, P)`` without noise."""
        work = self.work * self.work_factor(n_chunks)
        imbalance = (math.ceil(n_chunks / workers) - n_chunks / workers) * work / n_chunks
        ceiling = self.ceiling if workers > 1 else 1.0
        spread = n_chunks * self.parallel / workers + work / ceiling
        return self.fixed + max(n_chunks * self.serial, spread) + imbalance


class FakeClock:
    """A clock that stands still but for :meth:`spend`."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """The seconds so far."""
        return self.now

    def spend(self, seconds: float) -> None:
        """Let *seconds* pass."""
        self.now += seconds


class ScriptedBench:
    """Opens scripted stations; see :class:`harness.running.measure.sweep.ports.Bench`.

    Parameters
    ----------
    run : str
        Name of the run, for the records.
    truth : Planted
    clock : FakeClock
    seed : int
    faults : mapping of Case to CaseError, optional
        Cases that do not work, and how.
    start_seconds : float
        What a start-up costs on the fake clock.
    others : mapping of str to Planted, optional
        Workloads with a truth of their own, such as the empty task; the noise around all of them
        is that of *truth*.
    spends_all : bool
        Whether the clock also shows what a real bench spends around the timed calls: warm-ups,
        untimed calls before the timed ones, the serial replay, and calibration.
    """

    def __init__(
        self,
        run: str,
        truth: Planted,
        clock: FakeClock,
        *,
        seed: int = 0,
        faults: Mapping[Case, CaseError] | None = None,
        start_seconds: float = 1.0,
        others: Mapping[str, Planted] | None = None,
        spends_all: bool = False,
    ) -> None:
        self.spends_all = spends_all
        self.run, self.truth, self.clock = run, truth, clock
        self.others = others or {}
        self.random = random.Random(seed)
        self.replay_random = random.Random(f"replay {seed}")
        self.faults = faults or {}
        self.start_seconds = start_seconds
        self.opened = 0

    def open(
        self,
        set_up: SetUp,  # noqa: ARG002 - the port's
        groups: Sequence[Group],
        number: int,
    ) -> ScriptedStation:
        """A station; it costs ``start_seconds``."""
        self.clock.spend(self.start_seconds)
        self.opened += 1
        return ScriptedStation(self, groups, number)

    def truth_of(self, case: Case) -> Planted:
        """What calls of *case* and of its baseline cost."""
        return self.others.get(case.workload, self.truth)


class ScriptedStation:
    """One block of scripted calls."""

    def __init__(self, bench: ScriptedBench, groups: Sequence[Group], number: int) -> None:
        self.bench, self.groups, self.number = bench, groups, number
        truth = bench.truth
        self.factor = math.exp(bench.random.gauss(0.0, truth.start_up))
        self.warmed: set[Case] = set()

    @property
    def blocks(self) -> list[Block]:
        """Its records."""
        return [
            Block(
                run=self.bench.run,
                block=self.number,
                **group.model_dump(),
                processes=1,
                threads_per_process=group.workers,
                oversubscribed=False,
                startup_seconds=self.bench.start_seconds,
                ceiling=self._ceiling if group.workers > 1 else 1.0,
            )
            for group in self.groups
        ]

    @property
    def _ceiling(self) -> float:
        truth = self.bench.truth
        return truth.ceiling if truth.measured_ceiling is None else truth.measured_ceiling

    link = None
    """A scripted engine has no dashboard."""

    def warm(self, case: Case, expected_seconds: float | None) -> float:
        """One call; where a bench spends all, as many as a real one makes (rule 14)."""
        self.warmed.add(case)
        if not self.bench.spends_all:
            return self._call(case)
        seconds = expected_seconds or 0.0
        for _ in range(WARM_UPS):
            if seconds > ONE_WARM_UP_SECONDS:
                break
            seconds = self._call(case)
            self.bench.clock.spend(seconds)
        return seconds

    def pair(
        self,
        case: Case,
        number: int,
        first: Literal["parallel", "serial"],
        seed: int,  # noqa: ARG002 - the port's
    ) -> Pair:
        """One scripted pair; a fault is raised instead.

        Raises
        ------
        RuntimeError
            Where nothing has warmed the case up: a real station does not know how long it takes.
        """
        if case not in self.warmed:
            raise RuntimeError(f"{case.label} was not warmed up")
        truth, bench = self.bench.truth, self.bench
        if case in bench.faults:
            raise bench.faults[case]
        parallel = self._call(case)
        serial = bench.truth_of(case).work * self._noise()
        if bench.spends_all:
            primed = sum(seconds for seconds in (parallel, serial) if seconds <= PRIMED_SECONDS)
            bench.clock.spend(primed + serial + AROUND_SECONDS)  # the replay takes about T1
        if first == "parallel":
            parallel, calls = self._spend(parallel)
            serial, serial_calls = self._spend(serial * truth.second)
        else:
            serial, serial_calls = self._spend(serial)
            parallel, calls = self._spend(parallel * truth.second)
        n_chunks = math.ceil(case.size / case.chunk)
        return Pair(
            run=bench.run,
            **case.model_dump(),
            n_chunks=n_chunks,
            n_tasks=n_chunks,
            block=self.number,
            round=number,
            first=first,
            calls=calls,
            serial_calls=serial_calls,
            parallel_seconds=parallel,
            serial_seconds=serial,
            replay_seconds=self._replay(case, n_chunks),
            calibration_ratio=1.0,
        )

    def close(self, *, graceful: bool) -> None:
        """Do nothing: no process was started."""

    def _call(self, case: Case) -> float:
        n_chunks = math.ceil(case.size / case.chunk)
        return (
            self.bench.truth_of(case).seconds(n_chunks, case.workers) * self.factor * self._noise()
        )

    def _spend(self, seconds: float) -> tuple[float, int]:
        """What a call of *seconds* takes now, and how many were timed as one batch (rule 13); the
        batch passes on the clock."""
        taken, calls = self._wall(seconds)
        self.bench.clock.spend(taken)
        return taken / calls, calls

    def _wall(self, seconds: float) -> tuple[float, int]:
        """What the batch of a call of *seconds* takes from now on, and how many calls it has."""
        clock, drift = self.bench.clock, self.bench.truth.drift
        calls = batch(seconds)
        left, taken = seconds * calls, 0.0
        while left > 0:  # at a factor f of drift, a stretch of the clock does 1/f of its length
            factor = drift(clock() + taken)
            wall = min(DRIFT_SECONDS, left * factor)
            left = 0.0 if wall < DRIFT_SECONDS else left - wall / factor
            taken += wall
        return taken, calls

    def _replay(self, case: Case, n_chunks: int) -> float | None:
        """Seconds of the serial replay. They do not pass on the clock, so that a plan takes as long
        as its pairs."""
        if case.executor == "numpy":
            return None
        truth = self.bench.truth_of(case)
        noise = math.exp(self.bench.replay_random.gauss(0.0, self.bench.truth.noise))
        taken, calls = self._wall(truth.work * truth.work_factor(n_chunks) * noise)
        return taken / calls

    def _noise(self) -> float:
        return math.exp(self.bench.random.gauss(0.0, self.bench.truth.noise))
