"""How often the table ``history`` shows a step in a flat series, and finds one of 20 %.

Run as ``python -m selfbench.false_steps``; prints what
``harness/reading/analysis/series/false_steps.py`` holds, and the table of docs/method.md. A series
is an AR(1) process with a spread of 5 % between runs; a step lies at a random place at least 3 runs
from the ends, and is found at most one run from its place.
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray

from harness.reading.analysis.series.false_steps import RUNS, TOGETHER
from harness.reading.analysis.series.steps import MIN_RUNS, steps

SPREAD, STEP = 0.05, float(np.log(1.2))


def flat_series(rng: np.random.Generator, runs: int, rho: float) -> NDArray[np.float64]:
    """Make the logarithms of a figure that does not change, shape (runs,)."""
    series = rng.normal(0, SPREAD, runs)
    for at in range(1, runs):
        series[at] = rho * series[at - 1] + np.sqrt(1 - rho**2) * series[at]
    return series


def shares(rng: np.random.Generator, runs: int, rho: float, series: int) -> tuple[float, float]:
    """Count false steps in flat series, and hits in as many with one step; both as shares."""
    false = hits = 0
    for _ in range(series):
        false += bool(steps(flat_series(rng, runs, rho)))
        stepped, place = (
            flat_series(rng, runs, rho),
            int(rng.integers(MIN_RUNS, runs - MIN_RUNS + 1)),
        )
        stepped[place:] += STEP * rng.choice([-1, 1])
        hits += any(abs(step - place) <= 1 for step in steps(stepped))
    return false / series, hits / series


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20261130)
    chosen = parser.parse_args()
    print("| runs | " + " | ".join(f"rho {rho:g}: false, found" for rho in TOGETHER) + " |")
    print("| --- |" + " --- |" * len(TOGETHER))
    rates = []
    for runs in RUNS:
        rng = np.random.default_rng([chosen.seed, runs])
        found = [shares(rng, runs, rho, chosen.series) for rho in TOGETHER]
        cells = [f"{100 * false:.1f} %, {100 * hits:.0f} %" for false, hits in found]
        print(f"| {runs} | {' | '.join(cells)} |", flush=True)
        rates.append(tuple(false for false, _ in found))
    print(*(f"    {row}," for row in rates), sep="\n")


if __name__ == "__main__":
    main()
