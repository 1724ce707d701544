"""The empty-task control in units of the work's T1."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.apps.selftest.simulate import EMPTY, SIZE, cases, simulated
from harness.reading.analysis.models.empty import beside_work, mean_ratio
from harness.reading.analysis.models.overhead_model import fits
from harness.reading.analysis.verdict.cases import cases as judged
from harness.reading.analysis.verdict.grouped_rounds import ok_rounds
from harness.reading.ingest import read_results
from harness.running.measure.sweep.scripted import Planted

pytestmark = pytest.mark.simulation

LONG, SHORT = 5.0, 0.2
TIMES = st.lists(st.floats(0.01, 100.0), min_size=2, max_size=12)


def begun(evenly_in_work, work, n=20_000, seed=0):
    """Seconds of calls of so much work on a machine that is half as fast for every other second."""
    rng = np.random.default_rng(seed)
    wall = np.linspace(0.0, 1000.0, 100_001)
    speed = np.where(wall.astype(int) % 2 == 0, 1.0, 0.5)
    done = np.concatenate(([0.0], np.cumsum(speed[:-1] * np.diff(wall))))
    if evenly_in_work:
        start = rng.uniform(0, done[-1] - LONG, n)
        begin = np.interp(start, done, wall)
    else:
        begin = rng.uniform(0, wall[-1] - 2 * LONG, n)
        start = np.interp(begin, wall, done)
    return (np.interp(start + work, done, wall) - begin)[None, :]


def measured(folder):
    """A sweep and its control without noise; making the empty calls takes 0.5 ms."""
    truth = Planted(work=0.1, fixed=0.002, serial=5e-6, parallel=40e-6, ceiling=1.9)
    swept = cases([2 ** (9 + step) for step in range(6)])
    control = cases([512, 4096, SIZE // 16, SIZE // 2], EMPTY)
    simulated(folder, swept + control, truth, 0, others={EMPTY: replace(truth, work=5e-4)})
    return read_results(folder)


def sides(read):
    """The rounds of the control, and those of the work."""
    ok = ok_rounds(read.pairs)
    return (
        next(ok.of_group(key) for key in ok.groups if (EMPTY in key) == same)
        for same in (True, False)
    )


@pytest.mark.parametrize(
    ("evenly_in_work", "order", "within"), [(True, 1.0, 0.005), (False, -1.0, 0.02)]
)
def test_the_mean_of_the_right_order_knows_no_length_of_calls(evenly_in_work, order, within):
    """What the docstring says of the ends of the range of orders, on a machine of two speeds."""
    own, serial = begun(evenly_in_work, SHORT), begun(evenly_in_work, LONG, seed=1)
    ratios = mean_ratio(own, serial, np.array([order, 0.0, -order]))
    assert ratios[0] == pytest.approx(SHORT / LONG, rel=within)
    assert abs(ratios[2] * LONG / SHORT - 1) > 0.03


@given(TIMES, TIMES, st.floats(-1, 1))
def test_the_ratio_is_that_of_power_means(own, serial, order):
    def power_mean(values):
        logs = np.log(values)
        if abs(order) < 1e-6:
            return np.exp(np.mean(logs))
        return np.mean(np.exp(order * logs)) ** (1 / order)

    if 0 < abs(order) < 1e-3:
        order = 0.0
    ratios = mean_ratio(np.array([own]), np.array([serial]), np.array([order]))
    assert ratios[0] == pytest.approx(power_mean(own) / power_mean(serial), rel=1e-9)


def test_what_was_not_measured_does_not_count():
    own, serial = np.array([[1.0, np.nan, 2.0]]), np.array([[np.nan, 4.0]])
    assert mean_ratio(own, serial, np.ones(1))[0] == pytest.approx(1.5 / 4)


def test_the_controls_own_work_is_not_taken_for_a_fixed_cost(tmp_path):
    """Making the empty calls takes a quarter of ``c0`` here; the truth has no noise."""
    read = measured(tmp_path)
    table = judged(read.pairs, read.blocks, read.runs)
    [row] = fits(table, read.pairs, read.blocks, read.runs).model.to_dict("records")
    assert row["fixed_seconds"] == pytest.approx(0.002, rel=1e-3)


def test_a_control_of_other_rounds_of_the_run_is_set_beside_the_work_all_the_same(tmp_path):
    """Workers that a sweep adds at its end have rounds of their own; the empty task has its."""
    empty, work = sides(measured(tmp_path))
    later = replace(work, round=work.round + 100)
    one, other = (beside_work(empty, each, same_run=True).ratios for each in (work, later))
    assert not np.isnan(other.values).any()
    assert np.allclose(one.values, other.values, rtol=1e-6)


def test_rounds_that_the_work_alone_has_do_not_move_the_unit(tmp_path):
    """Chunks that a sweep adds later are measured on a machine that may be half as fast by then."""
    empty, work = sides(measured(tmp_path))
    added = replace(
        work,
        round=work.round + 100,
        serial_seconds=2 * work.serial_seconds,
        parallel_seconds=2 * work.parallel_seconds,
    )
    both = replace(
        work,
        **{
            each.name: np.concatenate([getattr(work, each.name), getattr(added, each.name)])
            for each in fields(work)
        },
    )
    one, other = (beside_work(empty, each, same_run=True) for each in (work, both))
    assert np.array_equal(other.serial.rounds, other.own.rounds)
    assert np.array_equal(one.serial.values, other.serial.values)
    assert np.array_equal(one.ratios.values, other.ratios.values)
