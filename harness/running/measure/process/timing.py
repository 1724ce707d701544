"""The one place where a call is timed."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any, NamedTuple

MINIMUM_SECONDS = 0.010
"""Shorter calls are timed in batches of whole calls (rule 13)."""
WARM_UPS = 2
ONE_WARM_UP_SECONDS = 1.0
"""A call of over so long is not run just to be warm (rule 14)."""
PRIMED_SECONDS = 0.25
"""Each of a pair is run once untimed right before its timed run, unless it takes longer than this.
Without it the second of a pair pays for what the first did to memory and caches: after a parallel
run that allocated on two threads the same baseline took 60 to 130 ms, instead of 27, every second
time."""


class Reading(NamedTuple):
    """What timing a batch gave; seconds are per whole call, ``begin`` and ``end`` of the batch."""

    seconds: float
    build_seconds: float
    compute_seconds: float
    begin: float
    end: float
    answers: list[Any]


def timed(build: Callable[[int], Any], run: Callable[[Any], Any], calls: int) -> Reading:
    """Time ``run(build(call))`` for *calls* calls as one batch.

    Parameters
    ----------
    build, run
        The two phases of one call; *build* gets the call's number within the batch.
    calls : int
        At least 1.
    """
    answers = []
    built = 0.0
    begin = perf_counter()
    for call in range(calls):
        start = perf_counter()
        plan = build(call)
        built += perf_counter() - start
        answers.append(run(plan))
    end = perf_counter()
    total = end - begin
    return Reading(total / calls, built / calls, (total - built) / calls, begin, end, answers)


def batch(seconds: float, least: float = MINIMUM_SECONDS) -> int:
    """Whole calls of *seconds* each that last at least *least* s together."""
    return max(1, -int(-least // max(seconds, 1e-9)))
