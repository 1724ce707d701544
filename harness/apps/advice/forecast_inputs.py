"""Arrange what was timed of a work as a forecast takes it."""

from __future__ import annotations

import math

import numpy as np

from harness.apps.advice.described_work import DescribedWork
from harness.apps.advice.time_work import TimedWork
from harness.reading.analysis.beyond.timed_parts import Cuts, SerialWay, Work
from harness.reading.analysis.verdict.estimates import Floats


def serial_way(timed: TimedWork) -> SerialWay:
    """Arrange what the forecasts are compared with as they take it."""
    own = {pin: np.array(each)[:, np.newaxis] for pin, each in timed.rounds.own_way.items()}
    on_all = np.array(list(timed.rounds.all_cores.values())).T
    return SerialWay(own.get("1"), own.get("cores", on_all if on_all.size else None))


def forecast_parts(work: DescribedWork, timed: TimedWork) -> tuple[Cuts, Work]:
    """Arrange what was timed as the forecast takes it, in units of the reference.

    Where the seconds of a chunk were given by hand, they stand as they are, and only what several
    copies at once do is measured, on a stand-in.
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
        serial = whole[np.newaxis] / timed.unit  # as said: one row has no spread
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
