"""What a sweep knows of its cases, and what it has written of them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from functools import partial

from harness.core.records import (
    NO_TIME,
    Allocation,
    Block,
    Case,
    Group,
    JournalLine,
    Pair,
    Purpose,
    RunInfo,
    SetUp,
    Status,
)
from harness.running.measure.sweep.case_history import CaseHistory, Decide
from harness.running.measure.sweep.ports import Sink
from harness.running.measure.sweep.tries import Tries
from harness.running.plan.allocation import LEAST_ROUNDS, likest
from harness.running.plan.sweep import SweepPlan, rounds_of
from harness.running.workloads import least_rounds


class Ledger:
    """The cases of one sweep: those planned and those added, their rounds, and how they ended.

    Parameters
    ----------
    plan : SweepPlan
    info : RunInfo
        The run's first line.
    journal : Sink
        Every record goes there before it counts.
    decide : Decide
        The stopping rule at a look.
    refined : bool
        Whether this sweep measures more than its plan; else what an earlier part of the run added
        is left as it is.

    Attributes
    ----------
    run_line : RunInfo
        The last of the run: that of this part of it.
    histories : dict of Case to CaseHistory
    confirmed : dict of Case to set of int
        Rounds that confirm a case, apart from those that it was chosen by.
    rounds_allotted : dict of Case to int
        How many rounds a case gets in all within the budget, as far as that was worked out.
    rounds_bound : dict of Case to int
        The most that an earlier part of the run lets it have.
    paces : dict of Case to float
        Seconds that the last round of a case took, with all that belongs to it.
    failed : set of Case
        Cases with a status other than ``ok``.
    measured : list of Block and Pair
        All records, those of earlier parts of the run first.
    pairs : int
        Pairs with a result.
    blocks : int
        Start-ups so far, which is also the number of the next one.
    waiting : set of str
        Executors whose turn has not come.
    tries : Tries
        What is called or started for the first time.
    """

    def __init__(
        self, plan: SweepPlan, info: RunInfo, journal: Sink, decide: Decide, *, refined: bool
    ) -> None:
        self.plan, self.info, self.run_line, self.refined = plan, info, info, refined
        self._journal, self._decide = journal, decide
        self.tries = Tries(info.run, journal)
        self.histories = {case: CaseHistory() for case in plan.cases}
        self._added: list[Case] = []
        self.confirmed: dict[Case, set[int]] = {}
        self.rounds_allotted: dict[Case, int] = {}
        self.rounds_bound: dict[Case, int] = {}
        self.paces: dict[Case, float] = {}
        self.failed: set[Case] = set()
        self.measured: list[Block | Pair] = []
        self.pairs = 0
        self.blocks = 0
        self.waiting = set(plan.later)

    def resume(self, records: Iterable[JournalLine]) -> None:
        """Take in what an earlier part of the run has measured."""
        for record in records:
            self.tries.resume(record)
            if isinstance(record, RunInfo):
                self.run_line = record
                if record.allocation is not None:
                    self._bind(record.allocation)
            elif isinstance(record, Block):
                self.blocks = max(self.blocks, record.block + 1)
                self.measured.append(record)
            elif isinstance(record, Pair):
                self.measured.append(record)
                if record.purpose in ("refine", "separate") and self.refined:
                    self.add(record.case, record.purpose)
                if record.case in self.histories and not _lacked_time(record):
                    self.take_in(record)

    def _bind(self, allocation: Allocation) -> None:
        """Keep to the rounds that an earlier part of the run has planned: whoever goes on with it
        may have seen results. A case that lacked the time is not bound."""
        self.rounds_bound |= {
            each.case: each.rounds for each in allocation.cases if each.rounds >= allocation.least
        }
        self.paces |= {each.case: each.pair_seconds for each in allocation.cases}
        self.rounds_allotted |= self.rounds_bound

    def write(self, record: Block | Pair) -> None:
        """Keep *record*, in the journal first."""
        self._journal.append(record)
        self.measured.append(record)

    def take_in(self, pair: Pair) -> None:
        """Count a line about a case that was written, and decide whether the case goes on."""
        if pair.status is Status.OK:
            self.pairs += 1
        else:
            self.failed.add(pair.case)
        if pair.purpose != "confirm":
            others = partial(self._others, pair.case)
            least = least_rounds(pair.workload)
            self.histories[pair.case].add(pair, self.info.looks, self._decide, others, least)
        elif self.refined and pair.round is not None:
            self.confirmed.setdefault(pair.case, set()).add(pair.round)

    def look_again(self, set_up: SetUp) -> None:
        """Let those cases of *set_up* go on that a look has stopped and that what is known of the
        others by now leaves open: it is by this that whoever reads the journal judges them."""
        if looks := self.info.looks:
            for case in self.plan.cases_of(set_up):
                if (history := self.histories[case]).stopped:
                    history.look(looks, self._decide, partial(self._others, case))

    def _others(self, case: Case) -> list[list[float]]:
        """``log(T1/TP)`` of each other case on the set-up of *case*."""
        set_up = case.group.set_up
        added = [other for other in self._added if other.group.set_up == set_up]
        beside = (*self.plan.cases_of(set_up), *added)
        return [
            self.histories[other].in_order()
            for other in beside
            if other != case and self.histories[other].logs
        ]

    def add(self, case: Case, purpose: Purpose, why: str | None = None) -> None:
        """Measure *case* as well, which the plan does not have, or refuses."""
        if self.can_add(case):
            if case not in self.histories:
                self._added.append(case)
            self.histories[case] = CaseHistory(purpose=purpose, why=why)
            self.failed.discard(case)

    def can_add(self, case: Case) -> bool:
        """Whether *case* is neither measured nor was tried."""
        return case not in self.histories or self._is_refused(case)

    def _is_refused(self, case: Case) -> bool:
        history = self.histories.get(case)
        return case in self.plan.refused and history is not None and history.purpose is None

    def give_up_refused(self) -> None:
        """Say of the cases that the plan refuses why they are not measured, once a run."""
        for case, reason in self.plan.refused.items():
            if self._is_refused(case) and not self.histories[case].ended:
                self.give_up(case, Status.SKIPPED, reason)

    def give_up_killed(self) -> None:
        """Say of what an earlier part of the run was killed with that it is not tried again."""
        for point, reason in self.tries.never_ended().items():
            of = [point] if isinstance(point, Case) else self.plan.cases_of(point)
            for case in of:
                if case not in self.histories and self.refined:
                    self.add(case, "refine")
                if case in self.histories and not self.histories[case].ended:
                    self.give_up(case, Status.FAILED, reason)
        self.tries.close()

    def give_up(
        self,
        case: Case,
        status: Status,
        reason: str,
        block: int | None = None,
        number: int | None = None,
        purpose: Purpose | None = None,
    ) -> None:
        """Write why *case* is not measured, or not any more: in round *number* of a block, if it
        got so far."""
        history = self.histories[case]
        history.ended = True
        self.failed.add(case)
        self.write(
            Pair(
                run=self.info.run,
                **case.model_dump(),
                n_chunks=-(-case.size // case.chunk) if case.chunk > 0 else None,
                block=block,
                round=number,
                purpose=purpose or history.purpose,
                status=status,
                reason=reason,
            )
        )

    def missing(self, set_up: SetUp, rounds: range) -> list[Case]:
        """The planned cases of *set_up* that go on and lack one of *rounds*."""
        lacking = []
        for case in self.plan.cases_of(set_up):
            history = self.histories[case]
            wanted = self.rounds_planned(case).intersection(rounds).difference(history.logs)
            if wanted and not history.ended and history.purpose is None:
                lacking.append(case)
        return lacking

    def is_hopeless(self, set_up: SetUp) -> bool:
        """Whether every warm-up call of *set_up* took so long that it is not started again."""
        if math.isinf(self.plan.profile.again_seconds):
            return False
        pilots = [self.histories[case].pilot_seconds for case in self.plan.cases_of(set_up)]
        known = [seconds for seconds in pilots if seconds is not None]
        return bool(known) and min(known) > self.plan.profile.again_seconds

    def has_guess(self, set_up: SetUp) -> bool:
        """Whether no call tells yet what a case of *set_up* takes that goes on."""
        histories = map(self.histories.__getitem__, self.plan.cases_of(set_up))
        return any(history.is_guessed and not history.ended for history in histories)

    def rounds_planned(self, case: Case) -> frozenset[int]:
        """The rounds in which *case* takes part, going by its pilot call."""
        return rounds_of(self.histories[case].pilot_seconds or 0.0, self.plan.profile)

    def unfinished(self, groups: Collection[Group]) -> dict[Case, Purpose]:
        """Cases that were added to *groups* and lack rounds, and what they were added for."""
        return {
            case: history.purpose
            for case, history in self.histories.items()
            if history.purpose is not None
            and case.group in groups
            and not history.ended
            and len(history.logs) < self.rounds_wanted(case)
        }

    def rounds_wanted(self, case: Case) -> int:
        """How many rounds *case* gets in all: as allotted, and one that was added as many as the
        planned case that is likest to it; else those in which it takes part."""
        allotted, looks = self.rounds_allotted, self.plan.profile.looks
        if case in allotted and (looks is None or allotted[case] < looks[0]):
            return allotted[case]
        if looks is None and allotted and self.histories[case].purpose is not None:
            return max(allotted[likest(case, allotted)], LEAST_ROUNDS)
        return len(self.rounds_planned(case))

    def of_group(self, group: Group) -> dict[Case, CaseHistory]:
        """What is known of the cases of *group*."""
        return {case: known for case, known in self.histories.items() if case.group == group}

    def next_round(self, set_up: SetUp) -> int:
        """A number that no round of *set_up* had, nor will have in the grid."""
        used = {self.plan.profile.rounds - 1}
        for case, history in self.histories.items():
            if case.group.set_up == set_up:
                used |= history.logs.keys() | self.confirmed.get(case, set())
        return max(used) + 1

    def done_and_planned(self) -> tuple[int, int]:
        """Rounds of all cases that were measured, and that are measured or still to come."""
        confirmed = sum(map(len, self.confirmed.values()))
        done = sum(len(history.logs) for history in self.histories.values())
        planned = sum(
            len(history.logs) if history.ended else self.rounds_wanted(case)
            for case, history in self.histories.items()
            if case.executor not in self.waiting
        )
        return done + confirmed, planned + confirmed


def _lacked_time(pair: Pair) -> bool:
    return pair.status is Status.SKIPPED and (pair.reason or "").startswith(NO_TIME)
