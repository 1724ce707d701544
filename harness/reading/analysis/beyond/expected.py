"""Forecasts by the overhead model of rule 24, from parts that were measured one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from harness.core.records import Verdict
from harness.reading.analysis.beyond.part_draws import part_draws, tail
from harness.reading.analysis.beyond.timed_parts import (
    NOT_TIMED,
    Cuts,
    EmptyCalls,
    SerialWay,
    Work,
    lines,
)
from harness.reading.analysis.models.predictors import Predictors, predicted
from harness.reading.analysis.verdict.estimates import MIN_ROUNDS, Floats
from harness.reading.analysis.verdict.moderated import MIN_MODERATED

DRAWS = 2000
Ends = tuple[float, float | None, float | None]
"""A point, and the ends of its interval; ``None`` where the rounds are too few for one."""
EQUAL_MARGIN = 0.05
"""Within this of 1 a ratio counts as equal (rule 20)."""
NOT_WORSE = 1.05
"""A chunk is as good as the best where it takes at most this many times as long (rule 22)."""


class Forecast(NamedTuple):
    """Forecast times of each cut with each number of workers.

    The first place of the leading axis holds the forecast from all rounds, the others hold draws
    that spread as the rounds do; one round has none.

    Attributes
    ----------
    workers : tuple of int
    times : ndarray of float, shape (1 + draws, workers, cuts)
        In the unit of the parts.
    serial : ndarray of float, shape (1 + draws,)
        The baseline: the user's own serial way, or else the shortest serial time.
    all_cores : ndarray of float, shape (1 + draws,), or None
        The serial way with native threads on all cores.
    rounds : int
        That it rests on.
    """

    workers: tuple[int, ...]
    times: Floats
    serial: Floats
    all_cores: Floats | None
    rounds: int

    def time(self, worker: int, cut: int) -> Ends:
        """Point, low and high of the time, in the unit of the parts.

        Parameters
        ----------
        worker, cut : int
            Places in :attr:`workers` and among the cuts.
        """
        return ends(self.times[:, worker, cut], self.rounds)

    def speedup(self, worker: int, cut: int) -> Ends:
        """Point, low and high of ``T1/TP``; see :meth:`time`."""
        return ends(self.serial / self.times[:, worker, cut], self.rounds)

    def against_all_cores(self, worker: int, cut: int) -> Ends | None:
        """The same of the serial way on all cores over ``TP``; ``None`` where it was not timed."""
        if self.all_cores is None:
            return None
        return ends(self.all_cores / self.times[:, worker, cut], self.rounds)


def ends(draws: Floats, rounds: int) -> Ends:
    """The point, and the 95 % interval of the draws, widened where it would miss the point.

    Parameters
    ----------
    draws : ndarray of float, shape (1 + draws,)
        The point first.
    rounds : int
        That they rest on; one has no interval.
    """
    point = float(draws[0])
    if rounds < MIN_MODERATED or len(draws) == 1:
        return point, None, None
    low, high = np.quantile(draws[1:], (tail(rounds), 1 - tail(rounds)))
    return point, float(min(low, point)), float(max(high, point))


def forecast(
    cuts: Cuts,
    work: Work,
    engine: EmptyCalls,
    workers: Sequence[int],
    *,
    serial_way: SerialWay = NOT_TIMED,
    seed: int = 0,
    draws: int = DRAWS,
) -> Forecast:
    """``T(K,P) = c0 + B + max(K*s, K*o/P + W/S(P)) + I + G`` for each cut and number of workers.

    ``K`` tasks of ``n`` chunks; ``B`` building the graph, ``G`` putting the answer together,
    ``I = (ceil(n/P) - n/P)*W/n``. ``o`` is what the engine takes for a task with one worker, ``s``
    with ``P`` of them. ``W`` and ``S`` are interpolated between the timed cuts, linearly in the
    logarithm of ``n`` (``W`` in its own logarithm as well); ``S`` and ``s`` between the measured
    numbers of workers, linearly in ``P``. Where ``n < P``, only ``n`` workers have a chunk:
    ``S`` and ``I`` are then those of ``n``. Nothing is extrapolated. All parts are in one unit,
    that of ``T1`` as a rule: rounds of parts in seconds carry the drift of the machine.

    Intervals are quantiles of :func:`~harness.reading.analysis.beyond.part_draws.part_draws`: they
    hold what the timed parts spread, not that the model may be wrong.

    Parameters
    ----------
    cuts : Cuts
        To forecast, within the range of *work*.
    work : Work
    engine : EmptyCalls
        For one worker and the most workers at least.
    workers : sequence of int
        Rising, within what *engine* and *work* have.
    serial_way : SerialWay
        What the forecasts are compared with.
    """
    rng = np.random.default_rng(seed)
    rounds = len(cuts.build)
    draws = draws if rounds >= MIN_MODERATED else 0
    copies, counts = sorted(work.speedups), sorted(engine.times)
    own = [way for way in serial_way if way is not None]
    tables = [work.serial, cuts.build, *(work.speedups[p] for p in copies)]
    calls = [engine.times[p] for p in counts]
    W, build, *drawn = part_draws([*tables, *calls, *own], draws, rng)
    speedups = dict(zip(copies, drawn))
    costs = {p: lines(each, *engine.tasks) for p, each in zip(counts, drawn[len(copies) :])}
    ways = iter(drawn[len(copies) + len(counts) :])
    serial, all_cores = (None if way is None else next(ways).min(axis=1) for way in serial_way)
    between = _weights(np.log(cuts.n_chunks), np.log(work.n_chunks))
    total = np.exp(np.log(W) @ between.T)
    times = np.empty((len(W), len(workers), len(cuts.n_chunks)))
    for j, p in enumerate(workers):
        busy = np.minimum(p, cuts.n_chunks)  # fewer chunks than workers keep few of them busy
        S = _speedups_between(speedups, busy, between, len(W))
        at_p = _weights(np.array([float(p)]), np.array(counts, dtype=np.float64))[0]
        c0, s = (sum(w * costs[q][k] for w, q in zip(at_p, counts)) for k in (0, 1))
        model = np.stack([c0, s, costs[counts[0]][1]], axis=-1)
        waves = (np.ceil(cuts.n_chunks / busy) - cuts.n_chunks / busy) / cuts.n_chunks * total
        none = np.zeros(len(busy), dtype=bool)
        points = Predictors(cuts.n_tasks, total / S, waves, np.full(len(busy), float(p)), none)
        times[:, j] = predicted(model, points) + build + cuts.gather
    shortest = W.min(axis=1) if serial is None else serial
    return Forecast(tuple(workers), times, shortest, all_cores, rounds)


def _weights(at: Floats, known: Floats) -> Floats:
    """How much each of the *known* places counts for a linear interpolation at each place *at*,
    shape (at, known); *known* rises."""
    return np.stack([np.interp(at, known, unit) for unit in np.eye(len(known))], axis=-1)


def _speedups_between(
    speedups: Mapping[int, Floats], busy: Floats, between: Floats, draws: int
) -> Floats:
    """``S`` of each cut with *busy* workers, shape (draws, cuts), between the numbers of workers
    and the cuts that are known."""
    known = {1: np.ones((draws, between.shape[1])), **speedups}
    counts = sorted(known)
    at_busy = _weights(busy, np.array(counts, dtype=np.float64))
    each = np.stack([known[count] @ between.T for count in counts], axis=-1)
    return np.asarray((each * at_busy).sum(axis=-1), dtype=np.float64)


def verdict(speedup: Ends, rounds: int) -> Verdict:
    """The verdict that an interval of ``T1/TP`` allows, tested in the order of rule 20.

    Parameters
    ----------
    speedup : tuple of float
        Point, low and high; without ends nothing can be told.
    rounds : int
        That it rests on: ``equal`` needs 6.
    """
    _, low, high = speedup
    if low is None or high is None:
        return Verdict.UNDETERMINED
    equal = low >= 1 / (1 + EQUAL_MARGIN) and high <= 1 + EQUAL_MARGIN
    if equal and rounds >= MIN_ROUNDS:
        return Verdict.EQUAL
    if low > 1:
        return Verdict.PAYS
    return Verdict.OVERHEAD if high < 1 else Verdict.UNDETERMINED


def recommended(times: Floats) -> tuple[int, list[int]]:
    """The cut to take, and all cuts that are not worse than the best by 5 % (rule 22).

    Of these take the one with most chunks, which keeps memory lowest.

    Parameters
    ----------
    times : ndarray of float, shape (cuts,)
        The number of chunks rising.
    """
    good = np.flatnonzero(times <= times.min() * NOT_WORSE)
    return int(good[-1]), [int(i) for i in good]
