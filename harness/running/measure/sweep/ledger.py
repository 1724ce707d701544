"""What a sweep knows of one case so far."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from harness.core.records import Pair, Purpose, Status

Decide = Callable[[Sequence[float], Sequence[int]], bool]
"""Whether a case with these ``log(T1/TP)``, one a round, may stop at a look of these looks."""


@dataclass
class History:
    """What is known of one case: its rounds so far, its pilot time, whether it goes on, and what it
    was added for, and why, where the plan does not have it."""

    logs: dict[int, float] = field(default_factory=dict)
    pilot_seconds: float | None = None
    ended: bool = False
    purpose: Purpose | None = None
    why: str | None = None

    def add(self, pair: Pair, looks: Sequence[int] | None, decide: Decide) -> None:
        """Take in one line of the journal."""
        if pair.status is not Status.OK:
            self.ended = True
            return
        if pair.round is None or not pair.serial_seconds or not pair.parallel_seconds:
            return
        if not self.logs:  # the pilot may only have been expected
            self.pilot_seconds = pair.parallel_seconds
        self.logs[pair.round] = math.log(pair.serial_seconds / pair.parallel_seconds)
        if looks and len(self.logs) in looks:
            ordered = [self.logs[number] for number in sorted(self.logs)]
            self.ended = decide(ordered, looks)
