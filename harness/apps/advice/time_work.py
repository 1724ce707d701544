"""Time what a forecast rests on: the work at some chunk sizes, and the costs of the engine."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from harness.apps.advice.described_work import DescribedWork
from harness.apps.advice.ways_to_cut import auto_cut, ways_to_cut
from harness.reading.analysis.beyond.expected import Cuts, EmptyCalls, Work
from harness.reading.analysis.verdict.estimates import Floats
from harness.running.measure.own.own_calls import EMPTY_TASKS
from harness.running.measure.own.own_records import Cut, Rounds, Sample
from harness.running.measure.own.own_work import OwnWork

ROUNDS = 7
MOST_TIMED_CUTS = 6
"""The cuts between those that are timed are held out, for the check."""


class TimedWork(NamedTuple):
    """All that was timed of a work.

    Attributes
    ----------
    cuts : list of Cut
        They rise in their number of chunks; if *auto*, the last is Dask's own and stands apart.
    auto : bool
    timed_cuts : list of int
        Places in *cuts* of those that were timed.
    samples : list of Sample
        One for each of *timed_cuts*.
    reference : int
        Place in *cuts* of the one whose serial run is the unit.
    rounds : Rounds
    engine : EmptyCalls
    asked : int
        How many rounds were asked for; time may have ended them earlier.
    """

    cuts: list[Cut]
    auto: bool
    timed_cuts: list[int]
    samples: list[Sample]
    reference: int
    rounds: Rounds
    engine: EmptyCalls
    asked: int

    @property
    def unit(self) -> float:
        """Seconds of a serial run of the reference: all times of rounds are in this unit."""
        return float(np.median(self.rounds.reference_seconds))


def time_work(
    own: OwnWork,
    work: DescribedWork,
    *,
    workers: int,
    budget_seconds: float,
    memory_bytes: float,
    check: bool,
    check_all: bool,
    rounds: int,
) -> TimedWork:
    """Survey every cut, and time some of them and the engine.

    Parameters
    ----------
    own : OwnWork
        The processes that run the work.
    work : DescribedWork
    workers : int
        The most workers.
    budget_seconds : float
        About how long all rounds may take, the engine and the check left out.
    memory_bytes : float
        No cut that needs more is tried.
    check : bool
        Also run the whole at the cuts that are held out, or at all where none is.
    check_all : bool
        With *check*, run the whole at every cut.
    rounds : int
        Every part is timed in each of them.
    """
    cuts = _at_most(2 * MOST_TIMED_CUTS - 1, ways_to_cut(own, work, memory_bytes))
    timed = every_other(len(cuts))
    auto = auto_cut(own, work)
    copies = counts(workers)
    engines = sorted({1, workers})
    runs = len(timed) * (2 + sum(1 + p for p in copies)) + len(cuts) + 1 + 4 * len(engines)
    run_seconds = budget_seconds / (rounds * 2 * runs)  # twice: every run has an untimed one
    samples = [own.sample(cuts[i], run_seconds) for i in timed]
    reference, _ = min(zip(timed, samples), key=lambda pair: pair[1].serial_seconds)
    all_cuts = [*cuts, *([auto] if auto else [])]
    checked = [i for i in range(len(cuts)) if i not in timed or check_all] or timed
    measured = own.rounds(
        all_cuts,
        timed,
        reference,
        at_once=copies,
        engines=engines,
        whole=checked if check else [],
        workers=workers,
        rounds=rounds,
    )
    engine = EmptyCalls(EMPTY_TASKS, {p: np.array(each) for p, each in measured.empty.items()})
    return TimedWork(
        all_cuts, auto is not None, timed, samples, reference, measured, engine, rounds
    )


def _at_most(count: int, cuts: list[Cut]) -> list[Cut]:
    """Take *count* of the cuts, evenly spread, where there are more."""
    if len(cuts) <= count:
        return cuts
    return [cuts[i] for i in np.linspace(0, len(cuts) - 1, count).round().astype(int)]


def every_other(n: int) -> list[int]:
    """The places of every other one of *n* cuts, and of both ends."""
    return sorted({*range(0, n, 2), n - 1})


def counts(workers: int) -> list[int]:
    """Numbers of copies to run at once: by factors of two up to *workers*."""
    powers = [2**power for power in range(1, max(1, workers).bit_length()) if 2**power < workers]
    return [*powers, workers] if workers > 1 else []


def forecast_parts(work: DescribedWork, timed: TimedWork) -> tuple[Cuts, Work]:
    """Arrange what was timed as the forecast takes it, in units of the reference.

    Where the seconds of a chunk were given by hand, they stand for every round, and only what
    several copies at once do is measured, on a stand-in.
    """
    n = np.array([float(cut.n_chunks) for cut in timed.cuts])
    tasks = np.array([float(cut.n_tasks) for cut in timed.cuts])
    build = np.array([timed.rounds.build[i] for i in range(len(timed.cuts))]).T
    at = n[timed.timed_cuts]
    serial = np.array([timed.rounds.serial[i] for i in timed.timed_cuts]).T
    copies = sorted({p for _, p in timed.rounds.speedup})
    speedups = {
        p: np.array([timed.rounds.speedup[i, p] for i in timed.timed_cuts]).T for p in copies
    }
    if work.by_hand:
        elements = np.array([float(count) for count, _ in work.given])
        each = np.array([seconds / count for count, seconds in work.given])
        whole = np.interp(work.elements / at, elements, each) * work.elements
        serial = np.tile(whole / timed.unit, (ROUNDS, 1))
    return Cuts(n, tasks, build, _gather(timed, n)), Work(at, serial, speedups)


def forecast_range(work: DescribedWork, timed: TimedWork) -> tuple[float, float]:
    """Fewest and most chunks that can be forecast: nothing is extrapolated (rule 28)."""
    chunks = [timed.cuts[i].n_chunks for i in timed.timed_cuts]
    low, high = float(min(chunks)), float(max(chunks))
    if work.by_hand and len(work.given) > 1:
        low = max(low, math.floor(work.elements / work.given[-1][0]))
        high = min(high, math.ceil(work.elements / work.given[0][0]))
    return low, high


def _gather(timed: TimedWork, n: Floats) -> Floats:
    """The time to put the answer together at *n* chunks; 0 where no cut was run wholly."""
    known = [
        (float(timed.cuts[i].n_chunks), sample.gather_seconds)
        for i, sample in zip(timed.timed_cuts, timed.samples)
        if sample.gather_seconds is not None
    ]
    if not known:
        return np.zeros(len(n))
    at, seconds = (np.array(column) for column in zip(*known))
    return np.asarray(np.interp(n, at, seconds) / timed.unit, dtype=np.float64)
