"""The real bench: it opens blocks, each in processes of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from harness.core.records import Group, SetUp
from harness.running.measure.environment.homes import Where
from harness.running.measure.process.block_context import FULL_EFFORT, BlockContext, CeilingEffort
from harness.running.measure.process.reaper import Reaper
from harness.running.measure.process.startup_station import StartupStation
from harness.running.measure.process.station import ProcessStation
from harness.running.workloads.startup import STARTUP


class ProcessBench:
    """Opens stations; see :class:`harness.running.measure.sweep.ports.Bench`.

    The parameters are those of :class:`.block_context.BlockContext`, which every station gets: one
    for each environment, as *elsewhere* says where an executor runs.
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
        ceilings_effort: CeilingEffort = FULL_EFFORT,
        elsewhere: Where | None = None,
    ) -> None:
        self._context = BlockContext(
            run,
            cores,
            scratch,
            reaper,
            limit_seconds,
            memory_bytes,
            dashboard,
            ceilings_effort,
        )
        self._elsewhere = elsewhere
        self._contexts: dict[str | None, BlockContext] = {None: self._context}

    def _context_of(self, executor: str) -> BlockContext:
        """The context of the environment that *executor* runs in, its baseline as well."""
        there = self._elsewhere.of(executor) if self._elsewhere else None
        key = there.name if there else None
        if key not in self._contexts:
            self._contexts[key] = self._context.moved(there)
        return self._contexts[key]

    @property
    def used_seconds(self) -> float:
        """Time in calls of the sweep: timed runs, their partners, replays and warm-ups."""
        return self._context.time.used_seconds

    @property
    def starting_seconds(self) -> float:
        """Time in bringing engines up and down."""
        return self._context.time.starting_seconds

    def open(
        self, set_up: SetUp, groups: Sequence[Group], number: int
    ) -> ProcessStation | StartupStation:
        """Start *set_up* as block *number*, to serve *groups*.

        Raises
        ------
        CaseError
            Where the engine does not come up or its pins do not hold.
        """
        if all(group.workload == STARTUP for group in groups):
            return StartupStation(self._context_of(set_up.executor), set_up, groups, number)
        return self.open_engine(set_up, groups, number)

    def open_engine(self, set_up: SetUp, groups: Sequence[Group], number: int) -> ProcessStation:
        """Start *set_up* as block *number*, whose engine lives until the block is closed.

        Raises
        ------
        CaseError
            As :meth:`open` does.
        """
        with self._context.time.starting():
            context = self._context_of(set_up.executor)
            return ProcessStation(context, set_up, groups, number)
