"""Which systems are compared side by side, on which work: libraries of frames, or systems that hand
out tasks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from harness.running.executors import OURS, lookup
from harness.running.executors.base import Executor
from harness.running.plan.executor_cases import executor_cases
from harness.running.plan.sweep import SweepPlan
from harness.running.workloads import make_workload
from selfbench.fixed_rounds import fixed_rounds
from selfbench.lines_of_code import lines_of_frame, lines_of_program

WORKERS = 2
BLOCKS = (4, 4)
"""Rounds of each start-up."""
LIMIT_SECONDS = 600.0
"""Of a call, and of bringing the rows into an engine's own form before the first."""
EMPTY = "empty-task"
NOT_COMPARED = ("control", "baseline", "running cluster")
"""Kinds of executors that are no systems, or that somebody else has to start."""


@dataclass(frozen=True)
class Compared:
    """One work that systems are compared on.

    Attributes
    ----------
    way : str
        How they are handed the work; see ``Executor.ways``.
    workload : str
    size : int
    parts : tuple of int
        The numbers of chunks that the work is cut into.
    suite : str
        Of the journal.
    beside : str or None
        The package that its baseline is, where its version differs from system to system.
    lines : callable
        Counts the lines that the user of a system writes.
    slow_seconds, slow_rounds : float, int
        A case whose call takes longer has this many rounds.
    most_seconds : float
        A case whose call would take longer is left out.
    empty : int
        So many empty tasks say what a task costs; 0 where the smallest chunks of the work do.
    """

    way: str
    workload: str
    size: int
    parts: tuple[int, ...]
    suite: str
    beside: str | None
    lines: Callable[[type[Executor]], int]
    slow_seconds: float = math.inf
    slow_rounds: int = sum(BLOCKS)
    most_seconds: float = math.inf
    empty: int = 0

    @property
    def costed(self) -> str:
        """The workload whose smallest chunks say what a task costs."""
        return EMPTY if self.empty else self.workload

    def systems(self) -> list[str]:
        """The executors that can be handed this work, installed or not."""
        made = make_workload(self.workload, self.size)
        return [
            name
            for name, executor in zip(OURS, map(lookup, OURS), strict=True)
            if self.way in executor.ways
            and executor.kind not in NOT_COMPARED
            and not executor.among_jobs
            and not executor.fresh_processes  # of seconds a task: a sweep of them takes an hour
            and executor.refuses(made) is None
        ]

    def plan(self, names: Sequence[str], size: int) -> SweepPlan:
        """The sweep of the executors *names* over chunks of a work of *size* elements."""
        profile = replace(
            fixed_rounds(self.suite, BLOCKS[0], LIMIT_SECONDS),
            blocks=BLOCKS,
            slow_seconds=self.slow_seconds,
            slow_rounds=self.slow_rounds,
            most_seconds=self.most_seconds,
        )
        works = [(self.workload, size, [size // parts for parts in self.parts])]
        if self.empty:
            works.append((EMPTY, self.empty, [1]))
        cases = [
            case
            for name in names
            for workload, whole, chunks in works
            for case in executor_cases(name, workload, whole, workers=[WORKERS], chunks=chunks)
        ]
        return SweepPlan(self.suite, profile, tuple(cases))


FRAMES = Compared(
    way="frame",
    workload="frame-groupby",
    size=1_000_000,
    parts=(32, 8, 2),  # Spark takes tens, not thousands
    suite="systems",
    beside="pandas",
    lines=lines_of_frame,
)
TASKS = Compared(
    way="tasks",
    workload="random-sum",
    size=5_120_000,
    parts=(512, 128, 32, 8, 2),  # from where threads lose to where only few tasks are left
    suite="systems-tasks",
    beside=None,
    lines=lines_of_program,
    slow_seconds=1.0,
    slow_rounds=2,
    most_seconds=6.0,
    empty=400,
)
WORKS = {"frames": FRAMES, "tasks": TASKS}
