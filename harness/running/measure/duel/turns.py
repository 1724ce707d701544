"""The protocol of a duel: start-ups of two sides in turn, A B B A, on two benches.

Start-ups differ by more than the rounds within them tell, and a machine drifts: so each start-up of
A stands next to one of B, either comes first as often, and what counts is the difference of the two
(rule 28). The number of pairs does not depend on what they give.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from harness.core.errors import MeasureError
from harness.core.records import Case, Group, Pair, SetUp
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.sweep.ports import Bench, First, Progress, Sink, Station

LETTERS = ("A", "B")
LEAST_PAIRS = 3
"""Fewer tell nothing: a budget ends no duel before."""


@dataclass(frozen=True)
class Corner:
    """One side as it is measured.

    Attributes
    ----------
    run : str
        Name of its run.
    cases : list of Case
        As it runs them; those of both sides correspond one to one.
    bench, sink : Bench, Sink
    settings : dict
        What its engines must say that they have, where they say it.
    """

    run: str
    cases: Sequence[Case]
    bench: Bench
    sink: Sink
    settings: dict[str, str] = field(default_factory=dict)


@dataclass
class Turns:
    """One duel in the making.

    Parameters
    ----------
    corners : tuple of Corner
        A and B.
    pairs : int
        Start-ups of each side on each set-up.
    rounds : int
        Of each start-up.
    seconds : float or None
        No pair begins that would end later; 3 are measured in any case.
    seed : int
        Decides every random order.
    clock : callable
    report : callable

    Attributes
    ----------
    failed : set of int
        Places of cases that failed on one side, and are measured on neither any more.
    measured : list of int
        Pairs that each side has written.
    cut_short, finished : bool
        Whether the time ended it; whether it came to its end.
    """

    corners: tuple[Corner, Corner]
    pairs: int
    rounds: int
    seconds: float | None
    seed: int
    clock: Callable[[], float]
    report: Callable[[Progress], None] = lambda progress: None
    failed: set[int] = field(default_factory=set)
    measured: list[int] = field(default_factory=lambda: [0, 0])
    cut_short: bool = False
    finished: bool = False

    def run(self) -> None:
        """Measure all pairs of start-ups, or those that there is time for.

        Raises
        ------
        MeasureError
            Where a side does not start.
        """
        set_ups = self._set_ups()
        began = self.clock()
        for number in range(self.pairs):
            spent = self.clock() - began
            each = spent / number if number else 0.0
            if self.seconds is not None and number >= LEAST_PAIRS and spent + each > self.seconds:
                self.cut_short = True
                break
            for place, cases in enumerate(set_ups):
                # Which comes first alternates, also between set-ups: A B B A.
                order = (0, 1) if (number + place) % 2 == 0 else (1, 0)
                for side in order:
                    self._start_up(side, cases, number * len(set_ups) + place)
        self.finished = True

    def _set_ups(self) -> list[list[int]]:
        """The places of the cases that one start-up serves, set-up by set-up of A."""
        found: dict[SetUp, list[int]] = {}
        for place, case in enumerate(self.corners[0].cases):
            found.setdefault(case.group.set_up, []).append(place)
        return list(found.values())

    def _start_up(self, side: int, places: Sequence[int], number: int) -> None:
        """One start-up of one side, with all its rounds."""
        corner = self.corners[side]
        alive = [place for place in places if place not in self.failed]
        if not alive:
            return
        groups: list[Group] = list(dict.fromkeys(corner.cases[place].group for place in alive))
        try:
            station = corner.bench.open(groups[0].set_up, groups, number)
        except CaseError as error:
            raise MeasureError(f"{LETTERS[side]} does not start: {error.reason}") from None
        graceful = False
        try:
            warm = [place for place in alive if self._warmed(side, station, place, number)]
            for record in station.blocks:
                self._check_settings(side, record.settings)
                corner.sink.append(record)
            # Both sides of a pair get the same orders and seeds.
            order = random.Random(f"{self.seed} {number}")
            for turn in range(self.rounds):
                order.shuffle(warm)
                for place in list(warm):
                    if not self._round(side, station, place, number, turn, order):
                        warm.remove(place)
            graceful = True
        finally:
            station.close(graceful=graceful)

    def _warmed(self, side: int, station: Station, place: int, number: int) -> bool:
        try:
            station.warm(self.corners[side].cases[place], None)
        except CaseError as error:
            self._give_up(side, place, number, None, error)
            return False
        return True

    def _round(
        self,
        side: int,
        station: Station,
        place: int,
        number: int,
        turn: int,
        order: random.Random,
    ) -> bool:
        """One pair of a case and its baseline; whether there was a result."""
        corner, case = self.corners[side], self.corners[side].cases[place]
        first: First = order.choice(("parallel", "serial"))
        seed = order.getrandbits(48)
        try:
            pair = station.pair(case, number * self.rounds + turn, first, seed)
        except CaseError as error:
            self._give_up(side, place, number, turn, error)
            return False
        corner.sink.append(pair)
        self.measured[side] += 1
        planned = 2 * self.pairs * self.rounds * len(corner.cases)
        label = f"{LETTERS[side]}: {case.label}"
        self.report(Progress(sum(self.measured), planned, label, station.link))
        return True

    def _give_up(
        self, side: int, place: int, number: int, turn: int | None, error: CaseError
    ) -> None:
        self.failed.add(place)
        corner = self.corners[side]
        corner.sink.append(
            Pair(
                run=corner.run,
                **corner.cases[place].model_dump(),
                block=number,
                round=None if turn is None else number * self.rounds + turn,
                status=error.status,
                reason=error.reason,
            )
        )

    def _check_settings(self, side: int, recorded: dict[str, object]) -> None:
        """Refuse a start-up whose engine says that it has another setting than was asked for."""
        for name, wanted in self.corners[side].settings.items():
            has = str(recorded[name]) if name in recorded else wanted
            if has != wanted:
                raise MeasureError(f"{LETTERS[side]} has {name} = {has}, and was to have {wanted}")
