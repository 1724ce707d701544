"""The parts of a case's time against what was planted: rule 3."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from harness.apps.selftest.simulate import EMPTY, SIZE, cases, simulated
from harness.reading.analysis.models.controls import PARTS, controls
from harness.reading.analysis.verdict.cases import cases as judged
from harness.reading.ingest import read_results, validate
from harness.running.measure.sweep.scripted import Planted
from tests.reading.analysis import planted

pytestmark = pytest.mark.simulation

TRUTH = Planted(work=0.1, fixed=0.002, serial=23e-6, parallel=10e-6, ceiling=1.9, noise=0.02)
CHUNKS = [SIZE // 4001, SIZE // 1001, SIZE // 101, SIZE // 3]


def split(folder):
    results = read_results(folder)
    table = judged(results.pairs, results.blocks, results.runs)
    return validate("controls", controls(table, results.pairs, results.runs))


def of_journal(pairs, blocks, runs):
    return controls(judged(pairs, blocks, runs), pairs, runs)


def at(table, chunk):
    """The row of one chunk."""
    return table[table["chunk"] == chunk].iloc[0]


def sums(table):
    parts = [f"{name}_seconds" for name in PARTS]
    return table[parts].fillna(0).sum(axis=1) + table["remainder_seconds"]


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """One sweep with the empty task beside it."""
    folder = tmp_path_factory.mktemp("controls")
    both = cases(CHUNKS) + cases([SIZE // 4096, SIZE // 512, SIZE // 64, SIZE // 8], EMPTY)
    simulated(folder, both, TRUTH, 0, others={EMPTY: replace(TRUTH, work=1e-5)})
    return split(folder)


def test_the_parts_add_up_to_the_time_exactly(table):
    assert np.allclose(sums(table), table["seconds"], rtol=1e-12, atol=0)
    assert len(table) == len(CHUNKS)


def test_each_part_is_what_was_planted(table):
    """One scheduler binds at 4 001 tasks: it costs c0 + 4001*s."""
    row = at(table, CHUNKS[0])
    n = np.ceil(SIZE / CHUNKS[0])
    assert row["ideal_seconds_low"] <= 0.05 <= row["ideal_seconds_high"]
    assert row["ceiling_seconds"] == pytest.approx(0.1 / 1.9 - 0.05, rel=0.05)
    waves = (np.ceil(n / 2) - n / 2) * 0.1 / n
    assert row["imbalance_seconds"] == pytest.approx(waves, rel=0.05)
    assert row["scheduling_seconds"] == pytest.approx(0.002 + n * 23e-6, rel=0.05)


def test_what_is_hidden_behind_the_work_is_a_negative_remainder(table):
    """Nothing is clamped: scheduling that runs beside the work counts twice, and shows as such."""
    assert at(table, CHUNKS[0])["remainder_seconds"] == pytest.approx(-0.1 / 1.9, rel=0.1)


def test_the_last_wave_is_imbalance(table):
    """Three chunks on two workers: one of them idles for a third of the work."""
    row = at(table, CHUNKS[3])
    n = np.ceil(SIZE / CHUNKS[3])
    assert row["imbalance_seconds"] == pytest.approx(
        (np.ceil(n / 2) - n / 2) * 0.1 / n, rel=0.05, abs=1e-9
    )


def test_the_empty_task_is_read_within_its_grid_only(table):
    """Rule 28: three tasks are fewer than were tried empty."""
    row = at(table, CHUNKS[3])
    assert pd.isna(row["scheduling_seconds"])
    assert "does not reach this number of tasks" in row["reason"]


def test_chunking_is_the_replay_less_the_whole_shared_by_the_ceiling():
    pairs, blocks, runs = planted.journal(planted.Planted(), [1 << 8, 1 << 10, 1 << 12])
    pairs["replay_seconds"] = pairs["serial_seconds"] * 1.19
    row = of_journal(pairs, blocks, runs).iloc[0]
    t1 = np.median(pairs["serial_seconds"][pairs["chunk"] == 1 << 8])
    assert row["chunking_seconds"] == pytest.approx(0.19 * t1 / 1.9, rel=1e-9)
    assert row["chunking_seconds_low"] <= row["chunking_seconds"] <= row["chunking_seconds_high"]


def test_a_part_that_was_not_measured_is_absent_and_named():
    pairs, blocks, runs = planted.journal(planted.Planted(), [1 << 8, 1 << 10, 1 << 12])
    blocks["ceiling"] = np.nan
    table = of_journal(pairs, blocks, runs)
    absent = ["ceiling_seconds", "chunking_seconds", "scheduling_seconds"]
    assert table[absent].isna().all(axis=None)
    assert table["reason"].str.endswith(": ceiling, chunking, scheduling").all()
    assert np.allclose(sums(table), table["seconds"], rtol=1e-12, atol=0)


def test_the_spread_of_the_ceiling_enters_the_parts_that_rest_on_it(tmp_path):
    """Rule 3; the point and the other parts stay as they are."""
    simulated(tmp_path, cases(CHUNKS[1:]), TRUTH, 0)
    results = read_results(tmp_path)

    def with_samples(samples):
        blocks = results.blocks.assign(ceiling_samples=json.dumps(samples))
        known = judged(results.pairs, validate("blocks", blocks), results.runs)
        return controls(known, results.pairs, results.runs)

    sure = with_samples([1.9] * 7)
    unsure = with_samples([1.7, 1.75, 1.8, 1.9, 1.95, 2.0, 2.05])
    for name in ("ceiling_seconds", "chunking_seconds"):
        assert unsure[name].to_numpy() == pytest.approx(sure[name].to_numpy())
        assert (unsure[f"{name}_low"] < sure[f"{name}_low"]).all()
        assert (unsure[f"{name}_high"] > sure[f"{name}_high"]).all()
    for name in ("ideal_seconds_low", "imbalance_seconds_high"):
        assert (unsure[name] == sure[name]).all()
