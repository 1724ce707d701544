"""What a sweep measures at its end: other numbers of workers, where one leaves a cost open.

Which they are is said by a function that is handed in, from all that was measured; here is which
of them there is time for, and when they are measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.core.records import Block, Case, Group, Pair, RunInfo, SetUp
from harness.running.measure.sweep.refining import LEAST, Refining
from harness.running.measure.sweep.refusals import addable

if TYPE_CHECKING:
    from harness.running.measure.sweep.loop import Sweep

Separate = Callable[[RunInfo, Sequence[Block | Pair]], Mapping[Case, str]]
"""The cases to measure with another number of workers, and why, from what the run has measured."""


def only_addable(separate: Separate, memory_bytes: int) -> Separate:
    """*separate* without the cases that cannot be added here."""

    def chosen(info: RunInfo, records: Sequence[Block | Pair]) -> dict[Case, str]:
        every = separate(info, records)
        return {case: why for case, why in every.items() if addable(case, memory_bytes)}

    return chosen


@dataclass
class Separating:
    """The end of one sweep.

    Attributes
    ----------
    sweep : Sweep
    refining : Refining
        Measures what was added, as it does added chunks.
    choose : Separate
    """

    sweep: Sweep
    refining: Refining
    choose: Separate

    def run(self) -> None:
        """Add what there is time for, and measure what is unfinished."""
        if not self._seconds_left() > 0:
            return
        wanted: dict[SetUp, dict[Group, dict[Case, str]]] = {}
        for case, why in self.choose(self.sweep.info, self.sweep.measured).items():
            if self.sweep.can_add(case):
                wanted.setdefault(case.group.set_up, {}).setdefault(case.group, {})[case] = why
        for set_up, groups in wanted.items():
            self._add(groups)
            self._measure(set_up)
        for set_up in {case.group.set_up: None for case in self._unfinished()}:
            self._measure(set_up)

    def _add(self, groups: Mapping[Group, Mapping[Case, str]]) -> None:
        """Add those of *groups*, which one start-up serves, whose rounds there is time for."""
        sweep = self.sweep
        looks = sweep.info.looks
        left = self._seconds_left() - self._start_seconds()
        for cases in groups.values():
            pace = {case: self._pace(case) for case in cases}
            left -= sum(pace.values()) * (looks[0] if looks else LEAST)
            if left <= 0:
                return
            for case, why in cases.items():
                sweep.add(case, "separate", why)
            self.refining.pace |= pace

    def _measure(self, set_up: SetUp) -> None:
        while cases := [case for case in self._unfinished() if case.group.set_up == set_up]:
            groups = list(dict.fromkeys(case.group for case in cases))
            if not self._seconds_left() > 0:
                return
            if self.sweep.block(set_up, range(0), groups, last=True):
                return

    def _unfinished(self) -> list[Case]:
        groups = list(dict.fromkeys(case.group for case in self.sweep.history))
        found = self.refining.unfinished(groups)
        return [case for case, purpose in found.items() if purpose == "separate"]

    def _seconds_left(self) -> float:
        return self.sweep.refining_until() - self.sweep.spent()

    def _start_seconds(self) -> float:
        """What a start-up takes of the budget, as those so far did."""
        sweep = self.sweep
        counts = sweep.plan.profile.starts_count and sweep.blocks > 0
        return sweep.starting / sweep.blocks if counts else 0.0

    def _pace(self, case: Case) -> float:
        """The most that a round of *case* takes, going by other numbers of workers: fewer take no
        longer than in proportion."""
        same = {"workload", "size", "executor", "pin", "chunk"}
        wanted = case.model_dump(include=same)
        return max(
            (
                seconds * max(1.0, other.workers / case.workers)
                for other, seconds in self.refining.pace.items()
                if other.model_dump(include=same) == wanted
            ),
            default=0.0,
        )
