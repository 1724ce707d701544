"""METG against planted costs, and what is said where it lies beyond the grid: rule 23."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from harness.apps.selftest.drift import recorded_drift
from harness.apps.selftest.simulate import SIZE, cases, simulated
from harness.reading.analysis.crossover.grid import WITHOUT_WORK
from harness.reading.analysis.crossover.metg import MOST_EFFICIENCY, metg
from harness.reading.analysis.verdict.cases import cases as judged
from harness.reading.ingest import read_results, validate
from harness.running.measure.sweep.scripted import Planted
from harness.running.workloads import WORKLOADS
from tests.reading.analysis import planted
from tests.repeats import least, repeated

pytestmark = pytest.mark.simulation


def metg_of(folder):
    """The table of everything in *folder*."""
    results = read_results(folder)
    return metg(judged(results.pairs, results.blocks, results.runs), results.pairs, results.runs)


def of_journal(model, chunks, **changes):
    pairs, blocks, runs = planted.journal(model, chunks, **changes)
    return metg(judged(pairs, blocks, runs), pairs, runs)


def tasks_at(truth, target, workers):
    """Tasks at which the efficiency is *target*, by a root finder on the continuous model."""

    def excess(K):
        spread = K * truth.parallel / workers + truth.work / truth.ceiling
        ratio = (truth.fixed + max(K * truth.serial, spread)) / truth.work
        return ratio - 1 / (target * workers)

    return optimize.brentq(excess, 2.0, 1e7)


@repeated(few=4, full=30)
@pytest.mark.parametrize("workers", [2, 8])
@pytest.mark.parametrize(
    "truth",
    [
        Planted(work=0.1, fixed=0.0005, serial=23e-6, noise=0.03),
        Planted(work=0.1, fixed=0.0005, parallel=61e-6, noise=0.03),
    ],
    ids=["central", "workers"],
)
def test_the_planted_metg_is_recovered(tmp_path, truth, workers, repeats):
    """Rule 30: in units of T1, of 30 sweeps at least 26 have the truth in their interval (one that
    is right in 95 % fails that 2 times in 100); of fewer, what :func:`least` says."""
    needed = 26 if repeats == 30 else least(0.95, repeats)
    truth = replace(truth, ceiling=0.97 * workers)
    middle = SIZE / tasks_at(truth, 0.6, workers)
    chunks = sorted({round(middle * 2 ** (step / 2)) for step in range(-4, 6)})
    for seed in range(repeats):
        drifting = replace(truth, drift=recorded_drift(seed))
        simulated(tmp_path, cases(chunks, workers=workers), drifting, seed)
    table = validate("metg", metg_of(tmp_path))
    assert len(table) == 2 * repeats
    for target, rows in table.groupby("target"):
        true = 1 / (target * tasks_at(truth, target, workers))
        low, high = rows["over_baseline_low"].fillna(0), rows["over_baseline_high"].fillna(np.inf)
        assert ((low <= true) & (true <= high)).sum() >= needed
        if target == 0.5:  # 80 % lies where two cores are flat, a bound is then all there is
            assert rows["censored"].isna().mean() >= 0.9
        seconds = rows["over_baseline"] * rows["baseline_seconds"]
        assert np.allclose(rows["seconds"], seconds, equal_nan=True)


def test_at_two_workers_half_efficiency_is_the_break_even():
    """Rule 23: METG(50 %) at P = 2 is no second witness."""
    model = planted.Planted()
    row = of_journal(model, [1 << i for i in range(5, 15)]).iloc[0]
    assert row["over_baseline_low"] <= 2 * model.break_even() / planted.SIZE
    assert row["over_baseline_high"] >= 2 * model.break_even() / planted.SIZE


def test_reached_at_every_chunk_is_an_upper_bound():
    """Rule 28: METG below the grid is at most that of the smallest chunk, and has no point."""
    model = planted.Planted(s=1e-8, o=1e-8, c0=0.0)
    row = of_journal(model, [1 << 10, 1 << 12, 1 << 14]).iloc[0]
    assert row["censored"] == "below"
    assert pd.isna(row["seconds"])
    assert pd.isna(row["seconds_low"])
    assert row["over_baseline_high"] == pytest.approx(2 * (1 << 10) / planted.SIZE)


def test_missed_at_every_chunk_is_a_lower_bound():
    """A grid that ends where tasks are still too small leaves the METG above it."""
    model = planted.Planted(s=1e-3)
    row = of_journal(model, [1 << 8, 1 << 9, 1 << 10]).iloc[0]
    assert row["censored"] == "above"
    assert pd.isna(row["seconds"])
    assert pd.isna(row["seconds_high"])
    assert row["over_baseline_low"] == pytest.approx(2 * (1 << 10) / planted.SIZE)


def test_never_needs_one_task_a_worker_to_have_been_tried():
    """A fixed cost as large as the work: no granularity helps."""
    model = planted.Planted(c0=0.2)
    table = of_journal(model, [1 << 15, 1 << 17, planted.SIZE // 2])
    assert list(table["censored"]) == ["never", "never"]
    assert table[["seconds", "seconds_low", "seconds_high"]].isna().all(axis=None)


def test_a_target_between_two_efficiencies_is_never_reached_though_the_lower_one_is():
    """80 % is beyond a ceiling of 1.5 on two cores, 50 % is not."""
    model = planted.Planted(ceiling=1.5)
    table = of_journal(model, [1 << i for i in (*range(5, 15), 19)])
    assert table["seconds"].notna().tolist() == [True, False]
    assert table["censored"].iloc[1] == "never"


def test_an_efficiency_above_what_is_possible_gives_a_bound_alone():
    """The baseline is then no reference for the tasks: cache, or another algorithm."""
    chunks = [1 << i for i in range(5, 15)]
    factor = np.where(np.asarray(chunks) >= 1 << 13, 0.5, 1.0)
    row = of_journal(planted.Planted(), chunks, factor=factor).iloc[0]
    assert row["censored"] == "below"
    assert pd.isna(row["seconds"])
    assert f"above {MOST_EFFICIENCY}" in row["reason"]


def test_several_crossings_are_named_and_give_no_number():
    chunks = [1 << i for i in range(5, 15)]
    factor = np.where(np.asarray(chunks) == 1 << 11, 4.0, 1.0)
    row = of_journal(planted.Planted(), chunks, factor=factor).iloc[0]
    assert pd.isna(row["seconds"])
    assert pd.isna(row["censored"])
    assert row["reason"].startswith("not monotone")


def test_too_few_rounds_claim_nothing():
    table = of_journal(planted.Planted(), [1 << i for i in range(5, 15)], rounds=1)
    assert table[["seconds", "seconds_low", "seconds_high", "censored"]].isna().all(axis=None)
    assert table["reason"].notna().all()


def test_work_that_is_no_work_has_no_efficiency():
    """The empty task is a control (rule 3)."""
    pairs, blocks, runs = planted.journal(planted.Planted(), [1 << 8, 1 << 9, 1 << 10])
    pairs["workload"] = blocks["workload"] = "empty-task"
    pairs["workload"] = pairs["workload"].astype("string")
    assert metg(judged(pairs, blocks, runs), pairs, runs).empty


def test_no_rows_give_an_empty_table_of_the_schema():
    pairs, blocks, runs = planted.journal(planted.Planted(), [1 << 8, 1 << 9])
    empty = pairs.iloc[:0]
    assert validate("metg", metg(judged(empty, blocks, runs), empty, runs)).empty


def test_workloads_without_work_are_called_as_they_are_registered():
    """A misspelt one would be judged as if it had work."""
    assert set(WORKLOADS) >= WITHOUT_WORK
