"""The protocol: blocks of paired, randomised rounds, stopped by planned looks (rules 12 to 18).

Pure bookkeeping over two ports, a bench and a journal
(:mod:`harness.running.measure.sweep.ports`), so that the same code runs real engines and a
scripted one on a fake clock. What is known of the cases is in the ledger, what is left of the time
in the budget; here is the order in which things are done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from harness.core.records import Case, Group, JournalLine, RunInfo, SetUp, Status
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.sweep.allotting import Allotment
from harness.running.measure.sweep.block_order import BlockOrder
from harness.running.measure.sweep.budget import REFINING_SHARE, Budget
from harness.running.measure.sweep.case_history import Decide
from harness.running.measure.sweep.ledger import Ledger
from harness.running.measure.sweep.ports import Bench, Progress, Sink, Station
from harness.running.measure.sweep.refining import Refine, Refining
from harness.running.measure.sweep.round_runner import OpenBlock, RoundRunner
from harness.running.measure.sweep.separating import Separate, Separating
from harness.running.plan.sweep import SweepPlan

ALLOTTING_ROUNDS = 2
"""Before so many rounds of a start-up the rounds are planned anew: going by its pilot calls, and
going by its first round."""

RESTLESS = 1.5
"""On a machine that others use as well, one call may take that much longer than the same again."""


class SweepLoop:
    """One sweep in the making: blocks of every set-up in turn, each warmed up and then measured in
    rounds; what is added to the plan comes in the last block, and after it.

    Parameters
    ----------
    plan : SweepPlan
        The cases and the profile.
    info : RunInfo
        The run's first line; its seed decides every random order.
    bench, journal : Bench, Sink
        Where to measure, and where to write what was measured.
    decide : Decide
        The stopping rule at a look.
    clock : callable
        Seconds that only move forward.
    report : callable, optional
        Told of progress after every pair.
    refine : Refine, optional
        Says which chunks to measure after the grid; none are without it, or where the profile asks
        for none.
    fitting : callable
        The case nearest to an added one that can be run; ``None`` where there is none.
    separate : Separate, optional
        Says, of a sweep that is refined, which cases with another number of workers to measure at
        its end; without it, none are.

    Attributes
    ----------
    ledger : Ledger
        What is known of each case.
    budget : Budget
        What is spent of the time.
    finished : bool
        Whether :meth:`run` has come to its end.
    """

    def __init__(
        self,
        plan: SweepPlan,
        info: RunInfo,
        bench: Bench,
        journal: Sink,
        *,
        decide: Decide,
        clock: Callable[[], float],
        report: Callable[[Progress], None] | None = None,
        refine: Refine | None = None,
        fitting: Callable[[Case], Case | None] = lambda case: case,
        separate: Separate | None = None,
    ) -> None:
        self.plan, self.bench, self.journal, self.report = plan, bench, journal, report
        self.finished = False
        refine = refine if plan.profile.refined else None
        self.ledger = Ledger(plan, info, journal, decide, refined=refine is not None)
        self.budget = Budget(plan.profile, clock)
        self.allotment = Allotment(self.ledger, self.budget)
        self.runner = RoundRunner(self.ledger, self.budget, report)
        self.refining: Refining | None = None
        self.separating: Separating | None = None
        self.blocks_before = self.pairs_before = 0
        self.to_come: list[SetUp] = []
        self.rounds_written: dict[Case, int] = {}
        if refine is not None:
            self.refining = Refining(self.ledger, self.budget, self.runner.measure, refine, fitting)
            if separate is not None:
                self.separating = Separating(self.ledger, self.budget, self._added_block, separate)

    def resume(self, records: Iterable[JournalLine]) -> None:
        """Take in what an earlier part of the run has measured."""
        self.ledger.resume(records)
        self.blocks_before, self.pairs_before = self.ledger.blocks, self.ledger.pairs

    def run(self) -> None:
        """Measure what is missing."""
        self.ledger.give_up_refused()
        self.ledger.give_up_killed()
        self._say(self.allotment.plan_words())
        kept = {name: self.plan.later[name] for name in self.plan.promised}
        for executor, set_ups in self.plan.turns:
            kept.pop(executor or "", None)
            self.budget.kept = sum(kept.values())
            if executor is None or self.budget.left() >= self.plan.later[executor]:
                self.ledger.waiting.discard(executor or "")
                self.allotment.turn = frozenset(set_ups) if self.plan.later else None
                self._turn(BlockOrder(self.ledger, set_ups, refined=self.refining is not None))
        if self.separating:
            self.separating.run()
        self.allotment.give_up_what_lacks_time()
        if self.ledger.blocks > self.blocks_before:
            self._say(self.budget.spent_words(self.ledger.pairs - self.pairs_before))
        self.finished = True

    def _turn(self, order: BlockOrder) -> None:
        """Measure the set-ups that have their turn, block after block."""
        for number, rounds in enumerate(order.blocks):
            set_ups = order.set_ups(number)
            cases = [len(self.plan.cases_of(set_up)) for set_up in set_ups]
            if rounds.start >= order.first_look:
                self._allot()  # what has no look yet gets what the others have left
            for place, set_up in enumerate(set_ups):
                self.budget.serve_next(cases[place] / sum(cases[place:]))
                self.to_come = set_ups[place + 1 :] + order.of_later_blocks(number)
                self._serve(set_up, rounds, order.is_last(number))
            self._write_allocation()

    def _allot(self) -> None:
        """Work out anew how many rounds each case gets, now that more costs are known."""
        fixed = self.plan.profile.looks is None
        bracketed = fixed and self.refining is not None and self.refining.has_bracket()
        self.allotment.plan(self.to_come, REFINING_SHARE if bracketed else 0.0)

    def _write_allocation(self) -> None:
        """Repeat the run line with the rounds that are planned, where they have changed."""
        allocation = self.allotment.record()
        rounds = allocation and {each.case: each.rounds for each in allocation.cases}
        if rounds and rounds != self.rounds_written:
            line = self.ledger.run_line.model_copy(update={"allocation": allocation})
            self.journal.append(line)
            if not self.rounds_written:
                self._say(self.allotment.cost_words())
            self.rounds_written = rounds

    def _say(self, news: str | None) -> None:
        """Tell whoever watches."""
        if news is not None and self.report is not None:
            self.report(Progress(*self.ledger.done_and_planned(), "", news=news))

    def _serve(self, set_up: SetUp, rounds: range, last: bool) -> None:
        """Measure *rounds* of *set_up*, and refine it in its *last* block; a case that broke its
        start-up costs that start-up, and the others get another one."""
        while not self.budget.must_stop():
            cases = self.allotment.missing(set_up, rounds)
            groups = [case.group for case in cases]
            if cases and not self.allotment.is_worth_a_start(set_up, cases):
                return
            if last and self.refining and not self.ledger.is_hopeless(set_up):
                groups += self.refining.groups(set_up, without=groups)
            if not groups or self._block(set_up, rounds, list(dict.fromkeys(groups)), last):
                return

    def _added_block(self, set_up: SetUp, groups: Sequence[Group]) -> bool:
        """One start-up for what was added to *groups*; what it returns is :meth:`_block`'s."""
        return self._block(set_up, range(0), groups, last=True)

    def _block(self, set_up: SetUp, rounds: range, groups: Sequence[Group], last: bool) -> bool:
        """One start-up; whether it lived to the end of its rounds, or did not come up at all."""
        number, self.ledger.blocks = self.ledger.blocks, self.ledger.blocks + 1
        before = self.budget.spent()
        with self.budget.starting():
            station = self._opened(set_up, rounds, groups, number)
        if station is None:
            return True
        block = OpenBlock(station, set_up, groups, number)
        lived = False
        try:
            warm = self._warm_up(block, self.allotment.missing(set_up, rounds))
            if warm:
                for record in station.blocks:
                    self.ledger.write(record)
            self.allotment.took(set_up, self.budget.spent() - before)
            lived = warm and self._measure(block, rounds)
            if lived and last and self.refining and not self.allotment.scarce_for_rounds:
                lived = self.refining.run(block)
        finally:
            with self.budget.starting():
                station.close(graceful=lived)
        return lived

    def _opened(
        self, set_up: SetUp, rounds: range, groups: Sequence[Group], number: int
    ) -> Station | None:
        """The station of block *number*; where its engine does not come up, ``None``, and all
        that it was to measure is given up."""
        try:
            with self.ledger.tries.first(set_up, "start-up"):
                return self.bench.open(set_up, groups, number)
        except CaseError as error:
            for case in (*self.allotment.missing(set_up, rounds), *self.ledger.unfinished(groups)):
                self.ledger.give_up(case, error.status, error.reason)
            return None

    def _warm_up(self, block: OpenBlock, cases: Sequence[Case]) -> bool:
        """Warm up *cases*, those with the fewest chunks first, and give up those that would take
        too long; whether the engine lives.

        What would make a case too long is called once more before that is believed: one call that
        other work held up would cost the answer.
        """
        seen: dict[Group, list[tuple[int, float]]] = {}
        before: dict[Group, Case] = {}
        for case in sorted(cases, key=lambda case: -case.chunk):
            history = self.ledger.histories[case]
            n_chunks = -(-case.size // case.chunk)
            earlier = seen.setdefault(case.group, [])
            expected = _extrapolate(earlier, n_chunks)
            most = self.plan.profile.most_seconds
            new = history.pilot_seconds is None
            try:
                if new and _extrapolate(earlier, n_chunks, RESTLESS) > most:
                    again = block.station.warm(before[case.group], None)
                    earlier[-1] = (earlier[-1][0], min(earlier[-1][1], again))
                    expected = _extrapolate(earlier, n_chunks)
            except CaseError as error:
                if error.dead:
                    return False
            if new and _extrapolate(earlier, n_chunks, RESTLESS) > most:
                reason = (
                    f"a call would take about {expected:.0f} s, over this profile's {most:.0f} s: "
                    "choose a longer profile"
                )
                self.ledger.give_up(case, Status.SKIPPED, reason)
                continue
            try:
                with self.ledger.tries.first(case, "first call"):
                    seconds = block.station.warm(case, history.pilot_seconds or expected or None)
            except CaseError as error:
                self.ledger.give_up(case, error.status, error.reason)
                if error.dead:
                    return False
                continue
            if new:
                history.pilot_seconds, history.expected = seconds, seconds == expected
            block.warmed.add(case)
            earlier.append((n_chunks, seconds))
            before[case.group] = case
            self.runner.tell(block, case)
        return True

    def _measure(self, block: OpenBlock, rounds: range) -> bool:
        """Measure *rounds*, as far as the time lasts; whether the engine lives.

        A case that the time turns out to last for, now that more costs are known, is warmed up
        before its first round. While a cost is a guess, and once more when it is known, rounds of a
        number fixed beforehand are planned before each.
        """
        guessed, fixed = False, self.plan.profile.looks is None
        for number in rounds:
            self.ledger.look_again(block.set_up)
            before, guessed = guessed, fixed and self.ledger.has_guess(block.set_up)
            if number - rounds.start < ALLOTTING_ROUNDS or before or guessed:
                self._allot()
            cases = self.allotment.of_round(block.set_up, rounds, number)
            if cases and (self.budget.must_stop() or self._must_leave_time(cases, number)):
                return True
            cold = [case for case in cases if case not in block.warmed]
            if not self._warm_up(block, [case for case in cold if case.group in block.groups]):
                return False
            warm = [case for case in cases if case in block.warmed]
            if not self.runner.measure(block, warm, number):
                return False
        return True

    def _must_leave_time(self, cases: Sequence[Case], number: int) -> bool:
        """Whether the rest of the time is for others; not where a case has no look yet."""
        return all(map(self.allotment.has_look, cases)) and self.budget.must_leave_time(number)


def _extrapolate(seen: Sequence[tuple[int, float]], n_chunks: int, restless: float = 1.0) -> float:
    """Seconds to expect at *n_chunks* from the last two ``(n_chunks, seconds)``, on a line.

    The time is convex in the number of chunks (rule 21), so the line is a lower bound; but noise
    in the two grows with the distance. A cost of each chunk and one of each call give no more than
    in proportion to the chunks, which bounds that; and with *restless* above 1 only what the
    second took beyond so many times the first makes the line rise.
    """
    if len(seen) < 2:
        return 0.0
    (k1, t1), (k2, t2) = seen[-2:]
    if k2 <= k1:
        return t2
    rise = (t2 - t1 if restless == 1 else max(0.0, t2 - restless * t1)) / (k2 - k1)
    return min(t2 + rise * (n_chunks - k2), t2 / k2 * n_chunks)
