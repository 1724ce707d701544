"""How often ``chunkbench compare`` claims a difference where there is none, and finds a real one.

Run as ``python -m selfbench.compared_sides``; prints the tables of docs/method.md. A trial makes
two sides of some runs. A run has a luck of its own, which all of its cases share to one half of the
variance; each of its start-ups has one of 3 %, and a case in it an error of 1 % from its rounds.
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray

from harness.reading.analysis.verdict.comparison import DIFFERENT, LEVEL, side_values
from harness.reading.analysis.verdict.p_values import few_false
from harness.reading.analysis.verdict.two_means import welch

SPREADS = (0.02, 0.04, 0.08)
START_UP, ROUNDS = 0.03, 0.01
CASES = 60
CHANGED = 6
"""Cases of which side B takes longer by the planted factor."""

Floats = NDArray[np.float64]


def side(rng: np.random.Generator, spread: float, runs: int, start_ups: int) -> Floats:
    """Make the logarithms of a side, shape (cases, runs, start-ups)."""
    half = spread / np.sqrt(2)
    luck = rng.normal(0, half, (1, runs, 1)) + rng.normal(0, half, (CASES, runs, 1))
    shape = (CASES, runs, start_ups)
    return luck + rng.normal(0, START_UP, (1, *shape[1:])) + rng.normal(0, ROUNDS, shape)


def differs(a: Floats, b: Floats) -> NDArray[np.bool_]:
    """Which cases ``compare`` says to differ, shape (cases,)."""
    rows = [side_values(x, y) for x, y in zip(a.mean(axis=2), b.mean(axis=2), strict=True)]
    by_itself = np.array([row["difference"] in DIFFERENT for row in rows])
    return by_itself & few_false([row.get("p", np.nan) for row in rows], LEVEL)


def by_start_ups(a: Floats, b: Floats) -> NDArray[np.bool_]:
    """Which cases a rule says to differ that takes the start-ups of one run as replicates."""
    ends = [welch(x, y).interval(LEVEL) for x, y in zip(a[:, 0, :], b[:, 0, :], strict=True)]
    return np.array([low > 0 or high < 0 for low, high in ends])


def row(spread: float, trials: int, seed: int) -> list[str]:
    """Make a row of the table: shares of trials or cases, in per cent."""
    rng = np.random.default_rng([seed, round(spread * 1000)])
    before = [by_start_ups(side(rng, spread, 1, 8), side(rng, spread, 1, 8)) for _ in range(trials)]
    cells = [f"{spread:.0%}", _share(before), _any(before)]
    for runs in (1, 3, 5, 8):
        two = (runs, 2)
        flat = [differs(side(rng, spread, *two), side(rng, spread, *two)) for _ in range(trials)]
        step = np.zeros((CASES, 1, 1))
        step[:CHANGED] = np.log(1.2)
        real = [
            differs(side(rng, spread, *two), side(rng, spread, *two) + step)[:CHANGED]
            for _ in range(trials)
        ]
        cells.append(f"{_share(flat)}, {_any(flat)}, {_share(real)}")
    return cells


def _share(found: list[NDArray[np.bool_]]) -> str:
    return f"{100 * np.mean(found):.1f} %"


def _any(found: list[NDArray[np.bool_]]) -> str:
    return f"{100 * np.mean([each.any() for each in found]):.1f} %"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20261129)
    chosen = parser.parse_args()
    heads = ["spread between runs", "8 start-ups of a run as replicates: cases", "comparisons"]
    heads += [f"{runs} runs a side" for runs in (1, 3, 5, 8)]
    for cells in (
        heads,
        ["---"] * len(heads),
        *(row(s, chosen.trials, chosen.seed) for s in SPREADS),
    ):
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
