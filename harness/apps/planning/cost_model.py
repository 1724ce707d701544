"""What calls, start-ups and ceilings may take on a machine, from what they took on another.

Deliberately coarse, and stated: it has to say what a sweep costs before it is begun, not what it
will find.

- The work of a workload is in proportion to its size (of a matrix product to its power of 1.5).
- Beside its work a call costs a fixed time and a time for each chunk, on each executor and for each
  workload as measured, whatever the number of workers: central schedulers cost what they cost.
  Where a chunk only says how many items are on their way, as of actors, what is not a chunk's is
  an item's.
- ``P`` workers share work as the ceiling control says, ``S(P) = P ** e``; threads that hold
  Python's lock do not.
- A start-up costs what it cost, and for every process beyond those measured
  :data:`PROCESS_SECONDS` more.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from harness.core.records import Case
from harness.running.executors import REGISTRY, lookup
from harness.running.measure.sweep.scripted import Planted
from harness.running.workloads import workload_class
from harness.running.workloads.startup import STARTUP

EXPONENTS = {"blas-product": 1.5}
"""Powers of the size that work grows with; of all others it is 1."""
PROCESS_SECONDS = 0.1
"""What each further process adds to a start-up: an assumption, until several numbers of workers
were measured here. Their imports run side by side; that they are started one by one does not."""
CHILD_SECONDS = 0.4
"""What a fresh process takes until NumPy is imported, where nothing is known."""
UNKNOWN_WORK = 1e-7
"""Seconds an element, of a workload that nobody has measured."""


@dataclass(frozen=True)
class CallCost:
    """What a call takes besides its work: seconds a call, a chunk, and an item where each is handed
    over by itself, whatever the chunk."""

    fixed: float
    each: float
    item: float = 0.0


def middle(costs: Sequence[CallCost]) -> CallCost:
    """Each part as the median of *costs*."""
    return CallCost(
        median(cost.fixed for cost in costs),
        median(cost.each for cost in costs),
        median(cost.item for cost in costs),
    )


UNKNOWN_CALL = CallCost(0.5, 2e-3)
UNKNOWN_START = 3.0


@dataclass(frozen=True)
class CostModel:
    """Costs as measured, and how they are carried over to other sizes and numbers of workers.

    Attributes
    ----------
    work : mapping of str to float
        Workload to seconds for each element, to the power of :data:`EXPONENTS`.
    calls : mapping of (str, str) to CallCost
        Executor and workload.
    ceilings : mapping of str to float
        Workload to the exponent ``e`` of ``S(P) = P ** e``.
    holding : frozenset of (str, str)
        Executors and workloads whose work is not shared among workers.
    starts : mapping of str to tuple of float and int
        Executor to the seconds of a start-up, and the number of workers that it had.
    slopes : mapping of str to float
        Executor to the seconds that a further worker adds, where several numbers were measured.
    around_start : float
        Seconds that a block takes beside its engine's start: its other processes, what its workers
        read back, its end.
    measured : tuple of str
        The machines that this comes from.
    """

    work: Mapping[str, float] = field(default_factory=dict)
    calls: Mapping[tuple[str, str], CallCost] = field(default_factory=dict)
    ceilings: Mapping[str, float] = field(default_factory=dict)
    holding: frozenset[tuple[str, str]] = frozenset()
    starts: Mapping[str, tuple[float, int]] = field(default_factory=dict)
    slopes: Mapping[str, float] = field(default_factory=dict)
    around_start: float = CHILD_SECONDS
    measured: tuple[str, ...] = ()

    def work_seconds(self, workload: str, size: int) -> float:
        """``T1`` of the whole."""
        kind = workload_class(workload)
        added = kind.work_per_item_seconds * size
        family = kind.family or workload
        each = self.work.get(workload)
        if each is None:
            each = self.work.get(family, UNKNOWN_WORK)
        else:
            added = 0.0
        return added + each * math.pow(size, EXPONENTS.get(workload, 1.0))

    def planted(self, case: Case, cores: int) -> Planted:
        """What a call of *case* and its baseline take on a machine with *cores*."""
        if case.workload == STARTUP:
            seconds = self.start_seconds(case.executor, case.workers)
            return Planted(work=CHILD_SECONDS, fixed=CHILD_SECONDS + seconds, ceiling=1.0)
        work = self.work_seconds(case.workload, case.size)
        call = self.call(case.executor, case.workload)
        shared = min(case.workers, cores)
        held = (case.executor, case.workload) in self.holding
        exponent = 0.0 if held else self.ceilings.get(case.workload, 1.0)
        fixed = call.fixed + call.item * case.size
        return Planted(work=work, fixed=fixed, serial=call.each, ceiling=shared**exponent)

    def call(self, executor: str, workload: str) -> CallCost:
        """What a call takes besides its work: as measured, else as for the workload's family, for
        an empty task, for the dearest of the executor's workloads, or of executors of its kind."""
        if not lookup(executor).chunked:
            return self.calls.get((executor, workload), CallCost(0.0, 0.0))
        family = workload_class(workload).family or workload
        for name in (workload, family):
            if (executor, name) in self.calls:
                return self.calls[executor, name]
        own = [cost for (name, _), cost in self.calls.items() if name == executor]
        of_workload = [
            cost
            for (name, of), cost in self.calls.items()
            if of == family and lookup(name).kind == lookup(executor).kind
        ]
        known = of_workload or own
        if not known:
            kind = lookup(executor).kind
            known = [cost for (name, _), cost in self.calls.items() if lookup(name).kind == kind]
        if not known:
            return UNKNOWN_CALL
        return replace(middle(known), fixed=max(cost.fixed for cost in known))

    def knows(self, executor: str) -> bool:
        """Whether a call or a start-up of *executor* was measured; else both are taken from others
        of its kind."""
        return executor in self.starts or any(name == executor for name, _ in self.calls)

    def start_seconds(self, executor: str, workers: int) -> float:
        """What the engine takes to come up."""
        kind = lookup(executor).kind
        if executor in self.starts:
            seconds, of = self.starts[executor]
        else:
            alike = [cost for name, cost in self.starts.items() if lookup(name).kind == kind]
            seconds, of = max(alike, default=(UNKNOWN_START, 1))
        slope = self.slopes.get(executor)
        if slope is None:
            slope = PROCESS_SECONDS if kind in ("cluster", "local processes") else 0.0
        return seconds + max(0, workers - of) * slope

    def ceiling_seconds(self, workload: str, size: int, workers: int, least: float) -> float:
        """What one repeat of the ceiling control takes: the whole alone, and all parts at once,
        each for at least *least* s."""
        work = self.work_seconds(workload, size)
        together = work / math.pow(workers, self.ceilings.get(workload, 1.0))
        return max(work, least) + max(together, least)

    def over(self, other: CostModel) -> CostModel:
        """This model, with what it does not know from *other*."""
        return CostModel(
            work={**other.work, **self.work},
            calls={**other.calls, **self.calls},
            ceilings={**other.ceilings, **self.ceilings},
            holding=self.holding | {key for key in other.holding if key not in self.calls},
            starts={**other.starts, **self.starts},
            slopes={**other.slopes, **self.slopes},
            around_start=self.around_start if self.starts else other.around_start,
            measured=tuple(dict.fromkeys((*self.measured, *other.measured))),
        )


def is_known(executor: str) -> bool:
    """Whether *executor* and so its kind is known here."""
    return executor in REGISTRY.names()


def exponent_of(speedup: float, workers: int) -> float:
    """``e`` of ``S = P ** e``, between no gain and a full one."""
    if workers < 2 or speedup <= 1.0:
        return 0.0
    return min(1.0, math.log(speedup) / math.log(workers))
