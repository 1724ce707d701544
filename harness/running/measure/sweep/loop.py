"""The protocol: blocks of paired, randomised rounds, stopped by planned looks (rules 12 to 18).

Pure bookkeeping over two ports, a bench and a journal
(:mod:`harness.running.measure.sweep.ports`), so that the same code runs real engines and a
scripted one on a fake clock.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.core.records import Block, Case, End, Group, Pair, Purpose, RunInfo, SetUp, Status
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.sweep.ledger import Decide, History
from harness.running.measure.sweep.ports import Bench, First, Sink, Station
from harness.running.measure.sweep.refining import PART, SHARE, Refine, Refining
from harness.running.measure.sweep.separating import Separate, Separating
from harness.running.plan.sweep import SweepPlan, rounds_of


@dataclass(frozen=True)
class Progress:
    """Where a sweep stands: pairs done and planned, the case that is measured now, and the link to
    its engine's dashboard, if that is open."""

    done: int
    planned: int
    label: str
    link: str | None = None


class Sweep:
    """One sweep in the making.

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
    report : callable
        Told of progress after every pair.
    refine : Refine, optional
        Says which chunks to measure after the grid; without it, none are.
    fitting : callable
        The case nearest to an added one that can be run; ``None`` where there is none.
    separate : Separate, optional
        Says, of a sweep that is refined, which cases with another number of workers to measure at
        its end; without it, none are.
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
        report: Callable[[Progress], None] = lambda progress: None,
        refine: Refine | None = None,
        fitting: Callable[[Case], Case | None] = lambda case: case,
        separate: Separate | None = None,
    ) -> None:
        self.plan, self.info, self.bench, self.journal = plan, info, bench, journal
        self.decide, self.clock, self.report = decide, clock, report
        self.history = {case: History() for case in plan.cases}
        self.blocks = 0
        self.pairs = 0
        self.rounds_run: set[int] = set()
        self.cut_short = False
        self.began = clock()
        self.starting = 0.0
        self.until = math.inf
        self.link: str | None = None
        self.refining = None if refine is None else Refining(self, refine, fitting)
        self.separating = (
            None
            if self.refining is None or separate is None
            else Separating(self, self.refining, separate)
        )
        self.to_serve = 1
        self.warmed: set[Case] = set()
        self.failed: set[Case] = set()
        self.measured: list[Block | Pair] = []

    def resume(self, records: Iterable[RunInfo | Block | Pair | End]) -> None:
        """Take in what an earlier part of the run has measured."""
        for record in records:
            if isinstance(record, Block):
                self.blocks = max(self.blocks, record.block + 1)
                self.measured.append(record)
            elif isinstance(record, Pair):
                self.measured.append(record)
                if record.purpose in ("refine", "separate") and self.refining:
                    self.add(record.case, record.purpose)
                if record.case in self.history:
                    self._take_in(record)
                    self.pairs += record.status is Status.OK

    def add(self, case: Case, purpose: Purpose, why: str | None = None) -> None:
        """Measure *case* as well, which the plan does not have, or refuses."""
        if self.can_add(case):
            self.history[case] = History(purpose=purpose, why=why)
            self.failed.discard(case)

    def can_add(self, case: Case) -> bool:
        """Whether *case* is none that is measured, or was tried."""
        return case not in self.history or self._is_refused(case)

    def _is_refused(self, case: Case) -> bool:
        history = self.history.get(case)
        return case in self.plan.refused and history is not None and history.purpose is None

    def write(self, record: Block | Pair) -> None:
        """Keep what was measured, in the journal first."""
        self.journal.append(record)
        self.measured.append(record)

    def _take_in(self, pair: Pair) -> None:
        if pair.status is not Status.OK:
            self.failed.add(pair.case)
        if pair.purpose != "confirm":
            self.history[pair.case].add(pair, self.info.looks, self.decide)
        elif self.refining:
            self.refining.add(pair)

    def run(self) -> None:
        """Measure what is missing."""
        for case, reason in self.plan.refused.items():
            if self._is_refused(case) and not self.history[case].ended:
                self.give_up(case, Status.SKIPPED, reason)
        edges = [0, *itertools.accumulate(self.plan.profile.blocks)]
        for number, (start, stop) in enumerate(itertools.pairwise(edges)):
            rounds = range(start, start + self._affordable(number, stop - start))
            set_ups = list(self.plan.set_ups)
            self._random("set-ups", number).shuffle(set_ups)
            last = self.refining is not None and stop == edges[-1]
            if last:  # what cannot be refined needs no more time after its rounds
                set_ups.sort(key=self._is_swept)
            for place, set_up in enumerate(set_ups):
                self.to_serve = len(set_ups) - place
                self.until = self._share(self.to_serve)
                self._serve(set_up, rounds, last)
        if self.separating:
            self.separating.run()

    def _is_swept(self, set_up: SetUp) -> bool:
        chunks = {
            (case.group, case.chunk)
            for case in self.plan.cases_of(set_up)
            if case not in self.plan.refused
        }
        return len(chunks) > len({group for group, _ in chunks})

    def _affordable(self, number: int, rounds: int) -> int:
        """How many of *rounds* block *number* gets, at the pace of the rounds before it, if all
        blocks are to fit into the budget; planned looks are never cut short like that."""
        profile = self.plan.profile
        if profile.looks or profile.budget_seconds is None or not self.rounds_run:
            return rounds
        spent = self.spent()
        pace = spent / len(self.rounds_run)
        kept = SHARE * profile.budget_seconds if self.refining else 0.0
        left = (profile.budget_seconds - kept - spent) / (len(profile.blocks) - number)
        least = -(-profile.slow_rounds // len(profile.blocks))  # else a slow case lacks its rounds
        return min(rounds, max(least, int(left / max(pace, 1e-9))))

    def _share(self, left: int) -> float:
        """How much will be spent of the budget when a set-up has had its part of it, with *left* of
        them yet to be served.

        Rounds beyond the first look wait for nobody: without shares a set-up that is slow and
        undecided would leave none for those that come after it.
        """
        profile, spent = self.plan.profile, self.spent()
        if profile.budget_seconds is None or not profile.looks:
            return math.inf
        return spent + (profile.budget_seconds - spent) / left

    def spent(self) -> float:
        """Seconds of the budget that are gone."""
        gone = self.clock() - self.began
        return gone if self.plan.profile.starts_count else gone - self.starting

    def refining_until(self) -> float:
        """How much will be spent of the budget when the set-up that is served has been refined.

        The last one may use all that is left, others a part of their share: those that come after
        it may need more than theirs to reach their first look.
        """
        budget, spent = self.plan.profile.budget_seconds, self.spent()
        if budget is None:
            return math.inf
        end = min(self.until, spent + max(0.0, budget - spent) / self.to_serve)
        return spent + (1.0 if self.to_serve == 1 else PART) * max(0.0, end - spent)

    def _serve(self, set_up: SetUp, rounds: range, last: bool) -> None:
        """Measure *rounds* of *set_up*, and refine it in its *last* block; a case that broke its
        start-up costs it, not the others."""
        while not self._out_of_time():
            groups = [case.group for case in self._missing(set_up, rounds)]
            if last and self.refining:
                groups += self.refining.groups(set_up, without=groups)
            if not groups or self.block(set_up, rounds, list(dict.fromkeys(groups)), last):
                return

    def block(self, set_up: SetUp, rounds: range, groups: list[Group], last: bool) -> bool:
        """One start-up; whether it lived to the end of its rounds, or cannot be."""
        number, self.blocks = self.blocks, self.blocks + 1
        self.warmed = set()
        before = self.clock()
        try:
            station = self.bench.open(set_up, groups, number)
        except CaseError as error:
            added = self.refining.unfinished(groups) if self.refining else ()
            for case in (*self._missing(set_up, rounds), *added):
                self.give_up(case, error.status, error.reason)
            return True
        finally:
            self.starting += self.clock() - before
        lived = False
        self.link = station.link
        try:
            lived = self._warm(station, set_up, rounds) and self._rounds(
                station, set_up, rounds, number
            )
            if lived and last and self.refining:
                lived = self.refining.run(station, set_up, groups, number)
        finally:
            before = self.clock()
            station.close(graceful=lived)
            self.starting += self.clock() - before
        return lived

    def _warm(self, station: Station, set_up: SetUp, rounds: range) -> bool:
        seen: dict[Group, list[tuple[int, float]]] = {}
        for case in sorted(self._missing(set_up, rounds), key=lambda case: -case.chunk):
            history = self.history[case]
            n_chunks = -(-case.size // case.chunk)
            earlier = seen.setdefault(case.group, [])
            expected = _extrapolate(earlier, n_chunks)
            most = self.plan.profile.most_seconds
            if history.pilot_seconds is None and expected > most:
                reason = (
                    f"a call would take about {expected:.0f} s, over this profile's {most:.0f} s: "
                    "choose a longer profile"
                )
                self.give_up(case, Status.SKIPPED, reason)
                continue
            try:
                seconds = station.warm(case, history.pilot_seconds or expected or None)
            except CaseError as error:
                self.give_up(case, error.status, error.reason)
                if error.dead:
                    return False
                continue
            history.pilot_seconds = history.pilot_seconds or seconds
            self.warmed.add(case)
            earlier.append((n_chunks, seconds))
            self._tell(case)
        for block in station.blocks:
            self.write(block)
        return True

    def _rounds(self, station: Station, set_up: SetUp, rounds: range, block: int) -> bool:
        for number in rounds:
            cases = self._missing(set_up, range(number, number + 1))
            if cases and (self._out_of_time() or self._share_is_spent(number)):
                return True
            if not self.one_round(station, set_up, cases, number, block):
                return False
        return True

    def one_round(
        self,
        station: Station,
        set_up: SetUp,
        cases: list[Case],
        number: int,
        block: int,
        purposes: Mapping[Case, Purpose] | None = None,
    ) -> bool:
        """Measure *cases* once each, in random order; whether the station lives."""
        order = self._random("order", set_up, number)
        order.shuffle(cases)
        for case in cases:
            first: First = order.choice(("parallel", "serial"))
            purpose = (purposes or {}).get(case)
            began = self.clock()
            try:
                pair = station.pair(case, number, first, order.getrandbits(48))
            except CaseError as error:
                self.give_up(case, error.status, error.reason, block, number, purpose)
                if error.dead:
                    return False
                continue
            pair = pair.model_copy(update={"purpose": purpose})
            self.write(pair)
            self.pairs += 1
            if purpose is None:
                self.rounds_run.add(number)
            if self.refining:
                self.refining.pace[case] = self.clock() - began
            self._take_in(pair)
            self._tell(case)
        return True

    def _missing(self, set_up: SetUp, rounds: range) -> list[Case]:
        """The cases of *set_up* that go on and lack one of *rounds*."""
        found = []
        for case in self.plan.cases_of(set_up):
            history = self.history[case]
            planned = rounds_of(history.pilot_seconds or 0.0, self.plan.profile)
            wanted = planned.intersection(rounds).difference(history.logs)
            if wanted and not history.ended and history.purpose is None:
                found.append(case)
        return found

    def give_up(
        self,
        case: Case,
        status: Status,
        reason: str,
        block: int | None = None,
        number: int | None = None,
        purpose: Purpose | None = None,
    ) -> None:
        """Say why *case* is not measured, or not any more."""
        self.history[case].ended = True
        self.failed.add(case)
        self.write(
            Pair(
                run=self.info.run,
                **case.model_dump(),
                n_chunks=-(-case.size // case.chunk) if case.chunk > 0 else None,
                block=block,
                round=number,
                purpose=purpose or self.history[case].purpose,
                status=status,
                reason=reason,
            )
        )

    def _tell(self, case: Case) -> None:
        planned = sum(
            len(history.logs)
            if history.ended
            else len(rounds_of(history.pilot_seconds or 0.0, self.plan.profile))
            for history in self.history.values()
        )
        done = sum(len(history.logs) for history in self.history.values())
        if self.refining:
            again = sum(map(len, self.refining.fresh.values()))
            planned, done = planned + again, done + again
        why = self.history[case].why
        label = case.label if why is None else f"{case.label}, added since {why}"
        self.report(Progress(done, planned, label, self.link))

    def _out_of_time(self) -> bool:
        budget = self.plan.profile.budget_seconds
        late = budget is not None and self.spent() > budget
        self.cut_short |= late
        return late

    def _share_is_spent(self, number: int) -> bool:
        looks = self.plan.profile.looks
        spent = looks is not None and number >= looks[0] and self.spent() > self.until
        self.cut_short |= spent
        return spent

    def _random(self, *key: object) -> random.Random:
        return random.Random(f"{self.info.seed} {key}")


def _extrapolate(seen: Sequence[tuple[int, float]], n_chunks: int) -> float:
    """Seconds to expect at *n_chunks* from the last two ``(n_chunks, seconds)``, on a line.

    The time is convex in the number of chunks (rule 21), so the line is a lower bound: what it
    puts over a limit is over it.
    """
    if len(seen) < 2:
        return 0.0
    (k1, t1), (k2, t2) = seen[-2:]
    return t2 + (t2 - t1) / (k2 - k1) * (n_chunks - k2) if k2 > k1 else t2
