"""What a sweep measures after its grid: chunks near a break-even, and the best one anew.

Which chunks those are is said by a function that is handed in, as the stopping rule is; here is
when they are measured, and within which part of the budget.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.core.records import Case, Group, Pair, Purpose, SetUp
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.sweep.ports import Station
from harness.running.plan.sweep import rounds_of

if TYPE_CHECKING:
    from harness.running.measure.sweep.loop import Sweep

Rounds = Mapping[int, Mapping[int, float]]
"""Chunk to ``log(T1/TP)`` of each of its rounds."""
Refine = Callable[[Group, Rounds, Sequence[int] | None, Purpose], list[int]]
"""The chunks of a group to add (``refine``) or to measure anew (``confirm``), from the rounds so
far and the planned looks."""

SHARE = 0.3
"""The part of the budget that a number of rounds fixed beforehand leaves for refining."""
PART = 0.5
"""The part of what is left of the budget for a set-up that refining it may use while others wait
for their turn."""
CONFIRMING = 12
"""Fresh rounds of a chunk that is confirmed, or as many as it is planned to get, if fewer."""
LEAST = 6
"""Rounds below which there is no interval, so that they would be measured in vain (rule 19)."""


@dataclass
class Refining:
    """The refining part of one sweep.

    Attributes
    ----------
    sweep : Sweep
    choose : Refine
    fitting : callable
        The case nearest to one that can be run here; ``None`` where there is none.
    fresh : dict of Case to set of int
        Rounds that confirm.
    pace : dict of Case to float
        Seconds that the last round of a case took, with all that belongs to it.
    chosen : dict of Group to list of Case
        What is confirmed of each group that gets no more chunks.
    """

    sweep: Sweep
    choose: Refine
    fitting: Callable[[Case], Case | None]
    fresh: dict[Case, set[int]] = field(default_factory=dict)
    pace: dict[Case, float] = field(default_factory=dict)
    chosen: dict[Group, list[Case]] = field(default_factory=dict)

    def groups(self, set_up: SetUp, without: Sequence[Group]) -> list[Group]:
        """The groups of *set_up* that lack something beyond the grid, but for those *without* a
        complete one."""
        groups = dict.fromkeys(case.group for case in self.sweep.plan.cases_of(set_up))
        return [group for group in groups if group not in without and self.lacking([group])]

    def run(self, station: Station, set_up: SetUp, groups: Sequence[Group], block: int) -> bool:
        """Refine *groups*, which *station* serves; whether it lived to the end."""
        sweep = self.sweep
        until = sweep.refining_until()
        warm: set[Case] = set(sweep.warmed)
        while wanted := self._affordable(self.lacking(groups), until):
            for case in wanted.keys() - warm:
                try:
                    seconds = station.warm(case, None)
                except CaseError as error:
                    sweep.give_up(case, error.status, error.reason, purpose=wanted[case])
                    if error.dead:
                        return False
                else:
                    sweep.history[case].pilot_seconds = seconds
                    warm.add(case)
            number = self._next_round(set_up)
            cases = [case for case in wanted if case in warm and case not in sweep.failed]
            if not sweep.one_round(station, set_up, cases, number, block, wanted):
                return False
        return True

    def add(self, pair: Pair) -> None:
        """Take in a round that confirms."""
        if pair.round is not None:
            self.fresh.setdefault(pair.case, set()).add(pair.round)

    def lacking(self, groups: Sequence[Group]) -> dict[Case, Purpose]:
        """Cases that lack rounds, and what for: chunks to add come before those to confirm; of a
        number of workers that was added, neither."""
        found: dict[Case, Purpose] = {}
        for group in groups:
            begun = self.unfinished([group])
            if begun or self._is_added(group):
                found |= begun
            else:
                found |= self._new(group) or self._to_confirm(group)
        return found

    def unfinished(self, groups: Sequence[Group]) -> dict[Case, Purpose]:
        """Cases that were added to *groups* and lack rounds."""
        return {
            case: history.purpose
            for case, history in self.sweep.history.items()
            if history.purpose is not None
            and case.group in groups
            and not history.ended
            and len(history.logs) < self._planned(case)
        }

    def _is_added(self, group: Group) -> bool:
        return any(
            history.purpose == "separate"
            for case, history in self.sweep.history.items()
            if case.group == group
        )

    def _new(self, group: Group) -> dict[Case, Purpose]:
        sweep = self.sweep
        known = {c: h for c, h in sweep.history.items() if c.group == group}
        new: dict[Case, Purpose] = {}
        if group in self.chosen:
            return new
        rounds = {case.chunk: history.logs for case, history in known.items()}
        for chunk in self.choose(group, rounds, sweep.info.looks, "refine"):
            case = self.fitting(group.case(chunk))
            if case is not None and case not in known:
                sweep.add(case, "refine")
                new[case] = "refine"
        return new

    def _to_confirm(self, group: Group) -> dict[Case, Purpose]:
        sweep = self.sweep
        if group not in self.chosen:  # no chunk is added any more
            rounds = {c.chunk: h.logs for c, h in sweep.history.items() if c.group == group}
            chunks = self.choose(group, rounds, sweep.info.looks, "confirm")
            self.chosen[group] = list(map(group.case, chunks))
        return {
            case: "confirm"
            for case in self.chosen[group]
            if case not in sweep.failed
            and len(self.fresh.get(case, ())) < min(CONFIRMING, self._planned(case))
        }

    def _planned(self, case: Case) -> int:
        pilot = self.sweep.history[case].pilot_seconds or 0.0
        return len(rounds_of(pilot, self.sweep.plan.profile))

    def _affordable(self, wanted: dict[Case, Purpose], until: float) -> dict[Case, Purpose]:
        """*wanted*, if the time lasts for one round of them more; for those that were not begun,
        if it lasts for as many rounds as an interval needs."""
        sweep = self.sweep
        looks = sweep.info.looks
        seconds = 0.0
        for case, purpose in wanted.items():
            done = len(
                self.fresh.get(case, ()) if purpose == "confirm" else sweep.history[case].logs
            )
            least = looks[0] if looks and purpose != "confirm" else LEAST
            seconds += self._pace(case) * max(1, least - done)
        return wanted if sweep.spent() + seconds <= until else {}

    def _pace(self, case: Case) -> float:
        """Seconds of a round; of a case that had none, those of its dearer neighbour."""
        if case in self.pace:
            return self.pace[case]
        known = sorted(
            (other.chunk, took) for other, took in self.pace.items() if other.group == case.group
        )
        below = [took for chunk, took in known if chunk < case.chunk]
        above = [took for chunk, took in known if chunk > case.chunk]
        return max([*below[-1:], *above[:1]], default=0.0)

    def _next_round(self, set_up: SetUp) -> int:
        """A number that no round of *set_up* had, nor will have in the grid."""
        sweep = self.sweep
        used = {sweep.plan.profile.rounds - 1}
        for case, history in sweep.history.items():
            if case.group.set_up == set_up:
                used |= history.logs.keys() | self.fresh.get(case, set())
        return max(used) + 1
