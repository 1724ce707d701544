"""What a sweep measures at its end: other numbers of workers, where one leaves a cost open.

A function that is handed in chooses them from all that was measured; here is which of them there is
time for, and when they are measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from harness.core.records import Block, Case, Group, Pair, RunInfo, SetUp
from harness.running.measure.environment.homes import Where
from harness.running.measure.sweep.budget import Budget
from harness.running.measure.sweep.ledger import Ledger
from harness.running.measure.sweep.refining import ENOUGH_ROUNDS
from harness.running.measure.sweep.refusals import may_add_automatically

Separate = Callable[[RunInfo, Sequence[Block | Pair]], Mapping[Case, str]]
"""The cases to measure with another number of workers, and why, from what the run has measured."""
MeasureAdded = Callable[[SetUp, Sequence[Group]], bool]
"""Measure what was added to groups in one start-up; whether that lived to its end, or did not come
up at all."""


def only_automatic(
    separate: Separate, memory_bytes: int, elsewhere: Where | None = None
) -> Separate:
    """*separate* without the cases that a sweep may not add here by itself."""

    def chosen(info: RunInfo, records: Sequence[Block | Pair]) -> dict[Case, str]:
        return {
            case: why
            for case, why in separate(info, records).items()
            if may_add_automatically(case, memory_bytes, elsewhere)
        }

    return chosen


@dataclass
class Separating:
    """The end of one sweep.

    Attributes
    ----------
    ledger : Ledger
    budget : Budget
    measure_added : MeasureAdded
    choose : Separate
    """

    ledger: Ledger
    budget: Budget
    measure_added: MeasureAdded
    choose: Separate

    def run(self) -> None:
        """Add what there is time for, and measure what is unfinished."""
        if not self._seconds_left() > 0:
            return
        wanted: dict[SetUp, dict[Group, dict[Case, str]]] = {}
        for case, why in self.choose(self.ledger.info, self.ledger.measured).items():
            if self.ledger.can_add(case):
                wanted.setdefault(case.group.set_up, {}).setdefault(case.group, {})[case] = why
        for set_up, groups in wanted.items():
            self._add(groups)
            self._measure(set_up)
        for set_up in {case.group.set_up: None for case in self._unfinished()}:
            self._measure(set_up)

    def _add(self, groups: Mapping[Group, Mapping[Case, str]]) -> None:
        """Add those of *groups*, which one start-up serves, whose rounds there is time for."""
        looks = self.ledger.info.looks
        left = self._seconds_left() - self.budget.seconds_per_start(self.ledger.blocks)
        for cases in groups.values():
            paces = {case: self._pace(case) for case in cases}
            left -= sum(paces.values()) * (looks[0] if looks else ENOUGH_ROUNDS)
            if left <= 0:
                return
            for case, why in cases.items():
                self.ledger.add(case, "separate", why)
            self.ledger.paces |= paces

    def _measure(self, set_up: SetUp) -> None:
        while cases := [case for case in self._unfinished() if case.group.set_up == set_up]:
            groups = list(dict.fromkeys(case.group for case in cases))
            if not self._seconds_left() > 0:
                return
            if self.measure_added(set_up, groups):
                return

    def _unfinished(self) -> list[Case]:
        groups = {case.group for case in self.ledger.histories}
        unfinished = self.ledger.unfinished(groups)
        return [case for case, purpose in unfinished.items() if purpose == "separate"]

    def _seconds_left(self) -> float:
        return self.budget.refining_until() - self.budget.spent()

    def _pace(self, case: Case) -> float:
        """The most that a round of *case* takes, going by other numbers of workers: fewer take no
        longer than in proportion."""
        same = {"workload", "size", "executor", "pin", "chunk"}
        wanted = case.model_dump(include=same)
        return max(
            (
                seconds * max(1.0, other.workers / case.workers)
                for other, seconds in self.ledger.paces.items()
                if other.model_dump(include=same) == wanted
            ),
            default=0.0,
        )
