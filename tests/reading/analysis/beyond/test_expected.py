"""Forecasts from planted parts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.records import Verdict
from harness.reading.analysis.beyond.expected import forecast, recommended, verdict
from harness.reading.analysis.beyond.timed_parts import Cuts, EmptyCalls, SerialWay, Work, lines
from tests.repeats import repeated

ROUNDS = 9
C0, S_TASK, O_TASK = 0.01, 2e-4, 3e-4
SPEEDUP = 1.8
EMPTY = (1, 400)


def planted(n, tasks_a_chunk=2, noise=0.0, seed=0, count=ROUNDS):
    """Parts of a work that takes 1 in one chunk and n**0.1 in n, two workers."""
    rng = np.random.default_rng(seed)

    def rounds(values):
        return np.asarray(values) * np.exp(rng.normal(0, noise, (count, np.size(values))))

    n = np.asarray(n, float)
    cuts = Cuts(n, n * tasks_a_chunk, rounds(1e-5 * n), np.full(n.size, 0.002))
    timed = n[::2]
    work = Work(timed, rounds(timed**0.1), {2: rounds(np.full(timed.size, SPEEDUP))})
    costs = {1: O_TASK, 2: S_TASK}
    calls = {p: rounds([C0 + k * each for k in EMPTY]) for p, each in costs.items()}
    return cuts, work, EmptyCalls(EMPTY, calls)


def truth(n, workers):
    W, K = n**0.1, 2 * n
    rest = C0 + 1e-5 * n + 0.002
    if workers == 1:
        return rest + K * O_TASK + W
    if n == 1:  # one of the workers has nothing to do, and the other is as fast as alone
        return rest + max(K * S_TASK, K * O_TASK / 2 + W)
    wave = (math.ceil(n / 2) - n / 2) * W / n
    return rest + max(K * S_TASK, K * O_TASK / 2 + W / SPEEDUP) + wave


CHUNKS = (1, 3, 8, 25, 100, 400, 2000, 9000, 30_000)


def test_a_forecast_is_the_formula_also_between_the_timed_chunks():
    cuts, work, engine = planted(CHUNKS)
    made = forecast(cuts, work, engine, (1, 2), draws=10)
    for j, workers in enumerate((1, 2)):
        for i, n in enumerate(CHUNKS):
            point, low, high = made.time(j, i)
            assert point == pytest.approx(truth(n, workers), rel=1e-9)
            assert low == pytest.approx(point)
            assert high == pytest.approx(point)
    assert made.serial[0] == pytest.approx(1.0)


def test_the_serial_cost_binds_where_tasks_are_many():
    cuts, work, engine = planted(CHUNKS)
    made = forecast(cuts, work, engine, (2,), draws=2)
    assert made.times[0, 0, -1] == pytest.approx(truth(30_000, 2))
    assert 2 * 30_000 * S_TASK > 30_000 * O_TASK + 30_000**0.1 / SPEEDUP


@pytest.mark.parametrize(
    ("rounds", "widest"), [(2, 6.0), (3, 1.5), (5, 1.35), (6, 1.45), (9, 1.35)]
)
@repeated(few=30, full=300)
def test_intervals_cover_what_was_planted_under_noise(repeats, rounds, widest):
    """Of 95 % intervals of the time of 9 cuts at least 93 % hold the truth, however few rounds
    there were, and they are not so wide as to say nothing."""
    inside = []
    for seed in range(repeats):
        cuts, work, engine = planted(CHUNKS, noise=0.05, seed=seed, count=rounds)
        made = forecast(cuts, work, engine, (2,), draws=1000, seed=seed)
        for i, n in enumerate(CHUNKS):
            _, low, high = made.time(0, i)
            assert low is not None
            assert high is not None
            inside.append(low <= truth(n, 2) <= high)
            assert high / low < widest
    assert np.mean(inside) > 0.93


def test_one_round_has_no_interval_and_decides_nothing():
    cuts, work, engine = planted(CHUNKS, count=1)
    made = forecast(cuts, work, engine, (2,))
    point, low, high = made.speedup(0, 3)
    assert point == pytest.approx(1 / truth(CHUNKS[3], 2))
    assert (low, high) == (None, None)
    assert verdict((point, low, high), 1) is Verdict.UNDETERMINED


@pytest.mark.parametrize("rounds", [2, 5])
def test_few_rounds_that_agree_by_chance_have_no_interval_of_width_zero(rounds):
    cuts, work, engine = planted(CHUNKS, count=rounds)
    _, low, high = forecast(cuts, work, engine, (2,)).speedup(0, 3)
    assert low is not None
    assert high is not None
    assert high / low > 1.05


def test_the_users_own_serial_way_is_what_a_forecast_is_compared_with():
    cuts, work, engine = planted(CHUNKS)
    way = SerialWay(np.full((ROUNDS, 1), 0.5), np.full((ROUNDS, 2), [0.4, 0.3]))
    made = forecast(cuts, work, engine, (2,), serial_way=way)
    assert made.speedup(0, 3)[0] == pytest.approx(0.5 / truth(CHUNKS[3], 2))
    whole = made.against_all_cores(0, 3)
    assert whole is not None
    assert whole[0] == pytest.approx(0.3 / truth(CHUNKS[3], 2))
    assert forecast(cuts, work, engine, (2,)).against_all_cores(0, 3) is None


def test_more_workers_than_were_timed_are_between_the_counts_that_were():
    cuts, work, engine = planted(CHUNKS)
    work = work._replace(speedups={4: np.full_like(work.serial, 3.0)})
    engine = EmptyCalls(EMPTY, {1: engine.times[1], 4: engine.times[2]})
    times = forecast(cuts, work, engine, (1, 2, 3, 4), draws=2).times[0, :, 3]
    assert (np.diff(times) < 0).all()


@pytest.mark.parametrize(
    ("interval", "said"),
    [
        ((1.5, 1.2, 1.8), Verdict.PAYS),
        ((0.5, 0.4, 0.9), Verdict.OVERHEAD),
        ((1.01, 0.98, 1.03), Verdict.EQUAL),
        ((1.1, 0.9, 1.3), Verdict.UNDETERMINED),
    ],
)
def test_the_verdict_is_what_the_interval_says(interval, said):
    assert verdict(interval, ROUNDS) is said


def test_nothing_is_equal_below_six_rounds():
    assert verdict((1.01, 0.98, 1.03), 5) is Verdict.UNDETERMINED


@given(st.lists(st.floats(0.01, 100.0), min_size=1, max_size=12))
def test_the_recommended_cut_is_never_worse_than_the_best_by_5_per_cent(times):
    best, good = recommended(np.array(times))
    assert times[best] <= 1.05 * min(times)
    assert best == max(good)
    assert all(times[i] > 1.05 * min(times) for i in range(len(times)) if i not in good)


def test_the_line_goes_through_both_calls():
    [fixed], [each] = lines(np.array([[0.01, 0.10]]), 10, 100)
    assert fixed + 10 * each == pytest.approx(0.01)
    assert fixed + 100 * each == pytest.approx(0.10)


@given(st.lists(st.tuples(st.floats(0.001, 0.01), st.floats(0.01, 10.0)), min_size=1, max_size=7))
def test_no_time_is_below_zero_however_the_rounds_were_disturbed(calls):
    """A single call of many empty tasks held up by a busy machine must not make ``c0`` so low that
    few chunks take less than no time."""
    cuts, work, _ = planted((1, 2, 8, 100))
    engine = EmptyCalls(EMPTY, {p: np.array(calls) for p in (1, 2)})
    made = forecast(cuts, work, engine, (1, 2), draws=5)
    assert (made.times > 0).all()
