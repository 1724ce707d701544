"""Rounds over all that is timed of the user's work, each part beside a run of one reference."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import Any

from harness.core.progress_step import Step, unsaid
from harness.running.measure.own.own_calls import OwnCalls
from harness.running.measure.own.own_processes import OutOfTime
from harness.running.measure.own.own_records import Cut, Rounds

LONG_SECONDS = 0.5
"""A reference that takes longer is not run beside every part."""


@dataclass(frozen=True)
class Parts:
    """What is timed in every round.

    Attributes
    ----------
    cuts : sequence of Cut
        The graph of each is built.
    timed : sequence of int
        Cuts to time serially and in several copies *at_once*, sampled before.
    reference : int
        One of them.
    at_once : sequence of int
        Numbers of copies that run at once.
    engines : sequence of int
        Numbers of workers whose engine is timed with empty tasks.
    whole : sequence of int
        Cuts to run wholly with *workers* workers.
    workers : int
    all_cores : sequence of int
        Cuts to time serially with native threads on all cores.
    own_ways : sequence of str
        Pins with which the user's own serial way is timed.
    """

    cuts: Sequence[Cut]
    timed: Sequence[int]
    reference: int
    at_once: Sequence[int]
    engines: Sequence[int]
    whole: Sequence[int]
    workers: int
    all_cores: Sequence[int] = ()
    own_ways: Sequence[str] = ()

    def spec(self, index: int) -> Any:
        """How the cut number *index* is made."""
        return self.cuts[index].spec


def _no_rounds() -> Rounds:
    return Rounds(
        reference_seconds=[],
        serial={},
        build={},
        speedup={},
        empty={},
        whole={},
        whole_seconds={},
        all_cores={},
        own_way={},
    )


@dataclass
class RoundTimer:
    """Times parts one by one and keeps what it gets in *rounds*."""

    calls: OwnCalls
    parts: Parts
    order: random.Random
    step: Step = unsaid
    rounds: Rounds = field(default_factory=_no_rounds)
    _base: float | None = None

    def run(self, most_rounds: int, until: float) -> Rounds:
        """Time every part once a round, in random order.

        What the first round costs says how many there are, *most_rounds* at most; one that the
        budget cuts off is dropped.

        Raises
        ------
        OutOfTime
            Where not even one could be finished.
        """
        self.calls.warm_up_whole(map(self.parts.spec, self.parts.whole), self.parts.workers)
        planned, done, longest = most_rounds, 0, 0.0
        while done < planned and (not done or monotonic() + longest / 2 < until):
            begun = monotonic()
            try:
                self._round(done, planned)
            except OutOfTime:
                if not done:
                    raise
                break
            done, longest = done + 1, max(longest, monotonic() - begun)
            if done == 1:
                planned = min(most_rounds, 1 + max(0, round((until - monotonic()) / longest)))
        return self.rounds.first(done)

    def _round(self, done: int, planned: int) -> None:
        steps, self._base = self._steps(), None
        what = f"round {done + 1} of {planned}: timed"
        for number, part in enumerate(self.order.sample(steps, len(steps)), 1):
            part()
            self.step(what, number, len(steps))

    def _steps(self) -> list[Callable[[], None]]:
        parts = self.parts
        return [
            *(partial(self._build, index) for index in range(len(parts.cuts))),
            *(partial(self._serial, index) for index in parts.timed),
            *(partial(self._speedup, i, copies) for i in parts.timed for copies in parts.at_once),
            *(partial(self._empty, workers) for workers in parts.engines),
            *(partial(self._whole, index) for index in parts.whole),
            *(partial(self._all_cores, index) for index in parts.all_cores),
            *(partial(self._own_way, pin) for pin in parts.own_ways),
        ]

    def _build(self, index: int) -> None:
        spec = self.parts.spec(index)
        seconds, base = self._beside_reference(partial(self.calls.build_seconds, spec))
        self.rounds.build.setdefault(index, []).append(seconds / base)

    def _serial(self, index: int) -> None:
        spec = self.parts.spec(index)
        if index == self.parts.reference and self._base is not None:
            seconds = base = self._base  # it was run in this round, and is long
        else:
            seconds, base = self._beside_reference(partial(self.calls.serial_seconds, spec))
        self.rounds.serial.setdefault(index, []).append(seconds / base)

    def _speedup(self, index: int, copies: int) -> None:
        speedup = self.calls.speedup(self.parts.spec(index), copies)
        self.rounds.speedup.setdefault((index, copies), []).append(speedup)

    def _empty(self, workers: int) -> None:
        few, few_base = self._beside_reference(partial(self.calls.empty_seconds, workers, 0))
        many, many_base = self._beside_reference(partial(self.calls.empty_seconds, workers, 1))
        ratios = few / few_base, many / many_base
        self.rounds.empty.setdefault(workers, []).append(ratios)

    def _whole(self, index: int) -> None:
        run = partial(self.calls.whole_seconds, self.parts.spec(index), self.parts.workers)
        seconds, base = self._beside_reference(run)
        self.rounds.whole.setdefault(index, []).append(seconds / base)
        self.rounds.whole_seconds.setdefault(index, []).append(seconds)

    def _all_cores(self, index: int) -> None:
        run = partial(self.calls.all_cores_seconds, self.parts.spec(index))
        seconds, base = self._beside_reference(run)
        self.rounds.all_cores.setdefault(index, []).append(seconds / base)

    def _own_way(self, pin: str) -> None:
        seconds, base = self._beside_reference(partial(self.calls.own_way_seconds, pin))
        self.rounds.own_way.setdefault(pin, []).append(seconds / base)

    def _beside_reference(self, run: Callable[[], float]) -> tuple[float, float]:
        """Seconds of *run* and of the reference right before or after it, in random order, so that
        a machine that gets slower changes no ratio. A long reference is run once a round: it is a
        mean over the drift itself, and all parts of a round share it."""
        if self._base is not None:
            return run(), self._base
        first = self.order.random() < 0.5
        base = self._reference() if first else 0.0
        seconds = run()
        return seconds, base or self._reference()

    def _reference(self) -> float:
        began = monotonic()
        base = self.calls.serial_seconds(self.parts.spec(self.parts.reference))
        if monotonic() - began > LONG_SECONDS:
            self._base = base
        self.rounds.reference_seconds.append(base)
        return base
