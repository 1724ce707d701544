"""Plan the sweep of a user's own work: how many of its items, which chunks, and in which order."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from harness.core.errors import UsageError
from harness.core.records import Case
from harness.running.executors import REGISTRY, lookup
from harness.running.executors.base import Executor
from harness.running.plan.executor_cases import executor_cases
from harness.running.plan.sweep import usable_workers

SERIAL, AS_WRITTEN = "serial", "as-written"
CHEAP_FIRST = ("local threads", "local processes", "cluster")
"""Kinds of engines, those first that start soonest."""
SLOW_ITEM_SECONDS = 0.02
"""From here on no engine's cost of a task matters: two chunks tell all there is."""
MOST_TASKS = 20_000
"""Of the finest chunk that is tried by itself."""
COARSE = 10.0
"""About the ratio of two chunks next to each other; where the verdict changes between them, the
sweep adds others."""
STARTS = {"control": 2.0, "baseline": 2.0, "local threads": 2.0, "local processes": 3.0}
"""What bringing an engine of this kind up and down takes, in starts of one process."""
CLUSTER_STARTS = 8.0
"""The same of any other kind."""
START_SHARE = 0.4
"""Of the budget, at most, for start-ups: where two of each engine take more there is one of each,
and the answer holds for these start-ups alone (rule 12)."""
PAIRS = 5.0
"""What a case takes in all at the least, in loops: warm-ups, and two rounds of a pair, of which
the engine's half is shorter, or not."""
SHARE = 0.85
"""Of what start-ups leave of the budget, for calls; the rest is for what lies between them."""
LEAST_SHARE = 0.3
"""Of the budget for calls, however long start-ups take: then not all engines get their turn."""


def installed(
    way: str = "tasks", missing: Callable[[type[Executor]], str | None] | None = None
) -> list[str]:
    """The executors that a work is tried on where none are named, those that start soonest first.

    Parameters
    ----------
    way : str
        How the work is to be run, one of their ways.
    missing : callable, optional
        Why one cannot run, where that is not asked of this Python.
    """
    known = [name for name in REGISTRY.names() if lookup(name).is_tried(missing)]
    able = [name for name in known if way in lookup(name).ways]
    return sorted(able, key=lambda name: CHEAP_FIRST.index(lookup(name).kind))


def calls_seconds(
    executors: Sequence[str], set_ups_each: int, start_seconds: float, budget_seconds: float
) -> float:
    """What one start-up of each set-up leaves of the budget for calls.

    Parameters
    ----------
    executors : sequence of str
    set_ups_each : int
        Numbers of workers times pins.
    start_seconds : float
        As in :func:`start_ups`.
    budget_seconds : float
    """
    starts = start_seconds * set_ups_each * sum(map(_starts, executors))
    return max(LEAST_SHARE * budget_seconds, SHARE * (budget_seconds - starts))


def _starts(executor: str) -> float:
    return STARTS.get(lookup(executor).kind, CLUSTER_STARTS)


def sample_size(items: int, item_seconds: float, seconds: float, cases: int, workers: int) -> int:
    """How many of so many *items* are measured: all where the time lasts for them.

    Parameters
    ----------
    items : int
    item_seconds : float
        What one takes in the plain loop.
    seconds : float
        What there is for calls.
    cases : int
        About how many cases there will be.
    workers : int
        The most workers: there is at least one item for each, or two, where that is no long loop.
    """
    loop = seconds / (PAIRS * cases)
    each = 2 if 2 * workers * item_seconds <= loop * 4 else 1
    fits = math.floor(loop / max(item_seconds, 1e-9))
    return min(items, max(fits, each * workers))


def chunks_to_try(size: int, item_seconds: float, workers: int) -> list[int]:
    """Items a task, from one to all: the coarse grid, rising."""
    each = math.ceil(size / workers)
    if item_seconds >= SLOW_ITEM_SECONDS:
        return sorted({1, each})
    least = max(1, math.ceil(size / MOST_TASKS))
    steps = max(1, round(math.log(max(each / least, 1.0)) / math.log(COARSE)))
    grid = {max(1, round(least * (each / least) ** (step / steps))) for step in range(steps + 1)}
    return sorted({*grid, size})


