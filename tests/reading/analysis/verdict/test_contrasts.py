"""Comparisons of cases of one run, with the truth planted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from harness.core.records import Machine, RunInfo
from harness.core.schema import dtypes
from harness.reading.analysis.verdict.cases import cases
from harness.reading.analysis.verdict.contrasts import contrasts
from tests.reading.analysis.planted import obey
from tests.repeats import repeated

pytestmark = pytest.mark.simulation

ROUNDS = 20


def run_of(planted, rounds=ROUNDS, seed=0, blocks=2, looks=None, noise=0.03, layouts=None):
    """A run with the planted seconds of each case, (workload, executor, workers, pin, chunk) to s.

    Each case has its own start-up and its own drift of the machine, which its baselines share.
    """
    rng = np.random.default_rng(seed)
    frames, starts = [], []
    for (workload, executor, workers, pin, chunk), seconds in planted.items():
        drift = np.cumsum(rng.normal(0, 0.1, rounds))
        group = {
            "machine": "planted",
            "run": "run",
            "suite": "planted",
            "profile": "planted",
            "workload": workload,
            "size": 1000,
            "executor": executor,
            "workers": workers,
            "pin": pin,
        }
        frames.append(
            pd.DataFrame(
                {
                    **group,
                    "chunk": chunk,
                    "n_tasks": 10,
                    "block": np.arange(rounds) * blocks // rounds,
                    "round": np.arange(rounds),
                    "parallel_seconds": seconds * np.exp(drift + rng.normal(0, noise, rounds)),
                    "serial_seconds": 0.1 * np.exp(drift + rng.normal(0, noise, rounds)),
                    "status": "ok",
                }
            )
        )
        processes, threads = (layouts or {}).get(executor, (1, workers))
        native = {"1": 1, "cores": 2, "default": 4}[pin]
        starts += [
            {
                **group,
                "block": block,
                "processes": processes,
                "threads_per_process": threads,
                "native_threads": native,
                "ceiling": 1.9,
            }
            for block in range(blocks)
        ]
    pairs = obey(pd.concat(frames, ignore_index=True), "pairs")
    machine = Machine(name="planted", cores_usable=2.0)
    info = RunInfo(run="run", suite="planted", profile="planted", looks=looks, machine=machine)
    return pairs, obey(pd.DataFrame(starts).drop_duplicates(), "blocks"), {"run": info}


def compared(planted, **changes):
    pairs, blocks, runs = run_of(planted, **changes)
    return contrasts(cases(pairs, blocks, runs), pairs, blocks, runs)


def persisting(ratio):
    case = ("dask-threads", 2, "1", 100)
    return {("persisted", *case): 0.1, ("recomputed", *case): 0.1 * ratio}


@repeated(few=12, full=100)
def test_a_planted_ratio_lies_in_its_interval_as_often_as_the_level_says(repeats):
    comparisons = pd.concat(compared(persisting(1.5), seed=seed) for seed in range(repeats))
    inside = comparisons["ratio_low"].le(1.5) & comparisons["ratio_high"].ge(1.5)
    assert inside.mean() >= 0.9
    assert set(comparisons["verdict"]) == {"faster"}
    assert (comparisons["ratio_high"] / comparisons["ratio_low"]).median() < 1.15


@repeated(few=15, full=200)
def test_cases_without_a_difference_are_seldom_told_apart(repeats):
    comparisons = pd.concat(
        compared(persisting(1.0), seed=seed, noise=0.06) for seed in range(repeats)
    )
    assert comparisons["verdict"].isin(["faster", "slower"]).mean() <= 0.08


def test_a_practice_is_compared_with_its_opposite_at_its_own_set_up_only():
    rows = {
        ("persisted", "dask-threads", 2, "1", 100): 0.1,
        ("recomputed", "dask-threads", 2, "1", 200): 0.1,
        ("recomputed", "dask-threads", 1, "1", 100): 0.1,
        ("recomputed", "thread-pool", 2, "1", 100): 0.1,
        ("huge-graph", "dask-threads", 2, "1", 100): 0.1,
    }
    assert compared(rows).empty


def test_each_pin_is_compared_with_pin_1_and_carries_what_was_read_back():
    rows = {("blas-product", "dask-threads", 4, pin, 100): s for pin, s in PINS.items()}
    comparisons = compared(rows).set_index("pin")
    assert list(comparisons.index) == ["cores", "default"]
    assert list(comparisons["native_threads"]) == [2, 4]
    assert list(comparisons["other_native_threads"]) == [1, 1]
    assert list(comparisons["verdict"]) == ["slower", "equal"]
    assert comparisons.loc["cores", "ratio"] == pytest.approx(1 / 1.5, rel=0.05)


PINS = {"1": 0.1, "cores": 0.15, "default": 0.1}


def test_threads_meet_processes_each_at_its_best_chunk():
    rows = {
        ("spin-task", "threads", 2, "1", 10): 0.2,
        ("spin-task", "threads", 2, "1", 100): 0.1,
        ("spin-task", "processes", 2, "1", 10): 0.05,
        ("spin-task", "processes", 2, "1", 100): 0.08,
        ("spin-task", "another", 2, "1", 10): 0.05,
        ("random-sum", "threads", 2, "1", 10): 0.05,
        ("random-sum", "processes", 2, "1", 10): 0.05,
    }
    layouts = {"processes": (2, 1), "another": (2, 2)}
    [row] = compared(rows, layouts=layouts).to_dict("records")
    assert (row["executor"], row["chunk"]) == ("threads", 100)
    assert (row["other_executor"], row["other_chunk"]) == ("processes", 10)
    assert row["ratio"] == pytest.approx(0.5, rel=0.06)
    assert row["verdict"] == "slower"


def test_planned_looks_are_respected():
    """Rule 18: what was measured after the last look that was reached is not used."""
    [row] = compared(persisting(1.5), rounds=15, looks=[8, 12]).to_dict("records")
    assert row["rounds"] == 12


def test_a_single_round_decides_nothing():
    """From two rounds on there is an interval (rule 19)."""
    [row] = compared(persisting(3.0), rounds=1).to_dict("records")
    assert row["verdict"] == "undetermined"
    assert pd.isna(row["ratio_low"])


def test_a_case_without_a_result_is_compared_with_nothing():
    pairs, blocks, runs = run_of(persisting(1.5))
    pairs.loc[pairs["workload"].eq("recomputed") & pairs["round"].eq(3), "status"] = "failed"
    assert contrasts(cases(pairs, blocks, runs), pairs, blocks, runs).empty


def test_the_table_obeys_its_schema_also_when_empty():
    for comparisons in (compared(persisting(1.5)), compared({("persisted", "x", 1, "1", 1): 0.1})):
        assert {name: str(kind) for name, kind in comparisons.dtypes.items()} == dtypes("contrasts")
