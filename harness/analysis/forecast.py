"""Forecasts by the overhead model of rule 24, from parts that were measured one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from harness.analysis.empty import empty_rounds
from harness.analysis.estimates import Floats
from harness.analysis.fit import Sweep, predicted
from harness.records import Verdict

DRAWS = 400
LEVEL = 0.95
EQUAL_MARGIN = 0.05
"""Within this of 1 a ratio counts as equal (rule 20)."""
NOT_WORSE = 1.05
"""A chunk is as good as the best where it takes at most this many times as long (rule 22)."""


class Cuts(NamedTuple):
    """Ways to cut the work; each of shape (cuts,), the number of chunks rising."""

    n_chunks: Floats
    n_tasks: Floats
    build_seconds: Floats
    gather_seconds: Floats


class Work(NamedTuple):
    """Cuts that were timed, rising in the number of chunks.

    ``n_chunks`` has the shape (timed,), ``serial_seconds`` (rounds, timed), and so has each of
    ``speedups``, number of copies at once to ``S``.
    """

    n_chunks: Floats
    serial_seconds: Floats
    speedups: Mapping[int, Floats]


class Engine(NamedTuple):
    """Costs of an engine, number of workers to the rounds: ``c0`` in s, and s for each task."""

    fixed: Mapping[int, Floats]
    per_task: Mapping[int, Floats]


class Forecast(NamedTuple):
    """``seconds`` and ``serial`` have the shape (1 + draws, workers, cuts) and (1 + draws,); the
    first of the draws is what all rounds say."""

    workers: tuple[int, ...]
    seconds: Floats
    serial: Floats

    def interval(self, worker: int, cut: int) -> tuple[float, float, float]:
        """Point, low and high of the time in s."""
        return ends(self.seconds[:, worker, cut])

    def speedup(self, worker: int, cut: int) -> tuple[float, float, float]:
        """Point, low and high of ``T1/TP``."""
        return ends(self.serial / self.seconds[:, worker, cut])


def ends(draws: Floats) -> tuple[float, float, float]:
    """The point, and an interval of the draws that holds it."""
    low, high = np.quantile(draws[1:], ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(draws[0]), float(min(low, draws[0])), float(max(high, draws[0]))


def forecast(
    cuts: Cuts,
    work: Work,
    engine: Engine,
    workers: Sequence[int],
    *,
    seed: int = 0,
    draws: int = DRAWS,
) -> Forecast:
    """``T(K,P) = c0 + B + max(K*s, K*o/P + W/S(P)) + I + G`` for each cut and number of workers.

    ``K`` tasks of ``n`` chunks; ``B`` what building the graph took, ``G`` what putting the answer
    together took, ``I = (ceil(n/P) - n/P)*W/n``. ``o`` is what the engine takes for a task with
    one worker, ``s`` with ``P`` of them. ``W`` and ``S`` are interpolated between the timed cuts,
    linearly in the logarithm of ``n`` (``W`` in its own logarithm as well); ``S`` and ``s``
    between the measured numbers of workers, linearly in ``P``. Nothing is extrapolated.

    Intervals are quantiles of a bootstrap over the rounds: they hold what the timed parts spread,
    not that the model may be wrong.

    Parameters
    ----------
    cuts : Cuts
        To forecast, within the range of *work*.
    work : Work
    engine : Engine
        For one worker and the most workers at least.
    workers : sequence of int
        Rising, within what *engine* and *work* have.
    """
    rng = np.random.default_rng(seed)
    rounds = len(work.serial_seconds)
    shape = (1 + draws, len(workers), len(cuts.n_chunks))
    seconds, serial = np.empty(shape), np.empty(shape[0])
    for i in range(shape[0]):
        rows = np.arange(rounds) if i == 0 else rng.integers(0, rounds, rounds)
        W = np.median(work.serial_seconds[rows], axis=0)
        serial[i] = W.min()
        total = np.exp(np.interp(np.log(cuts.n_chunks), np.log(work.n_chunks), np.log(W)))
        known = {p: np.median(each[rows], axis=0) for p, each in work.speedups.items()}
        costs = {p: (_drawn(engine.fixed[p], rng, i), _drawn(engine.per_task[p], rng, i))
                 for p in sorted(engine.fixed)}  # fmt: skip
        for j, p in enumerate(workers):
            S = np.interp(np.log(cuts.n_chunks), np.log(work.n_chunks), _between(known, p))
            c0, s = (_at(costs, p, part) for part in (0, 1))
            o = costs[min(costs)][1] if p > 1 else s
            waves = (np.ceil(cuts.n_chunks / p) - cuts.n_chunks / p) / cuts.n_chunks * total
            points = Sweep(cuts.n_tasks, total / S, waves, p)
            seconds[i, j] = (
                predicted(np.array([c0, s, o]), points) + cuts.build_seconds + cuts.gather_seconds
            )
    return Forecast(tuple(workers), seconds, serial)


def _drawn(values: Floats, rng: np.random.Generator, draw: int) -> float:
    return float(np.median(values if draw == 0 else rng.choice(values, values.size)))


def _between(known: Mapping[int, Floats], p: int) -> Floats:
    """``S(P)`` of each timed cut; 1 for one worker."""
    ones = np.ones_like(next(iter(known.values()))) if known else np.ones(1)
    at = {1: ones, **known}
    counts = sorted(at)
    values = np.stack([at[count] for count in counts])
    return np.array([np.interp(p, counts, column) for column in values.T])


def _at(costs: Mapping[int, tuple[float, float]], p: int, part: int) -> float:
    counts = sorted(costs)
    return float(np.interp(p, counts, [costs[count][part] for count in counts]))


def verdict(speedup: tuple[float, float, float]) -> Verdict:
    """What the interval of ``T1/TP`` says, in the order of rule 20."""
    _, low, high = speedup
    if low >= 1 / (1 + EQUAL_MARGIN) and high <= 1 + EQUAL_MARGIN:
        return Verdict.EQUAL
    if low > 1:
        return Verdict.PAYS
    return Verdict.OVERHEAD if high < 1 else Verdict.UNDETERMINED


def recommended(seconds: Floats) -> tuple[int, list[int]]:
    """The cut to take, and all that are not worse than the best by 5 % (rule 22): of these the one
    with most chunks, which keeps memory lowest.

    Parameters
    ----------
    seconds : ndarray of float, shape (cuts,)
        The number of chunks rising.
    """
    good = np.flatnonzero(seconds <= seconds.min() * NOT_WORSE)
    return int(good[-1]), [int(i) for i in good]


def engine_costs(
    pairs: pd.DataFrame, machine: str, executor: str, workers: Sequence[int]
) -> tuple[Engine, str] | None:
    """The costs that the newest empty-task sweep of this machine and executor says, and its run.

    From each round the line through the call of fewest and that of most tasks, by the time of
    computing alone: what building costs is measured with the work.

    Parameters
    ----------
    pairs : DataFrame
        Obeys ``schema.PAIRS``.
    workers : sequence of int
        All must have been measured, under pin 1; ``None`` where one was not.
    """
    rows = empty_rounds(pairs)
    rows = rows[rows["machine"].eq(machine) & rows["executor"].eq(executor) & rows["pin"].eq("1")]
    fixed: dict[int, Floats] = {}
    per_task: dict[int, Floats] = {}
    runs = []
    for p in workers:
        mine = rows[rows["workers"].eq(p)]
        if mine.empty:
            return None
        newest = str(mine["run"].max())
        table = mine[mine["run"].eq(newest)].pivot_table(
            index="round", columns="n_tasks", values="compute_seconds"
        )
        if len(table.columns) < 2:
            return None
        few, many = table.columns[0], table.columns[-1]
        both = table[[few, many]].dropna().to_numpy(np.float64)
        if not len(both):
            return None
        fixed[p], per_task[p] = line(both, int(few), int(many))
        runs.append(newest)
    return Engine(fixed, per_task), ", ".join(dict.fromkeys(runs))


def line(seconds: Floats, few: int, many: int) -> tuple[Floats, Floats]:
    """``c0`` and the cost of a task from calls of *few* and of *many* empty tasks.

    Parameters
    ----------
    seconds : ndarray of float, shape (rounds, 2)
    """
    slope = (seconds[:, 1] - seconds[:, 0]) / (many - few)
    return seconds[:, 0] - few * slope, slope


def ratio_error(forecast: float, measured: float) -> float:
    """How far a forecast is off, as a share of what was measured."""
    return forecast / measured - 1
