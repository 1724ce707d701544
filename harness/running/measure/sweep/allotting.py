"""Which rounds the cases of a sweep with a budget get, planned to the clock by cost alone.

With a number of rounds fixed beforehand these are all rounds of a case; with planned looks those
up to its first look, beyond which what a look leaves open goes on while the time lasts (rule 18).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from harness.core import units
from harness.core.records import NO_TIME, AllocatedCase, Allocation, Case, SetUp, Status
from harness.running.measure.sweep.budget import Budget
from harness.running.measure.sweep.ledger import Ledger
from harness.running.plan.allocation import LEAST_ROUNDS, Demand, allocate, likest

LEAST_SECONDS = 1e-3
"""A pair that is not yet known takes at least this."""


class Allotment:
    """The rounds of each case, as far as its cost is known; asked anew when more is known.

    Parameters
    ----------
    ledger : Ledger
        Gets the rounds as ``rounds_allotted``.
    budget : Budget

    Attributes
    ----------
    overheads : dict of SetUp to float
        What of the budget a start-up takes besides its rounds: to come up, to warm its cases up,
        and to end.
    turn : collection of SetUp or None
        Those that are measured together now; ``None`` for all.
    asked : bool
        Whether this part of the run has planned anything.
    scarce_for_starts : bool
        Whether bringing up all set-ups to come would take more than it leaves for pairs, so that
        those that were started have their rounds before others are started.
    scarce_for_rounds : bool
        Whether the time does not last for the least rounds of all cases of a plan that is served in
        its order: those that are up get theirs first, and no more.
    """

    def __init__(self, ledger: Ledger, budget: Budget) -> None:
        self.ledger, self.budget = ledger, budget
        self.profile = ledger.plan.profile
        self.overheads: dict[SetUp, float] = {}
        self.applies = self.profile.budget_seconds is not None
        self.asked = self.scarce_for_starts = self.scarce_for_rounds = False
        self.turn: Collection[SetUp] | None = None
        looks = self.profile.looks
        self.most = looks[0] if looks else self.profile.rounds
        self.least = self.most if looks else min(LEAST_ROUNDS, self.most)

    def plan(self, to_come: Sequence[SetUp], kept_share: float) -> None:
        """Share what is left of the budget among all cases that go on.

        Parameters
        ----------
        to_come : sequence of SetUp
            The start-ups that are still to come, one for each.
        kept_share : float
            The part of what is left beyond the least rounds that is kept for other things.
        """
        if not self.applies:
            return
        self.asked = True
        known, histories = self.pair_seconds(), self.ledger.histories
        going = [
            case
            for case in self.ledger.plan.cases
            if not histories[case].ended and (self.turn is None or case.group.set_up in self.turn)
        ]
        if not known or not going:
            return
        starts = math.fsum(map(self._overhead, to_come))
        seconds = self.budget.left() - starts
        self.scarce_for_starts = self.profile.finishes_what_it_starts and seconds < starts
        self.scarce_for_rounds = self.ledger.plan.in_order and seconds < self._least_seconds(
            going, known
        )
        if self.scarce_for_starts:
            started = self.overheads
            going = [case for case in going if case.group.set_up in started]
            seconds = self.budget.left() - sum(started.get(set_up, 0.0) for set_up in to_come)
        elif self.scarce_for_rounds:  # what is up already goes before what would have to be started
            going, seconds = [case for case in going if case in known], self.budget.left()
        demands = self._demands(going, known)
        rounds = allocate(
            demands,
            seconds,
            most=self.least if self.scarce_for_rounds else self.most,
            least=self.least,
            thrifty=self.profile.thrifty,
            kept_share=kept_share,
        )
        for case, number in zip(going, rounds, strict=True):
            if case not in known:
                continue
            bound = self.ledger.rounds_bound.get(case, number)
            self.ledger.rounds_allotted[case] = max(min(number, bound), len(histories[case].logs))

    def _demands(self, going: Sequence[Case], known: Mapping[Case, float]) -> list[Demand]:
        """What each case asks for, by its own cost, or by that of the case that is likest to it."""
        logs = self.ledger.histories
        alike: dict[object, list[Case]] = {}
        for case in known:  # what is likest is of the same work, else of the same executor
            for key in ((case.workload, case.size), case.executor):
                alike.setdefault(key, []).append(case)

        def cost(case: Case) -> float:
            if case in known:
                return known[case]
            near = alike.get((case.workload, case.size)) or alike.get(case.executor) or known
            return known[likest(case, near)]

        return [Demand(cost(case), len(logs[case].logs), logs[case].is_guessed) for case in going]

    def _least_seconds(self, going: Sequence[Case], known: Mapping[Case, float]) -> float:
        """What it takes until each of these cases has the least rounds."""
        return math.fsum(
            max(0, self.least - each.done) * each.pair_seconds
            for each in self._demands(going, known)
        )

    def pair_seconds(self) -> dict[Case, float]:
        """What a pair of each planned case takes: as its last round did; before its first one what
        its pilot call took, with what the cheapest pair takes for all that belongs to it."""
        paces = self.ledger.paces
        rest = min(paces.values(), default=LEAST_SECONDS)
        known = {}
        for case in self.ledger.plan.cases:
            pilot = self.ledger.histories[case].pilot_seconds
            if case in paces:
                known[case] = max(paces[case], LEAST_SECONDS)
            elif pilot is not None:
                known[case] = pilot + rest
        return known

    def missing(self, set_up: SetUp, rounds: range) -> list[Case]:
        """The cases of *set_up* that are to be measured in one of *rounds*, those of a block."""
        lacking = self.ledger.missing(set_up, rounds)
        if not self.applies:
            return lacking
        if rounds.start > 0 and self.ledger.is_hopeless(set_up):
            return []
        return [case for case in lacking if self._due(case, rounds) > 0]

    def of_round(self, set_up: SetUp, rounds: range, number: int) -> list[Case]:
        """The cases of *set_up* that take part in round *number* of the block with *rounds*: the
        others have their rounds, or there is no time for them, the dearest first.

        With planned looks a case begins no round beyond the first look from which the time does
        not last until the next one. A case that is to have one round only has it in the last one,
        so that it takes no time from others; one whose cost is a guess has it right after the
        first round of the others, since a second may fit when its cost is known.
        """
        here = self.ledger.missing(set_up, range(number, number + 1))
        if not self.applies:
            return here
        known, wanted = self.pair_seconds(), self.ledger.rounds_wanted
        needed = {
            case: known.get(case, 0.0) * self._pairs_in_a_row(case, number)
            for case in here
            if self._due(case, rounds) > 0
            and (
                wanted(case) >= self.least
                or number == rounds[-1]
                or (number > rounds.start and self.ledger.histories[case].is_guessed)
            )
        }
        left, share = self.budget.left(), self.budget.left_of_share()
        chosen = set()
        for case in sorted(needed, key=needed.__getitem__):
            left, share = left - needed[case], share - needed[case]
            if left < 0 or (share < 0 and self.has_look(case)):
                self.budget.cut_short = True
                if left < 0:
                    break
                continue
            chosen.add(case)
        return [case for case in here if case in chosen]

    def has_look(self, case: Case) -> bool:
        """Whether *case* has reached its first planned look, so that the rest of the time is for
        others; with a number of rounds fixed beforehand there is none to reach."""
        looks = self.profile.looks
        return looks is not None and len(self.ledger.histories[case].logs) >= looks[0]

    def _pairs_in_a_row(self, case: Case, number: int) -> int:
        """Rounds of *case* that would be in vain one by one: those until its next look."""
        looks, done = self.profile.looks, len(self.ledger.histories[case].logs)
        if looks is None or number < looks[0]:
            return 1
        return next((look - done for look in looks if look > done), 1)

    def is_worth_a_start(self, set_up: SetUp, cases: Sequence[Case]) -> bool:
        """Whether the time lasts for a start-up of *set_up* and for a pair of one of *cases*; the
        very first is tried, however long it was expected to take."""
        if not self.applies or (not self.overheads and self.budget.left() > 0):
            return True
        known = self.pair_seconds()
        pair = min((known.get(case, 0.0) for case in cases), default=0.0)
        left = self.budget.left()
        if self.scarce_for_starts and set_up not in self.overheads:
            left -= self._promised(known) + self._overhead(set_up)  # it is to be started again
        fits = self._overhead(set_up) + pair <= left
        self.budget.cut_short |= not fits
        return fits

    def _promised(self, known: Mapping[Case, float]) -> float:
        """Seconds until the cases of set-ups that were started have the rounds allotted to them."""
        histories, allotted = self.ledger.histories, self.ledger.rounds_allotted
        lacking = {
            case: min(rounds, self.least) - len(histories[case].logs)
            for case, rounds in allotted.items()
            if not histories[case].ended and case in known
        }
        going = {case.group.set_up for case, rounds in lacking.items() if rounds > 0}
        pairs = math.fsum(max(0, rounds) * known[case] for case, rounds in lacking.items())
        return pairs + math.fsum(map(self._overhead, going))

    def _due(self, case: Case, rounds: range) -> int:
        """How many rounds *case* is still to have in the block with *rounds*: its share of all that
        it lacks, rounded down, so that one is left for another start-up where a dear case is to
        have two; later blocks make up for it."""
        ledger = self.ledger
        if self.profile.looks:
            reaches_look = case not in ledger.rounds_allotted or (
                ledger.rounds_wanted(case) >= self.most
            )
            return len(rounds) if reaches_look else 0
        logs, wanted = ledger.histories[case].logs, ledger.rounds_wanted(case)
        here = sum(number in logs for number in rounds)
        lacking = wanted - (len(logs) - here)
        later = [
            len(block) for block in self.profile.rounds_of_blocks if block.start > rounds.start
        ]
        if ledger.is_hopeless(case.group.set_up):
            later = []
        if later and wanted < self.least and not ledger.histories[case].is_guessed:
            return 0
        if self.scarce_for_rounds:  # a later start-up may never come
            return lacking - here
        share = max(lacking // (len(later) + 1), lacking - sum(later), min(1, lacking))
        return share - here

    def took(self, set_up: SetUp, seconds: float) -> None:
        """Note what of the budget a start-up of *set_up* took besides its rounds."""
        self.overheads[set_up] = seconds

    def _overhead(self, set_up: SetUp) -> float:
        """What a start-up of *set_up* takes: as its last one did; else as the plan expects, by how
        much it was wrong so far; else as the others did."""
        known, expected = self.overheads, self.ledger.plan.starts
        if set_up in known:
            return known[set_up]
        both = [each for each in known if each.executor in expected]
        if set_up.executor in expected:
            took = math.fsum(known[each] for each in both)
            hoped = math.fsum(expected[each.executor] for each in both)
            return expected[set_up.executor] * (took / hoped if hoped else 1.0)
        return sum(known.values()) / len(known) if known else 0.0

    def give_up_what_lacks_time(self) -> None:
        """Say of every case without a round why it has none, with the figure."""
        if not self.applies:
            return
        known, left = self.pair_seconds(), max(0.0, self.budget.left())
        for case in self.ledger.plan.cases:
            history = self.ledger.histories[case]
            if history.ended or history.logs or history.purpose is not None:
                continue
            self.budget.cut_short = True
            if case in known:
                reason = f"{NO_TIME} {self._figure(known[case], left)}"
            else:
                reason = f"{NO_TIME} the budget was spent before its turn: go on with --resume"
            self.ledger.give_up(case, Status.SKIPPED, reason)

    def _figure(self, pair: float, left: float) -> str:
        """Why a case whose *pair* takes so long got no round with so much *left*."""
        budget = self.profile.budget_seconds or 0.0
        more = units.as_option(budget + max(0.0, self.least * pair - left))
        many = "a pair takes" if pair > left else f"{self.least} pairs take"
        asked = units.seconds(pair if pair > left else self.least * pair)
        return f"{many} about {asked} of the {units.seconds(left)} left: give it --budget {more}"

    def plan_words(self) -> str | None:
        """What is planned, before anything is measured; ``None`` without a budget."""
        if not self.applies:
            return None
        plan, profile = self.ledger.plan, self.profile
        cases = {case for case in plan.cases if case.executor not in plan.later}
        cases.difference_update(plan.refused)
        set_ups = {case.group.set_up for case in cases}
        up_to = "to the looks of" if profile.looks else "by cost for"
        starts = units.plural(len(profile.blocks), "start-up")
        return (
            f"plan: up to {profile.rounds} rounds {up_to} {units.plural(len(cases), 'case')}, "
            f"{units.plural(len(set_ups), 'set-up')} with {starts} each, "
            f"within {units.seconds(profile.budget_seconds)}"
        )

    def cost_words(self) -> str:
        """What the rounds that are planned cost, with what is spent already."""
        allotted, known = self.ledger.rounds_allotted, self.pair_seconds()
        fewest, most = min(allotted.values()), max(allotted.values())
        seconds = sum(known[case] * rounds for case, rounds in allotted.items() if case in known)
        starts = sum(self.overheads.values()) * len(self.profile.blocks)
        return (
            f"planned by cost: {fewest} to {most} rounds of {units.plural(len(allotted), 'case')}, "
            f"about {units.seconds(seconds)} in pairs and {units.seconds(starts)} in start-ups and "
            f"warm-ups, of {units.seconds(self.profile.budget_seconds)}"
        )

    def record(self) -> Allocation | None:
        """What the run line says of the rounds; ``None`` where they are not fixed by cost."""
        allotted, known = self.ledger.rounds_allotted, self.pair_seconds()
        if not self.asked or self.profile.looks or self.most <= LEAST_ROUNDS:
            return None
        return Allocation(
            budget_seconds=self.profile.budget_seconds or 0.0,
            least=LEAST_ROUNDS,
            most=self.most,
            cases=[
                AllocatedCase(case=case, pair_seconds=known[case], rounds=rounds)
                for case, rounds in allotted.items()
                if case in known
            ],
        )
