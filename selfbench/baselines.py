"""``python -m selfbench baselines``: what fewer runs of the baseline would save, and cost.

Simulated on the drift that ``chunkbench validate`` runs on: a case and its baseline back to back,
as chunkbench measures; one baseline for all cases of a round; and one between two cases, for both.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from math import log, sqrt
from statistics import fmean, median

from tabulate import tabulate

from harness.apps.selftest.drift import recorded_drift

NOISE = 0.03
"""Spread of the logarithm of a call, beside the drift."""
AROUND_SECONDS = 0.010
"""What passes between two calls."""
STEP_SECONDS = 0.02
"""The drift was recorded so often."""
ROUNDS = 8
FIRST_SEED = 900_000

GRIDS: dict[str, tuple[float, tuple[float, ...]]] = {
    "6 cases of 20 ms": (0.02, (0.02,) * 6),
    "6 cases of 100 ms": (0.1, (0.1,) * 6),
    "2 cases of 100 ms": (0.1, (0.1,) * 2),
    "6 cases ten times dearer": (0.02, (0.2,) * 6),
    "6 cases ten times cheaper": (0.2, (0.02,) * 6),
    "the exercise on a slow machine": (0.066, (15.0, 0.23, 0.09, 0.08, 0.066, 0.07, 0.1)),
}
"""Seconds of the baseline and of each case."""

Timed = Callable[[float], float]
"""A call of so many seconds; what it takes now."""
Compared = tuple[int, float]
"""A case by its number, and the logarithm of the baseline's time over its own."""


@dataclass(frozen=True)
class Saved:
    """One way beside pairs, as ratios.

    Attributes
    ----------
    grid, way : str
    wall : float
        Time for the same rounds.
    error : float
        Root mean square of the error of a case's median, after the same rounds.
    """

    grid: str
    way: str
    wall: float
    error: float

    @property
    def error_in_the_same_time(self) -> float:
        """Where the rounds that are saved are measured as well: errors fall with their root."""
        return self.error * sqrt(self.wall)


def pairs(
    serial: float, cases: Sequence[float], timed: Timed, order: random.Random
) -> list[Compared]:
    """One round as chunkbench measures it: which of a pair comes first is random."""
    found = []
    for case in order.sample(range(len(cases)), len(cases)):
        if order.random() < 0.5:
            base, took = timed(serial), timed(cases[case])
        else:
            took, base = timed(cases[case]), timed(serial)
        found.append((case, log(base / took)))
    return found


def one_a_round(
    serial: float, cases: Sequence[float], timed: Timed, order: random.Random
) -> list[Compared]:
    """One baseline, somewhere in the round."""
    places = order.sample(range(len(cases) + 1), len(cases) + 1)
    took = {place: timed(cases[place] if place < len(cases) else serial) for place in places}
    base = took.pop(len(cases))
    return [(case, log(base / seconds)) for case, seconds in took.items()]


def between_two(
    serial: float, cases: Sequence[float], timed: Timed, order: random.Random
) -> list[Compared]:
    """One baseline between each two cases, for both."""
    found = []
    places = iter(order.sample(range(len(cases)), len(cases)))
    for one in places:
        before = timed(cases[one])
        base = timed(serial)
        found.append((one, log(base / before)))
        for other in places:
            found.append((other, log(base / timed(cases[other]))))
            break
    return found


WAYS = {"one a round": one_a_round, "one between two": between_two}


def sweep(
    way: Callable[..., list[Compared]], serial: float, cases: Sequence[float], seed: int
) -> tuple[list[float], float]:
    """The error of each case's median after :data:`ROUNDS` rounds, and the seconds that passed."""
    drift, noise, order = recorded_drift(seed), random.Random(seed), random.Random(-seed)
    now = 0.0

    def timed(seconds: float) -> float:
        nonlocal now
        factors = [drift(now + step * STEP_SECONDS) for step in _steps(seconds)]
        took = seconds * fmean(factors) * noise.lognormvariate(0.0, NOISE)
        now += took + AROUND_SECONDS
        return took

    found: dict[int, list[float]] = {case: [] for case in range(len(cases))}
    for _ in range(ROUNDS):
        for case, ratio in way(serial, cases, timed, order):
            found[case].append(ratio - log(serial / cases[case]))
    return [median(errors) for errors in found.values()], now


def _steps(seconds: float) -> range:
    """Places in a call at which the drift is looked up: 40 at most."""
    whole = max(1, round(seconds / STEP_SECONDS))
    return range(0, whole, max(1, whole // 40))


def compared(sweeps: int) -> Iterator[Saved]:
    """Each way beside pairs, on each grid."""
    for grid, (serial, cases) in GRIDS.items():
        base_error, base_wall = _over_seeds(pairs, serial, cases, sweeps)
        for name, way in WAYS.items():
            error, wall = _over_seeds(way, serial, cases, sweeps)
            yield Saved(grid, name, wall / base_wall, error / base_error)


def _over_seeds(
    way: Callable[..., list[Compared]], serial: float, cases: Sequence[float], sweeps: int
) -> tuple[float, float]:
    done = [sweep(way, serial, cases, FIRST_SEED + number) for number in range(sweeps)]
    errors = [error for of_cases, _ in done for error in of_cases]
    return sqrt(fmean(error * error for error in errors)), fmean(wall for _, wall in done)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of ``baselines`` besides those of every benchmark here."""
    parser.add_argument("--sweeps", type=int, default=100, help="of each grid and way (100)")


def run(options: argparse.Namespace, table_format: str, say: Callable[[str], None]) -> str:
    """Simulate what *options* ask for, and lay it out."""
    say(f"{options.sweeps} sweeps of {len(GRIDS)} grids, each in {1 + len(WAYS)} ways")
    found = list(compared(options.sweeps))
    if options.json:
        rows = [{**asdict(s), "error_in_the_same_time": s.error_in_the_same_time} for s in found]
        options.json.write_text(json.dumps(rows, indent=1) + "\n")
    cells = [
        (s.grid, s.way, *(f"{x:.2f}" for x in (s.wall, s.error, s.error_in_the_same_time)))
        for s in found
    ]
    headers = ("cases", "baselines", "wall time", "error", "error in the same time")
    return tabulate(cells, headers, tablefmt=table_format, disable_numparse=True)
