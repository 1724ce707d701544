"""Several suites as one sweep: their plans joined, and every record sent back to its suite.

The loop knows nothing of suites. It measures one plan and writes to one sink; here is what makes
one plan of several, and what splits its records, so that each suite keeps a journal of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from harness.core.records import (
    Block,
    Case,
    End,
    Group,
    JournalLine,
    Pair,
    RunInfo,
    SetUp,
    Status,
    Try,
)
from harness.running.measure.sweep.ports import Sink
from harness.running.measure.sweep.tries import tried
from harness.running.plan.sweep import SweepPlan

JOINT = "joint"
"""The name of a plan of several suites; no journal has it."""


def joined(plans: Sequence[SweepPlan]) -> SweepPlan:
    """One plan of all cases of *plans*, each once, in their order, within all their budgets.

    A case is refused only where every suite that has it refuses it: what one suite leaves to
    another is measured for both.

    Raises
    ------
    ValueError
        Where there is no plan, or their profiles differ in more than their budgets.
    """
    if len(plans) == 1:
        return plans[0]
    budgets = [plan.profile.budget_seconds for plan in plans]
    known = [seconds for seconds in budgets if seconds is not None]
    whole = sum(known) if len(known) == len(budgets) else None
    profiles = {replace(plan.profile, budget_seconds=whole) for plan in plans}
    if len(profiles) != 1:
        raise ValueError(f"one profile is needed, not {len(profiles)}")
    cases = tuple(dict.fromkeys(case for plan in plans for case in plan.cases))
    wanted = {case for plan in plans for case in plan.cases if case not in plan.refused}
    refused = {
        case: why
        for plan in reversed(plans)
        for case, why in plan.refused.items()
        if case not in wanted
    }
    return SweepPlan(JOINT, profiles.pop(), cases, refused)


@dataclass(eq=False)
class SuitePart:
    """One suite of a joint sweep: its plan, its run line, and its journal.

    Attributes
    ----------
    pairs : int
        Pairs with a result, those of earlier parts of its run included.
    seconds : float
        What the calls of its pairs took in this part of the run.
    """

    plan: SweepPlan
    info: RunInfo
    journal: Sink
    pairs: int = 0
    seconds: float = 0.0

    def append(self, record: Block | Pair | Try) -> None:
        """Write *record* under the name of this suite's run."""
        self.journal.append(record.model_copy(update={"run": self.info.run}))
        if isinstance(record, Pair) and record.status is Status.OK:
            self.pairs += 1
            self.seconds += (record.parallel_seconds or 0.0) * (record.calls or 1)
            self.seconds += (record.serial_seconds or 0.0) * (record.serial_calls or 1)


class Routed:
    """A sink that sends each record to the suites that own it, under the name of their run.

    A line about a planned case goes to every suite that plans it, and one that a set-up is tried to
    every suite that has cases on it. What a sweep adds to a group,
    such as a chunk or a number of workers, goes to every suite that has its workload and size; a
    start-up's line goes to those that have cases of its group. A repeated run line goes to every
    suite with what it says of its cases.

    Parameters
    ----------
    parts : sequence of SuitePart
    """

    def __init__(self, parts: Sequence[SuitePart]) -> None:
        self._parts = parts
        self._by_case: dict[Case, list[SuitePart]] = defaultdict(list)
        self._by_group: dict[Group, list[SuitePart]] = defaultdict(list)
        self._by_work: dict[tuple[str, int], list[SuitePart]] = defaultdict(list)
        self._by_set_up: dict[SetUp, list[SuitePart]] = defaultdict(list)
        for part in parts:
            for case in part.plan.cases:
                self._by_case[case].append(part)
            for group in dict.fromkeys(case.group for case in part.plan.cases):
                self._by_group[group].append(part)
            for set_up in dict.fromkeys(case.group.set_up for case in part.plan.cases):
                self._by_set_up[set_up].append(part)
            for work in dict.fromkeys((case.workload, case.size) for case in part.plan.cases):
                self._by_work[work].append(part)

    def append(self, record: JournalLine) -> None:
        """Send *record* to its owners.

        Raises
        ------
        TypeError
            For an end: each suite writes its own.
        """
        if isinstance(record, End):
            raise TypeError("an end belongs to one suite: write it there")
        if isinstance(record, RunInfo):
            self._repeat(record)
            return
        for part in self.owners(record):
            part.append(record)

    def owners(self, record: Block | Pair | Try) -> Sequence[SuitePart]:
        """The suites that *record* belongs to."""
        if len(self._parts) == 1:
            return self._parts
        point: object = record.case if isinstance(record, Pair) else None
        if isinstance(record, Try) and isinstance(point := tried(record), SetUp):
            return self._by_set_up.get(point) or self._parts
        fields = record.model_dump(include=set(Group.model_fields))
        group = Group.model_validate(fields)
        planned = self._by_case.get(point, []) if isinstance(point, Case) else []
        return (
            planned
            or self._by_group.get(group)
            or self._by_work.get((group.workload, group.size), [])
        )

    def _repeat(self, line: RunInfo) -> None:
        if line.allocation is None:
            return
        for part in self._parts:
            mine = [
                each for each in line.allocation.cases if part in self._by_case.get(each.case, ())
            ]
            allocation = line.allocation.model_copy(update={"cases": mine})
            part.info = part.info.model_copy(update={"allocation": allocation})
            part.journal.append(part.info)


def together(records: Iterable[Sequence[JournalLine]]) -> list[JournalLine]:
    """What several journals hold, each start-up and each round of a case once: a case of two suites
    is in both of theirs."""
    seen: set[object] = set()
    kept: list[JournalLine] = []
    for record in (record for journal in records for record in journal):
        key: object = id(record)
        if isinstance(record, Pair):
            key = (record.case, record.block, record.round, record.purpose, record.status)
        if key not in seen:
            seen.add(key)
            kept.append(record)
    return kept
