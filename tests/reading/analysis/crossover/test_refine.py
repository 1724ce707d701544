"""Which chunks are added to a grid, which confirmed, and what that saved: rules 21 and 22."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.apps.selftest.simulate import SIZE as SIMULATED
from harness.apps.selftest.simulate import cases, simulated
from harness.apps.selftest.simulated_counts import crossing_tasks
from harness.core.records import Group
from harness.reading.analysis.crossover.break_even import break_even
from harness.reading.analysis.crossover.refine import RESOLUTION, refine, refining_cost
from harness.reading.analysis.verdict.cases import cases as judged
from harness.reading.analysis.verdict.rounds import fresh, with_result
from harness.reading.ingest import read_results
from harness.running.measure.sweep.scripted import Planted

pytestmark = pytest.mark.simulation

SIZE = 1 << 20
ROUNDS = 20
TRUTH = Planted(work=0.1, fixed=0.002, serial=23e-6, parallel=10e-6, ceiling=1.9, noise=0.03)


def group(workload="random-sum", executor="scripted"):
    return Group(workload=workload, size=SIZE, executor=executor, workers=2, pin="1")


def rounds(d, noise=0.001):
    """Rounds around the *d* of each chunk."""
    steps = np.linspace(-noise, noise, ROUNDS)
    return {chunk: dict(enumerate(mean + steps)) for chunk, mean in d.items()}


def curve(crossing):
    """``log(T1/TP)`` that changes sign at the chunk *crossing*, and pays above it."""
    return lambda chunk: 0.5 * math.tanh(math.log(chunk / crossing))


@settings(deadline=None, max_examples=40)
@given(
    crossing=st.floats(50, 200_000),
    steps=st.lists(st.integers(1, 4), min_size=2, max_size=6),
)
def test_bisection_ends_with_the_crossing_between_near_neighbours(crossing, steps):
    """Wherever it is and however uneven the grid, in no more halvings than it takes."""
    chunks = np.unique(2 ** np.minimum(4 + np.cumsum([0, *steps]), 20)).tolist()
    d = {int(chunk): curve(crossing)(chunk) for chunk in chunks}
    shown = min(d.values()) < -0.06 and max(d.values()) > 0.06  # beyond the margin of equal
    widest = max(b / a for a, b in itertools.pairwise(chunks))
    most = math.ceil(math.log2(math.log(widest) / math.log(RESOLUTION))) + 2
    for _ in range(most + 1):
        more = refine(group(), rounds(d), None, "refine")
        if not more:
            break
        assert all(min(d) < chunk < max(d) and chunk not in d for chunk in more)
        d |= {chunk: curve(crossing)(chunk) for chunk in more}
    assert not more
    if shown:
        below = max(chunk for chunk in d if d[chunk] < 0)
        above = min(chunk for chunk in d if d[chunk] >= 0)
        fewest = math.ceil(SIZE / above)
        assert above / below <= RESOLUTION * 1.05 or math.ceil(SIZE / below) <= fewest + 1


def test_both_ends_of_the_useful_range_are_refined():
    d = {1 << 8: -0.5, 1 << 12: 0.3, 1 << 15: 0.4, 1 << 19: -0.3}
    small, large = refine(group(), rounds(d), None, "refine")
    assert 1 << 8 < small < 1 << 12
    assert 1 << 15 < large < 1 << 19


@pytest.mark.parametrize(
    ("d", "of"),
    [
        ({1 << 8: -0.5, 1 << 12: -0.2}, group()),
        ({1 << 8: 0.2, 1 << 12: 0.3}, group()),
        ({1 << 8: -0.5, 1 << 12: 0.3}, group("empty-task")),
        ({1 << 8: -0.5, 1 << 12: 0.3}, group(executor="serial-replay")),
        ({1 << 8: -0.5, 1 << 10: 0.3, 1 << 12: -0.4, 1 << 14: 0.5}, group()),
        ({1 << 8: -0.5}, group()),
        ({}, group()),
    ],
    ids=["never pays", "always pays", "no work", "no scheduler", "not monotone", "one", "none"],
)
def test_nothing_is_added_where_no_break_even_is_bracketed(d, of):
    assert refine(of, rounds(d), None, "refine") == []


def test_the_best_and_the_recommended_chunk_are_confirmed():
    d = {1 << 8: -0.5, 1 << 12: 0.29, 1 << 15: 0.3, 1 << 18: 0.1}
    assert refine(group(), rounds(d), None, "confirm") == [1 << 12, 1 << 15]


def test_rounds_after_the_last_look_reached_do_not_count():
    """Rule 18: with 10 rounds the first look at 8 is all there is."""
    late = {
        chunk: dict(enumerate([mean] * 8 + [-mean] * 2))
        for chunk, mean in {1 << 8: -0.5, 1 << 12: 0.3}.items()
    }
    assert len(refine(group(), late, [8, 12], "refine")) == 1


# --- what a refined sweep says


@pytest.fixture(scope="module")
def refined(tmp_path_factory):
    folder = tmp_path_factory.mktemp("refined")
    simulated(folder, cases([1 << k for k in (4, 8, 12, 16, 19)]), TRUTH, 1)
    results = read_results(folder)
    table = judged(results.pairs, results.blocks, results.runs)
    return results, table, break_even(table, results.pairs, results.runs).set_index("side")


def test_a_coarse_grid_gives_a_narrow_break_even(refined):
    """A ratio of 16 between the planned chunks, and an interval that has the truth."""
    _, _, edges = refined
    small = edges.loc["small"]
    true = SIMULATED / crossing_tasks(TRUTH, 1.0)
    assert small["status"] == "found"
    assert small["chunk_low"] <= true <= small["chunk_high"]
    assert small["chunk_high"] / small["chunk_low"] <= 1.4


def test_rounds_that_confirm_count_for_nothing_else(refined):
    """The best chunk has as many rounds as the others, and its fresh ones stand beside them."""
    results, table, edges = refined
    assert set(table["rounds"]) == {ROUNDS}
    best = edges.loc["best"]
    again = fresh(results.pairs)
    assert len(with_result(results.pairs)) + len(again) == len(results.pairs)
    mine = again[again["chunk"] == best["chunk"]]
    ratio = np.median(np.log(mine["serial_seconds"] / mine["parallel_seconds"]))
    assert best["fresh_speedup"] == pytest.approx(np.exp(ratio))
    assert best["fresh_speedup_low"] < best["fresh_speedup"] < best["fresh_speedup_high"]
    assert best["confirmed"]
    assert edges.loc["small":"large", "confirmed"].isna().all()


def test_a_best_chunk_that_was_luck_is_not_confirmed(refined):
    results, table, _ = refined
    pairs = results.pairs.copy()
    unlucky = pairs["purpose"].eq("confirm").fillna(False).to_numpy(bool)
    pairs.loc[unlucky, "parallel_seconds"] = 2 * pairs.loc[unlucky, "serial_seconds"]
    best = break_even(table, pairs, results.runs).set_index("side").loc["best"]
    assert not best["confirmed"]
    assert best["fresh_speedup"] == pytest.approx(0.5)


def test_an_undetermined_verdict_is_nothing_to_confirm(refined):
    """That the fresh rounds are undetermined as well confirms nothing."""
    results, table, edges = refined
    pairs = results.pairs.copy()
    first = edges.loc["best"]
    swing = np.where(pairs["round"].fillna(0).to_numpy(int) % 2, 2.0, 0.5)  # the same in all chunks
    pairs["parallel_seconds"] *= first["fresh_speedup"] * swing
    table = table.assign(verdict=table["verdict"].mask(table["verdict"].notna(), "undetermined"))
    best = break_even(table, pairs, results.runs).set_index("side").loc["best"]
    assert best["fresh_speedup_low"] < 1 < best["fresh_speedup_high"]
    assert pd.isna(best["confirmed"])


def test_what_was_saved_is_counted(refined):
    """Against an even grid from the smallest to the largest chunk, counted by hand."""
    results, _, edges = refined
    every = sorted(set(results.pairs["chunk"]))
    finest = max(min(b / a for a, b in itertools.pairwise(every)), RESOLUTION)
    full = 1 + math.ceil(math.log(2**15) / math.log(finest))
    assert set(edges["chunks_added"]) == {len(every) - 5}
    assert set(edges["pairs_saved"]) == {full * ROUNDS - len(results.pairs)}
    assert edges["pairs_saved"].iloc[0] > 0


def test_a_sweep_that_was_not_refined_saved_nothing(refined):
    results, _, _ = refined
    grid = results.pairs[results.pairs["purpose"].isna()]
    purpose = grid["purpose"].to_numpy(object, na_value=None)
    assert refining_cost(grid["chunk"].to_numpy(int), purpose) == (None, None)
    assert pd.isna(
        break_even(judged(grid, results.blocks, results.runs), grid, results.runs)["pairs_saved"]
    ).all()
