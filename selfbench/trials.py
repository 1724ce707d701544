"""A/A trials: measure one kernel beside itself, as a plain suite does and as we do."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

from harness.core.records import Verdict
from harness.running.measure.process.timing import timed
from harness.running.workloads.random_sum import draw_and_sum
from selfbench.rules import asv_verdict, is_false, our_verdict

ELEMENTS = 3_000_000
"""The exercise's kernel takes about 20 ms for so many."""
SAMPLES = 10
"""ASV takes so many of such a benchmark by default: two rounds of five."""
ROUNDS = 20
"""The profile ``exercise`` takes so many."""
TRIALS = 100
MOST_SECONDS = 150.0

ASV_ALONE = f"asv's statistics, {SAMPLES} samples a side"
ASV_COMPARE = f"asv compare, {SAMPLES} samples a side"
OURS_SHORT = f"{SAMPLES} pairs"
OURS = f"{ROUNDS} pairs"

Pairs = tuple[Sequence[float], Sequence[float]]


@dataclass(frozen=True)
class FalseVerdicts:
    """How many of *trials* gave a false verdict, by the name of the rule."""

    trials: int
    counts: Mapping[str, int]


def run_trials(
    *, trials: int = TRIALS, most_seconds: float = MOST_SECONDS, seed: int = 0
) -> FalseVerdicts:
    """Measure plain series and pairs by turns, so that both meet the same machine.

    Parameters
    ----------
    trials : int
        Series and pairs to measure, so many of each.
    most_seconds : float
        No trial is begun after this, whatever the trials before it showed.
    seed : int
        Decides the kernel's numbers and the order within the pairs.
    """
    order = random.Random(seed)
    until = monotonic() + most_seconds
    series: list[Pairs] = []
    pairs: list[Pairs] = []
    gc.freeze()  # else each collection would search all that is imported here, too
    try:
        _seconds(order)
        while len(pairs) < trials and monotonic() < until:
            series.append(_series(order))
            pairs.append(_pairs(order))
    finally:
        gc.unfreeze()
    return judged(series, pairs)


def judged(series: Sequence[Pairs], pairs: Sequence[Pairs]) -> FalseVerdicts:
    """Count the false verdicts of each rule.

    Parameters
    ----------
    series : sequence of (seconds, seconds)
        Two series of samples, one measured after the other; one entry a trial.
    pairs : sequence of (seconds, seconds)
        The two sides of pairs; one entry a trial, as many as *series*.
    """

    def count(rule: Callable[[Pairs], Verdict], measured: Sequence[Pairs]) -> int:
        return sum(is_false(rule(trial)) for trial in measured)

    return FalseVerdicts(
        len(pairs),
        {
            ASV_ALONE: count(lambda trial: asv_verdict(*trial, factor=1.0), series),
            ASV_COMPARE: count(lambda trial: asv_verdict(*trial), series),
            OURS_SHORT: count(
                lambda trial: our_verdict(trial[0][:SAMPLES], trial[1][:SAMPLES]), pairs
            ),
            OURS: count(lambda trial: our_verdict(*trial), pairs),
        },
    )


def _series(order: random.Random) -> Pairs:
    """Measure one series after the other, like ASV without collecting garbage in between."""
    sides = []
    for _ in range(2):
        gc.collect()
        gc.disable()
        try:
            _seconds(order)  # ASV warms up before it takes samples
            sides.append([_seconds(order) for _ in range(SAMPLES)])
        finally:
            gc.enable()
    return sides[0], sides[1]


def _pairs(order: random.Random) -> Pairs:
    """Measure both sides back to back in each round, in random order."""
    sides: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for side in order.sample((0, 1), 2):
            gc.collect()
            sides[side].append(_seconds(order))
    return sides


def _seconds(order: random.Random) -> float:
    seed = order.getrandbits(32)
    return timed(lambda call: seed, lambda drawn: draw_and_sum(drawn, 0, ELEMENTS), 1).seconds
