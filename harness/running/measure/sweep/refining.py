"""What a sweep measures after its grid: chunks near a break-even, and the best one anew.

A function that is handed in chooses those chunks, as the stopping rule is handed in; here is when
they are measured, and within which part of the budget.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.core.records import Case, Group, Purpose, SetUp
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.sweep.budget import Budget
from harness.running.measure.sweep.ledger import Ledger
from harness.running.measure.sweep.round_runner import OpenBlock

LogsByChunk = Mapping[int, Mapping[int, float]]
"""Chunk to ``log(T1/TP)`` of each of its rounds."""
Refine = Callable[[Group, LogsByChunk, Sequence[int] | None, Purpose], list[int]]
"""The chunks of a group to add (``refine``) or to measure anew (``confirm``), from the rounds so
far and the planned looks."""
MeasureRound = Callable[[OpenBlock, list[Case], int, Mapping[Case, Purpose]], bool]
"""Measure cases once each as a round of a block, each for its purpose; whether its engine lives."""

CONFIRMING_ROUNDS = 12
"""Fresh rounds of a chunk that is confirmed, or as many as it is planned to get, if fewer."""
ENOUGH_ROUNDS = 6
"""An added chunk is begun only where the time lasts for so many rounds, or as many as it is planned
to get, if fewer."""


@dataclass
class Refining:
    """The refining part of one sweep.

    Attributes
    ----------
    ledger : Ledger
    budget : Budget
    measure_round : MeasureRound
    choose : Refine
    fitting : callable
        The case nearest to one that can be run here; ``None`` where there is none.
    chosen : dict of Group to list of Case
        What is confirmed of each group that gets no more chunks.
    """

    ledger: Ledger
    budget: Budget
    measure_round: MeasureRound
    choose: Refine
    fitting: Callable[[Case], Case | None]
    chosen: dict[Group, list[Case]] = field(default_factory=dict)

    def groups(self, set_up: SetUp, without: Sequence[Group]) -> list[Group]:
        """The groups of *set_up* that lack something beyond the grid, without those *without* a
        complete grid."""
        groups = dict.fromkeys(case.group for case in self.ledger.plan.cases_of(set_up))
        return [group for group in groups if group not in without and self.lacking([group])]

    def run(self, block: OpenBlock) -> bool:
        """Refine the groups of an open *block*; whether its engine lives."""
        ledger, until = self.ledger, self.budget.refining_until()
        while wanted := self._affordable(self.lacking(block.groups), until):
            for case in [case for case in wanted if case not in block.warmed]:
                try:
                    with ledger.tries.first(case, "first call"):
                        seconds = block.station.warm(case, None)
                except CaseError as error:
                    ledger.give_up(case, error.status, error.reason, purpose=wanted[case])
                    if error.dead:
                        return False
                else:
                    ledger.histories[case].pilot_seconds = seconds
                    block.warmed.add(case)
            number = ledger.next_round(block.set_up)
            cases = [case for case in wanted if case in block.warmed and case not in ledger.failed]
            if not self.measure_round(block, cases, number, wanted):
                return False
        return True

    def lacking(self, groups: Sequence[Group]) -> dict[Case, Purpose]:
        """Cases that lack rounds, and what for: chunks to add come before those to confirm. Cases
        with an added number of workers only have their own rounds completed."""
        wanted: dict[Case, Purpose] = {}
        for group in groups:
            begun = self.ledger.unfinished([group])
            if begun or self._has_added_workers(group):
                wanted |= begun
            else:
                wanted |= self._new(group) or self._to_confirm(group)
        return wanted

    def _has_added_workers(self, group: Group) -> bool:
        return any(known.purpose == "separate" for known in self.ledger.of_group(group).values())

    def _new(self, group: Group) -> dict[Case, Purpose]:
        """Add the chunks of *group* that are to be measured next."""
        new: dict[Case, Purpose] = {}
        if group in self.chosen:
            return new
        known = self.ledger.of_group(group)
        for chunk in self._choose(group, "refine"):
            case = self.fitting(group.case(chunk))
            if case is not None and case not in known:
                self.ledger.add(case, "refine")
                new[case] = "refine"
        return new

    def _to_confirm(self, group: Group) -> dict[Case, Purpose]:
        if group not in self.chosen:  # no chunk is added any more
            self.chosen[group] = list(map(group.case, self._choose(group, "confirm")))
        return {
            case: "confirm"
            for case in self.chosen[group]
            if case not in self.ledger.failed
            and len(self.ledger.confirmed.get(case, ()))
            < min(CONFIRMING_ROUNDS, self.ledger.rounds_wanted(case))
        }

    def has_bracket(self) -> bool:
        """Whether some group would get a chunk now, between two where the ratio crosses 1."""
        groups = dict.fromkeys(case.group for case in self.ledger.plan.cases)
        return any(self._choose(group, "refine") for group in groups)

    def _choose(self, group: Group, purpose: Purpose) -> list[int]:
        logs = {case.chunk: known.logs for case, known in self.ledger.of_group(group).items()}
        return self.choose(group, logs, self.ledger.info.looks, purpose)

    def _affordable(self, wanted: dict[Case, Purpose], until: float) -> dict[Case, Purpose]:
        """*wanted*, if the time lasts for one round of them more; for those that were not begun,
        if it lasts for as many rounds as an interval needs."""
        ledger, looks = self.ledger, self.ledger.info.looks
        seconds = 0.0
        for case, purpose in wanted.items():
            confirming = purpose == "confirm"
            done = ledger.confirmed.get(case, ()) if confirming else ledger.histories[case].logs
            enough = min(ENOUGH_ROUNDS, ledger.rounds_wanted(case))
            least = looks[0] if looks and not confirming else enough
            seconds += self._pace(case) * max(1, least - len(done))
        return wanted if self.budget.spent() + seconds <= until else {}

    def _pace(self, case: Case) -> float:
        """Seconds of a round; of a case that had none, those of its slower neighbour."""
        paces = self.ledger.paces
        if case in paces:
            return paces[case]
        known = sorted(
            (other.chunk, took) for other, took in paces.items() if other.group == case.group
        )
        below = [took for chunk, took in known if chunk < case.chunk]
        above = [took for chunk, took in known if chunk > case.chunk]
        return max([*below[-1:], *above[:1]], default=0.0)
