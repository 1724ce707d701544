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
from typing import Any, NamedTuple

from harness.core.records import Block, Case, Group
from harness.running.executors import options
from harness.running.executors.base import Executor
from harness.running.host import pins, placement
from harness.running.measure.environment.other_python import Environment
from harness.running.measure.process.channel import CHILD, LAUNCHED, Channel, child_environment
from harness.running.measure.process.reaper import Reaper
from harness.running.workloads import calibrated, kept_works


class CeilingEffort(NamedTuple):
    """What a run spends on each ceiling.

    Attributes
    ----------
    start_ups : int
        How many start-ups measure it: two show where they disagree (rule 3).
    samples : int
        Speed-ups that each of them takes: seven are enough for an exact 95 % interval of the median
        of one start-up alone.
    """

    start_ups: int
    samples: int


FULL_EFFORT = CeilingEffort(start_ups=2, samples=7)


def ceiling_effort(blocks: int) -> CeilingEffort:
    """What a run spends on each ceiling where each engine has *blocks* start-ups: one that starts
    each engine once does not say what start-ups do and gives no verdicts, and with the full effort
    its ceilings would take longer than its pairs."""
    return FULL_EFFORT if blocks > 1 else CeilingEffort(start_ups=1, samples=3)


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
    ceilings_effort : CeilingEffort
        What each ceiling is worth.
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
    ceilings_effort: CeilingEffort = FULL_EFFORT
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
        """Whether fewer start-ups than :attr:`ceilings_effort` asks for measured this ceiling."""
        measured = self.ceilings.get((*workload, parts), ())
        return parts > 1 and len(measured) < self.ceilings_effort.start_ups

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

    def spawn(
        self,
        name: str,
        pin: str,
        executor: type[Executor],
        opened: ExitStack,
        slot: frozenset[int] | None = None,
    ) -> Channel:
        """Start a child process under *pin*, with what *executor* needs in its environment, bound
        to the hardware threads of *slot*, if that is given; *opened* ends it and all that it
        starts."""
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
        if slot is not None:
            placement.bind(channel.process.pid, slot)
        return channel

    def slot(self, executor: type[Executor], workers: int, pin: str) -> frozenset[int] | None:
        """The hardware threads that an engine is bound to; ``None`` where none is, or can be."""
        if not options.bound() or executor.spans_machines:
            return None
        return placement.first_slots(placement.slots_needed(workers, pin, self.cores))

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
