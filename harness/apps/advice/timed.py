"""Time what a forecast rests on: the work at some chunk sizes, and what the engine costs."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from harness.apps.advice.work import OneWork, auto_cut, cuts
from harness.reading.analysis.beyond.expected import Cuts, Engine, Work
from harness.reading.analysis.verdict.estimates import Floats
from harness.running.measure.own.own_calls import EMPTY_TASKS
from harness.running.measure.own.own_records import Cut, Rounds, Sample
from harness.running.measure.own.own_work import OwnWork

ROUNDS = 7
MOST_CUTS = 6
"""That are timed; those between are for the check."""


class Timed(NamedTuple):
    """All that is known of the work.

    ``cuts`` rise in their number of chunks, but for the last, if ``auto``: that of Dask. ``timed``
    and ``reference`` are places among them, and ``samples`` belong to ``timed``.
    """

    cuts: list[Cut]
    auto: bool
    timed: list[int]
    samples: list[Sample]
    reference: int
    rounds: Rounds
    engine: Engine
    asked: int
    """Rounds."""

    @property
    def unit(self) -> float:
        """Seconds of the reference, the unit of all that was timed in rounds."""
        return float(np.median(self.rounds.reference_seconds))

    @property
    def held_out(self) -> list[int]:
        """Cuts that could have been timed and were not."""
        return [i for i in range(len(self.cuts) - self.auto) if i not in self.timed]


def timed(
    own: OwnWork,
    work: OneWork,
    workers: int,
    budget_seconds: float,
    memory_bytes: float,
    check: bool,
    check_all: bool,
    count: int,
) -> Timed:
    """Survey every cut, and time some of them and the engine in *count* rounds for about
    *budget_seconds*; where
    *check*, also the whole at the cuts held out, or at all where none is or *check_all*."""
    found = cuts(own, work, memory_bytes)
    if len(found) > 2 * MOST_CUTS - 1:
        kept = np.linspace(0, len(found) - 1, 2 * MOST_CUTS - 1).round().astype(int)
        found = [found[i] for i in kept]
    chosen = trained(len(found))
    auto = auto_cut(own, work)
    copies = counts(workers)
    engines = sorted({1, workers})
    runs = len(chosen) * (2 + sum(1 + p for p in copies)) + len(found) + 1 + 4 * len(engines)
    most = budget_seconds / (count * 2 * runs)  # each once untimed
    samples = [own.sample(found[i], most) for i in chosen]
    reference = min(zip(chosen, samples), key=lambda one: one[1].serial_seconds)[0]
    all_cuts = [*found, *([auto] if auto else [])]
    held = [i for i in range(len(found)) if i not in chosen or check_all] or chosen
    rounds = own.rounds(
        all_cuts,
        chosen,
        reference,
        at_once=copies,
        engines=engines,
        whole=held if check else [],
        workers=workers,
        rounds=count,
    )
    engine = Engine(EMPTY_TASKS, {p: np.array(each) for p, each in rounds.empty.items()})
    return Timed(all_cuts, auto is not None, chosen, samples, reference, rounds, engine, count)


def trained(n: int) -> list[int]:
    """Which of *n* cuts are timed: every other one, and both ends."""
    return sorted({*range(0, n, 2), n - 1})


def counts(workers: int) -> list[int]:
    """Numbers of copies at once: by factors of two up to *workers*."""
    powers = [2**power for power in range(1, max(1, workers).bit_length()) if 2**power < workers]
    return [*powers, workers] if workers > 1 else []


def parts(work: OneWork, found: Timed) -> tuple[Cuts, Work]:
    """*found* as the forecast takes it, in units of the reference.

    Where the seconds of a chunk were given by hand, they stand for every round, and only what
    several copies at once do is measured, on a stand-in.
    """
    n = np.array([float(cut.n_chunks) for cut in found.cuts])
    tasks = np.array([float(cut.n_tasks) for cut in found.cuts])
    build = np.array([found.rounds.build[i] for i in range(len(found.cuts))]).T
    at = n[found.timed]
    serial = np.array([found.rounds.serial[i] for i in found.timed]).T
    copies = sorted({p for _, p in found.rounds.speedup})
    speedups = {p: np.array([found.rounds.speedup[i, p] for i in found.timed]).T for p in copies}
    if work.by_hand:
        elements = np.array([float(count) for count, _ in work.given])
        each = np.array([seconds / count for count, seconds in work.given])
        whole = np.interp(work.elements / at, elements, each) * work.elements
        serial = np.tile(whole / found.unit, (ROUNDS, 1))
    return Cuts(n, tasks, build, _gather(found, n)), Work(at, serial, speedups)


def within(work: OneWork, found: Timed) -> tuple[float, float]:
    """Fewest and most chunks that can be forecast: nothing is extrapolated (rule 28)."""
    chunks = [found.cuts[i].n_chunks for i in found.timed]
    low, high = float(min(chunks)), float(max(chunks))
    if work.by_hand and len(work.given) > 1:
        low = max(low, math.floor(work.elements / work.given[-1][0]))
        high = min(high, math.ceil(work.elements / work.given[0][0]))
    return low, high


def _gather(found: Timed, n: Floats) -> Floats:
    """What putting the answer together takes; 0 where no cut was run wholly."""
    known = [
        (float(found.cuts[i].n_chunks), sample.gather_seconds)
        for i, sample in zip(found.timed, found.samples)
        if sample.gather_seconds is not None
    ]
    if not known:
        return np.zeros(len(n))
    at, seconds = (np.array(column) for column in zip(*known))
    return np.asarray(np.interp(n, at, seconds) / found.unit, dtype=np.float64)
