"""What every block of a run needs of it: a frozen object that the bench hands to its stations."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

from harness.core.records import Block, Case, Group
from harness.running.executors.base import Executor
from harness.running.host import pins
from harness.running.measure.environment.other_python import Environment
from harness.running.measure.process.channel import CHILD, LAUNCHED, Channel, child_environment
from harness.running.measure.process.reaper import Reaper
from harness.running.workloads import calibrated, kept_works

CEILING_START_UPS = 2
"""Start-ups of a run that measure a ceiling: two, so that it shows where they disagree (rule 3)."""


def ceiling_start_ups(blocks: int) -> int:
    """Start-ups that measure a ceiling where each engine has *blocks* of them: a run that starts
    each engine once does not say what start-ups do, and its ceilings cost more than its pairs."""
    return min(CEILING_START_UPS, blocks)


@dataclass
class TimeUsed:
    """Where the time of a run goes.

    Attributes
    ----------
    used_seconds : float
        Time in calls of the sweep: timed runs, their partners, replays and warm-ups.
    starting_seconds : float
        Time in bringing engines up and down.
    """

    used_seconds: float = 0.0
    starting_seconds: float = 0.0

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Count what is done inside, but for calls, as time to bring engines up and down."""
        began, used = monotonic(), self.used_seconds
        try:
            yield
        finally:
            self.starting_seconds += monotonic() - began - (self.used_seconds - used)


@dataclass(frozen=True)
class BlockContext:
    """The run that a block is part of, and what all its blocks share.

    Attributes
    ----------
    run : str
        Name of the run, for the records.
    cores : float
        Usable cores, passed to every engine (rule 7).
    scratch : Path
        Folder for what engines write.
    reaper : Reaper
        Ends what is left of a block.
    limit_seconds : float
        A call that has not answered after this is a ``timeout``.
    memory_bytes : float
        A whole that needs more has the serial replay as its baseline (rule 1).
    dashboard : bool
        Whether engines open their dashboards, on the loopback.
    ceiling_start_ups : int
        How many start-ups measure each ceiling.
    elsewhere : Environment, optional
        The Python that children run on, where it is another one than this.
    time : TimeUsed
        Counted up by all blocks.
    described : dict of Case to dict
        What a child said of each case, asked for once a run.
    ceilings : dict
        A workload's name and size with a number of parts, to the samples of its ceiling: a list
        for each start-up that measured it.
    wholes : dict
        A workload's name and size, to the seconds that the whole last took to be warm.
    """

    run: str
    cores: float
    scratch: Path
    reaper: Reaper
    limit_seconds: float
    memory_bytes: float
    dashboard: bool
    ceiling_start_ups: int = CEILING_START_UPS
    elsewhere: Environment | None = None
    time: TimeUsed = field(default_factory=TimeUsed)
    described: dict[Case, dict[str, Any]] = field(default_factory=dict)
    ceilings: dict[tuple[str, int, int], list[list[float]]] = field(default_factory=dict)
    wholes: dict[tuple[str, int], float] = field(default_factory=dict)

    def moved(self, elsewhere: Environment | None) -> BlockContext:
        """The same run in another environment: what was measured in this one is not known there."""
        fresh: dict[str, Any] = {"described": {}, "ceilings": {}, "wholes": {}}
        return replace(self, elsewhere=elsewhere, **fresh)

    def needs_ceiling(self, workload: tuple[str, int], parts: int) -> bool:
        """Whether fewer start-ups than :attr:`ceiling_start_ups` measured this ceiling."""
        measured = self.ceilings.get((*workload, parts), ())
        return parts > 1 and len(measured) < self.ceiling_start_ups

    def add_ceiling(self, workload: tuple[str, int], parts: int, samples: list[float]) -> None:
        """Keep what one start-up measured of a ceiling."""
        self.ceilings.setdefault((*workload, parts), []).append(samples)

    def ceiling(self, workload: tuple[str, int], parts: int) -> float | None:
        """The median of all samples of a ceiling so far; ``None`` where there are none."""
        by_start_up = self.ceilings.get((*workload, parts), ())
        samples = [sample for samples in by_start_up for sample in samples]
        if samples:
            return median(samples)
        return 1.0 if parts == 1 else None

    def record(self, number: int, group: Group, layout: Mapping[str, Any], **more: Any) -> Block:
        """The record of *group* in block *number*; *layout* is the child's reply to its start."""
        return Block(
            run=self.run,
            block=number,
            **group.model_dump(),
            processes=layout["processes"],
            threads_per_process=layout["threads_per_process"],
            oversubscribed=group.workers > self.cores,
            startup_seconds=layout["startup_seconds"],
            settings=layout["settings"],
            environment=self.elsewhere.name if self.elsewhere else None,
            home=self.elsewhere.home if self.elsewhere else None,
            interpreter=layout.get("interpreter"),
            versions=layout.get("versions", {}),
            **more,
        )

    def spawn(self, name: str, pin: str, executor: type[Executor], opened: ExitStack) -> Channel:
        """Start a child process under *pin*, with what *executor* needs in its environment;
        *opened* ends it and all that it starts."""
        scratch = self.scratch / name
        pinned = pins.environment(pin, self.cores)
        extra = pinned | executor.environment(scratch, pinned)
        mark = self.reaper.mark(scratch.name)
        environment = child_environment(mark, scratch, extra, kept_works.folders(), self.elsewhere)
        program = LAUNCHED if executor.launcher(1) else CHILD
        python = self.elsewhere.python if self.elsewhere else sys.executable
        channel = Channel(environment, scratch, program, python)
        cancellation = executor.cancellation(scratch)
        self.reaper.watch(channel.process.pid, cancellation)
        opened.callback(channel.close, partial(self.reaper.end, mark, cancellation=cancellation))
        return channel

    def send_start(
        self, channel: Channel, executor: str, workers: int, workloads: Sequence[tuple[str, int]]
    ) -> None:
        """Tell a child to start, without waiting until it has."""
        users = kept_works.needed_by(name for name, _ in workloads)
        channel.send(
            "start",
            workloads=list(workloads),
            executor=executor,
            workers=workers,
            dashboard=self.dashboard,
            iterations_per_us=calibrated.needed_by(name for name, _ in workloads),
            users=[asdict(spec) for spec in users],
        )

    def ask_timed(self, channel: Channel, command: str, **arguments: Any) -> dict[str, Any]:
        """Have a child time a batch of calls, and count their time as used; its reply."""
        reply = channel.ask(command, self.limit_seconds, **arguments)
        self.time.used_seconds += float(reply["end"]) - float(reply["begin"])
        return reply
