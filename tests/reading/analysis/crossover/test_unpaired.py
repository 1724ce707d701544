"""METG and scaling of timings without pairs: known costs are found, and nothing is judged."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from harness.reading.analysis.crossover.unpaired import unpaired_metg, unpaired_scaling
from harness.reading.ingest.check import to_frame

COST, WORK, WORKERS = 10e-6, 1.0, 4
"""Each task costs so many seconds on top of its share of the work."""


def frame(rows):
    same = {"machine": "m", "run": "r", "suite": "s", "workload": "w", "paired": False}
    return to_frame("cases", [same | row for row in rows])


def timed(tasks, workers=WORKERS):
    """A case whose tasks cost :data:`COST` each, beside a perfectly shared work."""
    seconds = (WORK + COST * tasks) / workers
    return {
        "workers": workers,
        "chunk": 10**6 // tasks,
        "n_tasks": tasks,
        "seconds": seconds,
        "speedup": WORK / seconds,
        "efficiency": WORK / seconds / workers,
        "granularity_seconds": seconds * workers / tasks,
    }


def rows_of(table: pd.DataFrame) -> list[Any]:
    return list(table.itertuples())


def test_the_crossing_of_a_planted_cost_is_found_between_two_timings():
    """Efficiency 1/2 is where a task's work is its cost: 20 us in all."""
    table = unpaired_metg(frame([timed(n) for n in (1000, 20_000, 500_000)]))
    half, most = rows_of(table)
    assert half.seconds == pytest.approx(2 * COST)
    assert most.seconds == pytest.approx(5 * COST)
    assert "no interval and no verdict" in half.reason
    assert pd.isna(half.seconds_low)


def test_without_a_finer_task_metg_is_at_most_the_finest_and_without_a_good_one_never():
    coarse, _ = rows_of(unpaired_metg(frame([timed(10), timed(1000)])))
    assert coarse.censored == "below"
    assert coarse.seconds_high == pytest.approx(timed(1000)["granularity_seconds"])
    fine, _ = rows_of(unpaired_metg(frame([timed(400_000), timed(900_000)])))
    assert fine.censored == "never"


def test_less_work_that_took_longer_does_not_hide_the_finest_task_that_reaches_the_target():
    slow = timed(500_000) | {"efficiency": 0.01, "granularity_seconds": 1e-3}
    half, _ = rows_of(unpaired_metg(frame([timed(1000), timed(20_000), slow])))
    assert half.seconds == pytest.approx(timed(20_000)["granularity_seconds"])


def test_scaling_has_the_serial_fraction_and_no_ends():
    rows = [timed(100, workers) for workers in (1, 2, 4)]
    one, two, _ = rows_of(unpaired_scaling(frame(rows)))
    assert pd.isna(one.serial_fraction)  # one worker has none
    assert two.efficiency == pytest.approx(two.speedup / 2)
    assert unpaired_scaling(frame(rows[:1])).empty
