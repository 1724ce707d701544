"""A bench that takes as long as a cost model says, start-ups and baselines included."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from harness.apps.planning.cost_model import PROCESS_SECONDS, CostModel
from harness.core.records import Case, Group, SetUp
from harness.running.executors import lookup
from harness.running.measure.process.block_context import ceiling_effort
from harness.running.measure.process.ceiling import LEAST_SECONDS
from harness.running.measure.process.timing import ONE_WARM_UP_SECONDS, WARM_UPS
from harness.running.measure.sweep.scripted import (
    FakeClock,
    Planted,
    ScriptedBench,
    ScriptedStation,
)
from harness.running.plan.suite_cases import Node
from harness.running.workloads import make_workload
from harness.running.workloads.startup import STARTUP

BLOCK_PROCESSES = 2
"""The engine's child and the baseline's."""


class PlannedBench(ScriptedBench):
    """Opens scripted stations whose calls, start-ups and baselines cost what *costs* says.

    Parameters
    ----------
    costs : CostModel
    node : Node
        The machine that is planned for.
    clock : FakeClock
    blocks : int
        Start-ups of each engine.

    Attributes
    ----------
    processes : int
        Processes that were started: children, helpers of the ceiling control, workers.
    """

    def __init__(self, costs: CostModel, node: Node, clock: FakeClock, blocks: int) -> None:
        super().__init__("planned", Planted(), clock, spends_all=True)
        self.costs, self.node = costs, node
        self.processes = 0
        self._effort = ceiling_effort(blocks)
        self._truths: dict[Group, Planted] = {}
        self._wholes: set[tuple[str, int]] = set()
        self._ceilings: Counter[tuple[str, int, int]] = Counter()

    def truth_of(self, case: Case) -> Planted:
        """What the cost model says of *case*."""
        if case.group not in self._truths:
            self._truths[case.group] = self.costs.planted(case, self.node.cores)
        return self._truths[case.group]

    def open(self, set_up: SetUp, groups: Sequence[Group], number: int) -> ScriptedStation:
        """A station; it costs its engine's start, what is around it, and its baselines."""
        self.opened += 1
        self.processes += BLOCK_PROCESSES + workers_started(set_up)
        if not all(group.workload == STARTUP for group in groups):
            engine = self.costs.start_seconds(set_up.executor, set_up.workers)
            self.clock.spend(engine + self.costs.around_start)
            self._prepare_baselines(set_up, groups)
        return ScriptedStation(self, groups, number)

    def _prepare_baselines(self, set_up: SetUp, groups: Sequence[Group]) -> None:
        """Spend what the wholes take to be warm, and the ceilings that the run still lacks."""
        helpers = 0
        for named in dict.fromkeys((group.workload, group.size) for group in groups):
            if make_workload(*named).whole_bytes() > self.node.memory_bytes:
                continue
            work = self.costs.work_seconds(*named)
            self.clock.spend(self._warm_calls(named, work) * work)
            key = (*named, set_up.workers)
            lacks = set_up.workers > 1 and self._ceilings[key] < self._effort.start_ups
            if lacks and lookup(set_up.executor).chunked:
                self._ceilings[key] += 1
                helpers = set_up.workers - 1
                repeat = self.costs.ceiling_seconds(*named, set_up.workers, LEAST_SECONDS)
                self.clock.spend((self._effort.samples + 1) * repeat)
        self.processes += helpers
        self.clock.spend(helpers * PROCESS_SECONDS)

    def _warm_calls(self, named: tuple[str, int], work: float) -> int:
        """Calls of the whole that a start-up makes before it measures: of a long one only the first
        does."""
        again = named in self._wholes
        self._wholes.add(named)
        if work > ONE_WARM_UP_SECONDS:
            return 0 if again else 1
        return WARM_UPS


def workers_started(set_up: SetUp) -> int:
    """Processes that an engine starts for its workers; none where they are threads."""
    kind = lookup(set_up.executor).kind
    return set_up.workers if kind in ("cluster", "local processes") else 0
