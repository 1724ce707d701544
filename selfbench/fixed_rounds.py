"""The profile of a sweep that measures so many rounds of each case in one start-up, and no more."""

from __future__ import annotations

import math

from harness.running.plan.profiles import Profile


def fixed_rounds(name: str, rounds: int, limit_seconds: float) -> Profile:
    """The profile *name*; a call may take *limit_seconds*."""
    return Profile(
        name=name,
        blocks=(rounds,),
        looks=None,
        slow_seconds=math.inf,
        slow_rounds=rounds,
        most_seconds=math.inf,
        limit_seconds=limit_seconds,
        budget_seconds=None,
    )