def tried_cases(
    name: str,
    size: int,
    *,
    executors: Sequence[str],
    chunks: Sequence[int],
    workers: Sequence[int],
    pins: Sequence[str],
) -> list[Case]:
    """The cases of a work: what is tried, in order, then the loop itself at default threads.

    The plain loop on one native thread is every case's baseline; it is a case as well where
    ``serial`` is named.

    Raises
    ------
    UnknownNameError
        For an executor that does not exist.
    """
    cases: list[Case] = []
    for executor in executors:
        if executor != SERIAL:
            cases += _cases(executor, name, size, workers, chunks, pins)
    loops = [pin for pin in pins if pin != "1" or SERIAL in executors]
    cases += executor_cases(
        SERIAL,
        name,
        size,
        workers=[1],
        chunks=[size],
        pins=list(dict.fromkeys([*loops, "default"])),
    )
    return list(dict.fromkeys(cases))


def _cases(
    executor: str,
    name: str,
    size: int,
    workers: Sequence[int],
    chunks: Sequence[int],
    pins: Sequence[str],
) -> list[Case]:
    """The cases of one executor; chunks that are larger than the whole are there as well, so that
    they are refused and not lost."""
    cases = executor_cases(
        executor, name, size, workers=workers, chunks=chunks, pins=pins, whole=size in chunks
    )
    groups = dict.fromkeys(case.group for case in cases)
    return [*cases, *(group.case(chunk) for group in groups for chunk in chunks if chunk > size)]


def start_ups(cases: Sequence[Case], start_seconds: float, budget_seconds: float) -> int:
    """How many start-ups of each engine the budget lasts for: one or two.

    Parameters
    ----------
    cases : sequence of Case
    start_seconds : float
        What it takes here now to start a process that imports this package.
    budget_seconds : float
    """
    set_ups = dict.fromkeys(case.group.set_up for case in cases)
    each = start_seconds * sum(_starts(each.executor) for each in set_ups)
    return 2 if 2 * each <= START_SHARE * budget_seconds else 1


def parts_to_try(
    takes: str | None, chunks: Sequence[int], default: int | None, workers: int
) -> tuple[int, list[int]]:
    """The size of a work whose function does the whole, and the chunks that are tried.

    Parameters
    ----------
    takes : str or None
        What the function calls the argument that says how its work is cut.
    chunks : sequence of int
        The values for it; empty for a choice of our own, or of its default.
    default : int or None
        Its default.
    workers : int
        The most workers: numbers of partitions are multiples of it.

    Raises
    ------
    UsageError
        Where there is no value to be given.
    """
    if takes is None:
        return 1, [1]
    if takes == "npartitions":
        several = [workers, 4 * workers, 16 * workers, 64 * workers]
        numbers = sorted({*(chunks or [*several, *([default] if default else [])])})
        size = math.lcm(*numbers)
        return size, sorted(size // number for number in numbers)
    values = sorted({*(chunks or ([default] if default else []))})
    if not values:
        raise UsageError(
            "the function needs chunks, and has no number as their default: give values to try, "
            "--chunks 500,1000"
        )
    return max(values), values


def whole_cases(
    name: str,
    size: int,
    *,
    executors: Sequence[str],
    chunks: Sequence[int],
    workers: Sequence[int],
    pins: Sequence[str],
) -> list[Case]:
    """The cases of a work whose function does the whole, as its user calls it first: under the pin
    ``default``, at least. Parameters and errors are those of :func:`tried_cases`."""
    cases = tried_cases(
        name,
        size,
        executors=[executor for executor in executors if executor != AS_WRITTEN],
        chunks=chunks,
        workers=workers,
        pins=pins,
    )
    if AS_WRITTEN in executors:
        own = pins if "default" in pins else ["default"]
        cases += _cases(AS_WRITTEN, name, size, [usable_workers()], chunks, own)
    return sorted(dict.fromkeys(cases), key=lambda case: case.executor != AS_WRITTEN)


def not_dasks(cases: Sequence[Case], returns: str) -> dict[Case, str]:
    """The cases that have nothing to compute, since the function has computed by itself."""
    return {
        case: f"the function returns {returns}, no Dask collection that could be computed on it"
        for case in cases
        if case.executor not in (SERIAL, AS_WRITTEN)
    }


def refused(cases: Sequence[Case], unpicklable: dict[str, str | None]) -> dict[Case, str]:
    """The cases whose workers cannot get the work, and why.

    Parameters
    ----------
    cases : sequence of Case
    unpicklable : dict
        ``pickle`` and ``cloudpickle``, each to what it cannot take, or ``None``.
    """
    reasons = {}
    for case in cases:
        executor = lookup(case.executor)
        if executor.shares_items():
            continue
        why = unpicklable["pickle" if executor.plain_pickle else "cloudpickle"]
        if why is not None:
            reasons[case] = f"{why}: threads would do, or processes forked after it was made"
    return reasons
