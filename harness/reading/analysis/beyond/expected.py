"""Forecasts by the overhead model of rule 24, from parts that were measured one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from harness.core.records import Verdict
from harness.reading.analysis.models.predictors import Predictors, predicted
from harness.reading.analysis.verdict.estimates import Floats

DRAWS = 400
LEVEL = 0.95
EQUAL_MARGIN = 0.05
"""Within this of 1 a ratio counts as equal (rule 20)."""
NOT_WORSE = 1.05
"""A chunk is as good as the best where it takes at most this many times as long (rule 22)."""


class Cuts(NamedTuple):
    """Ways to cut the work, the number of chunks rising.

    ``n_chunks``, ``n_tasks`` and ``gather`` have the shape (cuts,), ``build`` (rounds, cuts).
    """

    n_chunks: Floats
    n_tasks: Floats
    build: Floats
    gather: Floats


class Work(NamedTuple):
    """Cuts that were timed, rising in the number of chunks.

    ``n_chunks`` has the shape (timed,), ``serial`` (rounds, timed), and so has each of
    ``speedups``, number of copies at once to ``S``.
    """

    n_chunks: Floats
    serial: Floats
    speedups: Mapping[int, Floats]


class EmptyCalls(NamedTuple):
    """How long calls of empty tasks took: one call of few tasks and one of many.

    Attributes
    ----------
    tasks : tuple of int
        Number of tasks of the two calls, the fewer first.
    times : mapping of int to ndarray of float, shape (rounds, 2)
        Number of workers to the times of the two calls.
    """

    tasks: tuple[int, int]
    times: Mapping[int, Floats]

    def costs(self, p: int) -> tuple[float, float]:
        """``c0`` and the cost of a task with *p* workers, from the medians over all rounds."""
        return line(np.median(self.times[p], axis=0), *self.tasks)


class Forecast(NamedTuple):
    """Forecast times of each cut with each number of workers.

    The first place of the leading axis holds the forecast from all rounds, the others hold those
    from resampled rounds.

    Attributes
    ----------
    workers : tuple of int
    times : ndarray of float, shape (1 + draws, workers, cuts)
        In the unit of the parts.
    serial : ndarray of float, shape (1 + draws,)
        The shortest serial time.
    """

    workers: tuple[int, ...]
    times: Floats
    serial: Floats

    def time(self, worker: int, cut: int) -> tuple[float, float, float]:
        """Point, low and high of the time, in the unit of the parts.

        Parameters
        ----------
        worker, cut : int
            Places in :attr:`workers` and among the cuts.
        """
        return ends(self.times[:, worker, cut])

    def speedup(self, worker: int, cut: int) -> tuple[float, float, float]:
        """Point, low and high of ``T1/TP``; see :meth:`time`."""
        return ends(self.serial / self.times[:, worker, cut])


def ends(draws: Floats) -> tuple[float, float, float]:
    """The point, and the 95 % interval of the draws, widened where it would miss the point.

    Parameters
    ----------
    draws : ndarray of float, shape (1 + draws,)
        The point first.
    """
    low, high = np.quantile(draws[1:], ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(draws[0]), float(min(low, draws[0])), float(max(high, draws[0]))


def forecast(
    cuts: Cuts,
    work: Work,
    engine: EmptyCalls,
    workers: Sequence[int],
    *,
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

    Intervals are quantiles of a bootstrap over the rounds: they hold what the timed parts spread,
    not that the model may be wrong.

    Parameters
    ----------
    cuts : Cuts
        To forecast, within the range of *work*.
    work : Work
    engine : EmptyCalls
        For one worker and the most workers at least.
    workers : sequence of int
        Rising, within what *engine* and *work* have.
    """
    rng = np.random.default_rng(seed)
    shape = (1 + draws, len(workers), len(cuts.n_chunks))
    times, serial = np.empty(shape), np.empty(shape[0])
    at, known = np.log(cuts.n_chunks), np.log(work.n_chunks)
    for i in range(shape[0]):
        W = _median(work.serial, rng, i)
        serial[i] = W.min()
        total = np.exp(np.interp(at, known, np.log(W)))
        build = _median(cuts.build, rng, i)
        speedups = {p: _median(each, rng, i) for p, each in work.speedups.items()}
        costs = {p: line(_median(engine.times[p], rng, i), *engine.tasks) for p in engine.times}
        for j, p in enumerate(workers):
            busy = np.minimum(p, cuts.n_chunks)  # fewer chunks than workers keep few of them busy
            S = np.array(
                [np.interp(x, known, _between(speedups, b, len(known))) for x, b in zip(at, busy)]
            )
            c0, s = (_at(costs, p, part) for part in (0, 1))
            o = costs[min(costs)][1]
            waves = (np.ceil(cuts.n_chunks / busy) - cuts.n_chunks / busy) / cuts.n_chunks * total
            at_p, none = np.full(len(waves), float(p)), np.zeros(len(waves), dtype=bool)
            points = Predictors(cuts.n_tasks, total / S, waves, at_p, none)
            times[i, j] = predicted(np.array([c0, s, o]), points) + build + cuts.gather
    return Forecast(tuple(workers), times, serial)


def _median(rounds: Floats, rng: np.random.Generator, draw: int) -> Floats:
    """The median over rounds; of resampled rounds in every draw but the first."""
    rows = np.arange(len(rounds)) if draw == 0 else rng.integers(0, len(rounds), len(rounds))
    return np.asarray(np.median(rounds[rows], axis=0), dtype=np.float64)


def _between(known: Mapping[int, Floats], p: float, timed: int) -> Floats:
    """``S(P)`` of each timed cut, shape (timed,), between the numbers of workers that are known."""
    at = {1: np.ones(timed), **known}
    counts = sorted(at)
    values = np.stack([at[count] for count in counts])
    return np.array([np.interp(p, counts, column) for column in values.T])


def _at(costs: Mapping[int, tuple[float, float]], p: int, part: int) -> float:
    counts = sorted(costs)
    return float(np.interp(p, counts, [costs[count][part] for count in counts]))


def verdict(speedup: tuple[float, float, float]) -> Verdict:
    """The verdict that an interval of ``T1/TP`` allows, tested in the order of rule 20.

    Parameters
    ----------
    speedup : tuple of float
        Point, low and high.
    """
    _, low, high = speedup
    if low >= 1 / (1 + EQUAL_MARGIN) and high <= 1 + EQUAL_MARGIN:
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


def line(times: Floats, few: int, many: int) -> tuple[float, float]:
    """``c0`` and the cost of a task, by a line through calls of *few* and of *many* empty tasks.

    Through the medians of both rather than the median of lines: between *few* and *many* tasks it
    is then never below 0, whatever single rounds did.

    Parameters
    ----------
    times : ndarray of float, shape (2,)
        Of the call of few tasks and of the call of many, in any unit.
    few, many : int
        Numbers of tasks.

    Returns
    -------
    tuple of float
        In the unit of *times*.
    """
    slope = float(times[1] - times[0]) / (many - few)
    return float(times[0]) - few * slope, slope
