"""Plan the sweep of a user's own work: how many of its items, which chunks, and in which order."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

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
STARTS = {
    "control": 2.0,
    "baseline": 2.0,
    "local threads": 2.0,
    "local interpreters": 2.0,
    "local processes": 3.0,
    "running cluster": 3.0,
}
"""What bringing an engine of this kind up and down takes, in starts of one process."""
CLUSTER_STARTS = 8.0
"""The same of any other kind."""
START_SHARE = 0.25
"""Of the budget, at most, for start-ups: where two of each engine take more there is one of each.
The answer holds for these start-ups alone either way (rule 12), and rounds are what decides it."""
ENOUGH_ROUNDS = 6
"""Rounds of a case that have a say: with fewer the interval is that of rule 19(a), and as wide as
few numbers make it."""
PAIR_LOOPS = 2.0
"""What a pair takes, in loops: the loop, and the engine's call, which is as long where nothing is
gained. Where they are short each is run once more, untimed."""
SHORT_SECONDS = 0.25
"""Calls of no more than this are run untimed before they are timed, as
``harness.running.measure.process.timing.PRIMED_SECONDS`` says, which stands above this layer."""
PAIR_STARTS = 0.15
"""What a pair takes beside its calls, in starts of one process: calibration, messages, and waiting
for the engine to go quiet. Measured, as PAIR_LOOPS was, on two shared cores."""
LEAST_LOOP_SECONDS = 0.1
"""A loop that is measured lasts so long at the least, where there are items enough: in a shorter
one what a call costs by itself would stand for the work."""
HOPELESS = 2.0
"""An engine whose every warm-up call took so many times as long as the loop is not started again:
another start-up would not make it pay."""
SHARE = 0.85
"""Of what start-ups leave of the budget, for calls; the rest is for what lies between them."""
LEAST_EXECUTORS = 2
"""So many are tried, however short the budget is: threads and processes."""
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


class TryingCosts(NamedTuple):
    """What the choice of executors goes by.

    Attributes
    ----------
    start_seconds : float
        What it takes here now to start a process that imports this package.
    loop_seconds : float
        The loop that a pair is measured with.
    set_ups, cases : int
        Of each executor.
    """

    start_seconds: float
    loop_seconds: float
    set_ups: int
    cases: int

    def seconds(self, executor: str) -> float:
        """What *executor* takes for one start-up and rounds that have a say."""
        pair = PAIR_STARTS * self.start_seconds + pair_loops(self.loop_seconds) * self.loop_seconds
        starts = self.set_ups * starts_of(executor) * self.start_seconds
        return starts + (ENOUGH_ROUNDS + 1) * self.cases * pair  # warm-ups are about one pair

    def last(self, executors: Collection[str], budget_seconds: float) -> bool:
        """Whether the budget lasts for all *executors*."""
        return math.fsum(map(self.seconds, executors)) <= SHARE * budget_seconds


def n_chunks(item_seconds: float, *, whole: bool) -> int:
    """About how many chunks :func:`chunks_to_try` gives of a loop as it is measured."""
    return 2 if item_seconds >= SLOW_ITEM_SECONDS else 3 if whole else 2


class Chosen(NamedTuple):
    """Which executors a work is tried on.

    Attributes
    ----------
    first : list of str
        Those that are measured together, and those that cannot get the work and say so.
    promised : list of str
        Those that time is kept for after that: all others, or none.
    others : list of str
        Those that are tried where time is left in the end.
    """

    first: list[str]
    promised: list[str]
    others: list[str]

    @property
    def all(self) -> list[str]:
        """All of them, in the order of their turns."""
        return [*self.first, *self.promised, *self.others]


def chosen(
    executors: Sequence[str], unable: Collection[str], costs: TryingCosts, budget_seconds: float
) -> Chosen:
    """Choose which of *executors* a work is tried on, and when.

    One of each idiom comes first, as far as the budget lasts for them, two at the least. Time is
    kept for the others where it lasts for every one: else it is better spent on rounds.

    Parameters
    ----------
    executors : sequence of str
        In their order: the first of an idiom stands for it.
    unable : collection of str
        Those that cannot get the work: they cost nothing, and another one stands for their idiom.
    costs : TryingCosts
    budget_seconds : float
    """
    able = [name for name in executors if name not in unable]
    idioms = {lookup(name).tried: name for name in reversed(able)}
    left = SHARE * budget_seconds - costs.start_seconds * starts_of(SERIAL)
    first: list[str] = []
    for name in sorted(idioms.values(), key=able.index):
        if costs.seconds(name) <= left or len(first) < LEAST_EXECUTORS:
            left -= costs.seconds(name)
            first.append(name)
    others = [name for name in able if name not in first]
    lasts = math.fsum(map(costs.seconds, others)) <= left
    together = [name for name in executors if name in first or name in unable]
    return Chosen(together, others if lasts else [], [] if lasts else others)


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
    starts = start_seconds * set_ups_each * sum(map(starts_of, executors))
    return max(LEAST_SHARE * budget_seconds, SHARE * (budget_seconds - starts))


def pair_loops(loop_seconds: float) -> float:
    """What a pair takes, in loops of so many seconds."""
    return PAIR_LOOPS * (2 if loop_seconds <= SHORT_SECONDS else 1)


def starts_of(executor: str) -> float:
    """What a start-up of *executor* takes, in starts of one process."""
    return STARTS.get(lookup(executor).kind, CLUSTER_STARTS)


def sample_size(
    items: int,
    item_seconds: float,
    seconds: float,
    cases: int,
    workers: int,
    start_seconds: float = 0.0,
) -> int:
    """How many of so many *items* are measured: as many as leave time for rounds that have a say.

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
    start_seconds : float
        As in :class:`TryingCosts`.
    """
    pair = seconds / (cases * (ENOUGH_ROUNDS + 1)) - PAIR_STARTS * start_seconds
    loop = max(LEAST_LOOP_SECONDS, pair / pair_loops(pair / PAIR_LOOPS))
    each = 2 if 2 * workers * item_seconds <= loop * 2 else 1
    fits = math.floor(loop / max(item_seconds, 1e-9))
    return min(items, max(fits, each * workers))


def chunks_to_try(size: int, item_seconds: float, workers: int, *, whole: bool = True) -> list[int]:
    """Items a task, from one to all: the coarse grid, rising. Without the *whole* the last is one
    task for each worker: a single task can gain nothing, and shows what a call costs by itself."""
    each = math.ceil(size / workers)
    if item_seconds >= SLOW_ITEM_SECONDS:
        return sorted({1, each})
    least = max(1, math.ceil(size / MOST_TASKS))
    steps = max(1, round(math.log(max(each / least, 1.0)) / math.log(COARSE)))
    grid = {max(1, round(least * (each / least) ** (step / steps))) for step in range(steps + 1)}
    return sorted({*grid, size} if whole else set(grid))


def tried_cases(
    name: str,
    size: int,
    *,
    executors: Sequence[str],
    chunks: Sequence[int],
    workers: Sequence[int],
    pins: Sequence[str],
    there: Mapping[str, int] = MappingProxyType({}),
) -> list[Case]:
    """The cases of a work: what is tried, in order, then the loop itself at default threads.

    The plain loop on one native thread is every case's baseline; it is a case as well where
    ``serial`` is named.

    Parameters
    ----------
    there : mapping of str to int
        Executors whose workers are there already, and how many: they have no other number.

    Raises
    ------
    UnknownNameError
        For an executor that does not exist.
    """
    cases: list[Case] = []
    for executor in executors:
        if executor != SERIAL:
            counts = [there[executor]] if executor in there else workers
            cases += _cases(executor, name, size, counts, chunks, pins)
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
    each = start_seconds * sum(starts_of(each.executor) for each in set_ups)
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
    there: Mapping[str, int] = MappingProxyType({}),
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
        there=there,
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


def unable(executors: Sequence[str], unpicklable: dict[str, str | None]) -> dict[str, str]:
    """The *executors* whose workers cannot get the work, and why; see :func:`refused`."""
    reasons = {}
    for name in executors:
        executor = lookup(name)
        if executor.shares_items():
            continue
        why = unpicklable["pickle" if executor.plain_pickle else "cloudpickle"]
        if why is not None:
            reasons[name] = f"{why}: threads would do, or processes forked after it was made"
    return reasons


def refused(cases: Sequence[Case], unpicklable: dict[str, str | None]) -> dict[Case, str]:
    """The cases whose workers cannot get the work, and why.

    Parameters
    ----------
    cases : sequence of Case
    unpicklable : dict
        ``pickle`` and ``cloudpickle``, each to what it cannot take, or ``None``.
    """
    reasons = unable([case.executor for case in cases], unpicklable)
    return {case: reasons[case.executor] for case in cases if case.executor in reasons}
