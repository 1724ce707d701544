"""The real bench: it opens blocks, and gives them their child processes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from harness.core.records import Block, Case, Group, SetUp
from harness.running.executors.base import Executor
from harness.running.host import pins
from harness.running.measure.process.channel import CHILD, LAUNCHED, Channel, child_environment
from harness.running.measure.process.reaper import Reaper
from harness.running.measure.process.startup_station import StartUpStation
from harness.running.measure.process.station import ProcessStation
from harness.running.workloads.startup import STARTUP


class ProcessBench:
    """Opens stations; see :class:`harness.running.measure.sweep.ports.Bench`.

    Parameters
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
    """

    def __init__(
        self,
        run: str,
        cores: float,
        scratch: Path,
        reaper: Reaper,
        limit_seconds: float,
        *,
        memory_bytes: float = math.inf,
        dashboard: bool = False,
    ) -> None:
        self.run, self.cores, self.scratch = run, cores, scratch
        self.reaper, self.limit_seconds = reaper, limit_seconds
        self.memory_bytes, self.dashboard = memory_bytes, dashboard
        self.facts: dict[Case, dict[str, Any]] = {}
        self.used_seconds = 0.0
        """Time in calls of the sweep: timed runs, their partners, replays and warm-ups."""
        self.starting_seconds = 0.0
        """Time in bringing engines up and down."""

    def open(
        self, set_up: SetUp, groups: Sequence[Group], number: int
    ) -> ProcessStation | StartUpStation:
        """Start *set_up* as block *number*, to serve *groups*.

        Raises
        ------
        CaseError
            Where the engine does not come up or its pins do not hold.
        """
        if all(group.workload == STARTUP for group in groups):
            return StartUpStation(self, set_up, groups, number)
        with self.starting():
            return ProcessStation(self, set_up, groups, number)

    def block(self, number: int, group: Group, layout: Mapping[str, Any], **more: Any) -> Block:
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
            **more,
        )

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Count what is done inside, but for calls, as time to bring engines up and down."""
        began, used = monotonic(), self.used_seconds
        try:
            yield
        finally:
            self.starting_seconds += monotonic() - began - (self.used_seconds - used)

    def channel(
        self,
        name: str,
        pin: str,
        executor: type[Executor],
        opened: ExitStack,
    ) -> Channel:
        """A child process under *pin*, with what *executor* needs in its environment; *opened*
        ends it and all that it starts."""
        scratch = self.scratch / name
        pinned = pins.environment(pin, self.cores)
        extra = pinned | executor.environment(scratch, pinned)
        mark = self.reaper.mark(scratch.name)
        environment = child_environment(mark, scratch, extra)
        channel = Channel(environment, scratch, LAUNCHED if executor.launcher(1) else CHILD)
        cancellation = executor.cancellation(scratch)
        self.reaper.watch(channel.process.pid, cancellation)
        opened.callback(channel.close, partial(self.reaper.end, mark, cancellation=cancellation))
        return channel
