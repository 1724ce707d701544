"""The one place where a call is timed."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any, NamedTuple

MINIMUM_SECONDS = 0.010
"""Shorter calls are timed in batches of whole calls (rule 13)."""


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
