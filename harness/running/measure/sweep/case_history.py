"""What a sweep knows of one case so far."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from harness.core.records import Pair, Purpose, Status

Decide = Callable[[Sequence[float], Sequence[int], Sequence[Sequence[float]]], bool]
"""Whether a case with these ``log(T1/TP)``, one a round, may stop at a look of these looks, beside
those of the other cases on the same set-up (rule 19)."""


@dataclass
class CaseHistory:
    """The rounds of one case so far, and whether it goes on.

    Attributes
    ----------
    logs : dict of int to float
        ``log(T1/TP)`` by round, without the rounds that confirm.
    pilot_seconds : float or None
        What its first call took, or was expected to take.
    expected : bool
        Whether no such call was made: it would have been long.
    ended : bool
        Whether it was given up, or stopped at a look.
    stopped : bool
        Whether it was a look that ended it.
    purpose : Purpose or None
        What it was added for, where the plan does not have it.
    why : str or None
        Why it was added, in words for people.
    """

    logs: dict[int, float] = field(default_factory=dict)
    pilot_seconds: float | None = None
    expected: bool = False
    ended: bool = False
    stopped: bool = False
    purpose: Purpose | None = None
    why: str | None = None

    @property
    def is_guessed(self) -> bool:
        """Whether no call tells yet what it takes."""
        return self.expected and not self.logs

    def add(
        self,
        pair: Pair,
        looks: Sequence[int] | None,
        decide: Decide,
        others: Callable[[], Sequence[Sequence[float]]] = tuple,
        least: int = 0,
    ) -> None:
        """Take in one line of the journal; at a look, with what *others* are known then. No look at
        fewer than *least* rounds ends the case."""
        if pair.status is not Status.OK:
            self.ended = True
            return
        if pair.round is None or not pair.serial_seconds or not pair.parallel_seconds:
            return
        if not self.logs:  # the pilot may only have been expected
            self.pilot_seconds = pair.parallel_seconds
        self.logs[pair.round] = math.log(pair.serial_seconds / pair.parallel_seconds)
        if looks and len(self.logs) in looks and len(self.logs) >= least:
            self.look(looks, decide, others)

    def look(
        self,
        looks: Sequence[int],
        decide: Decide,
        others: Callable[[], Sequence[Sequence[float]]] = tuple,
    ) -> None:
        """Stop the case, or let it go on, by its rounds and by what *others* are known now."""
        self.ended = self.stopped = decide(self.in_order(), looks, others())

    def in_order(self) -> list[float]:
        """``log(T1/TP)`` of each round, in the order of the rounds."""
        return [self.logs[number] for number in sorted(self.logs)]
