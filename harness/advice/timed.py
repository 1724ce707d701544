"""Time what a forecast rests on: the work at some chunk sizes, and what the engine costs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from harness.advice.work import OneWork, auto_cut, cuts
from harness.analysis.estimates import Floats
from harness.analysis.forecast import Engine, Work, engine_costs, line
from harness.errors import InputError
from harness.ingest import read_results
from harness.measure.own_work import EMPTY_TASKS, Cut, OwnWork, Sampled

ROUNDS = 7
MOST_CUTS = 6
"""That are timed; those between are for the check."""


class Timed(NamedTuple):
    """All that is known of the work, the cuts rising in their number of chunks."""

    cuts: list[Cut]
    sampled: list[Sampled]
    auto: Cut | None
    engine: Engine
    costs_from: str


def timed(
    own: OwnWork,
    work: OneWork,
    workers: int,
    budget_seconds: float,
    memory_bytes: float,
    known: tuple[Engine, str] | None,
) -> Timed:
    """Survey every cut, and time some of them and the engine for about *budget_seconds*."""
    found = cuts(own, work, memory_bytes)
    if len(found) > 2 * MOST_CUTS - 1:
        kept = np.linspace(0, len(found) - 1, 2 * MOST_CUTS - 1).round().astype(int)
        found = [found[i] for i in kept]
    chosen = [found[i] for i in trained(len(found))]
    copies = counts(workers)
    calls = ROUNDS * len(chosen) * (1 + sum(1 + p for p in copies))
    sampled = own.sampled(chosen, copies, ROUNDS, budget_seconds / calls)
    if known is None:
        few, many = EMPTY_TASKS
        fixed, per_task = {}, {}
        for p in sorted({1, workers}):
            rounds = np.array(own.empty(p, ROUNDS), dtype=np.float64)
            fixed[p], per_task[p] = line(rounds, few, many)
        engine, costs_from = Engine(fixed, per_task), "measured now with empty tasks"
    else:
        engine, costs_from = known[0], f"by the empty tasks of run {known[1]}"
    return Timed(found, sampled, auto_cut(own, work), engine, costs_from)


def trained(n: int) -> list[int]:
    """Which of *n* cuts are timed: every other one, and both ends."""
    return sorted({*range(0, n, 2), n - 1})


def counts(workers: int) -> list[int]:
    """Numbers of copies at once: by factors of two up to *workers*."""
    powers = [2**power for power in range(1, max(1, workers).bit_length()) if 2**power < workers]
    return [*powers, workers] if workers > 1 else []


def measured_work(work: OneWork, found: Timed) -> Work:
    """The timed part of *found* as the forecast takes it.

    Where the seconds of a chunk were given by hand, they stand for every round, and only what
    several copies at once do is measured, on a stand-in.
    """
    n = np.array([one.cut.n_chunks for one in found.sampled], dtype=np.float64)
    speedups = {
        p: np.array([one.speedups[p] for one in found.sampled], dtype=np.float64).T
        for p in (found.sampled[0].speedups if found.sampled else {})
    }
    serial = np.array([one.serial_seconds for one in found.sampled], dtype=np.float64).T
    if work.by_hand:
        elements = np.array([e for e, _ in work.given], dtype=np.float64)
        each = np.array([seconds / e for e, seconds in work.given])
        of_chunk = work.elements / n
        serial = np.tile(np.interp(of_chunk, elements, each) * work.elements, (ROUNDS, 1))
    return Work(n, serial, speedups)


def within(work: OneWork, found: Timed) -> tuple[float, float]:
    """Fewest and most chunks that can be forecast: nothing is extrapolated (rule 28)."""
    low, high = found.sampled[0].cut.n_chunks, found.sampled[-1].cut.n_chunks
    if work.by_hand and len(work.given) > 1:
        low = max(low, math.floor(work.elements / work.given[-1][0]))
        high = min(high, math.ceil(work.elements / work.given[0][0]))
    return low, high


def gather_seconds(found: Timed, n: Floats) -> Floats:
    """Seconds of putting the answer together for *n* chunks; 0 where no cut was run wholly."""
    known = [
        (float(one.cut.n_chunks), one.gather_seconds)
        for one in found.sampled
        if one.gather_seconds is not None
    ]
    if not known:
        return np.zeros(len(n))
    at, seconds = (np.array(column) for column in zip(*known))
    return np.asarray(np.interp(n, at, seconds), dtype=np.float64)


def known_costs(
    results: Path, machine: str, executor: str, workers: Sequence[int]
) -> tuple[Engine, str] | None:
    """The engine's costs by earlier runs in *results*; ``None`` where they are not there."""
    if not results.exists():
        return None
    try:
        pairs = read_results(results).pairs
    except InputError:
        return None
    return engine_costs(pairs, machine, executor, workers)
