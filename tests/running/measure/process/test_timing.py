"""The one place where a call is timed: rules 5, 13, 15 and 31."""

from __future__ import annotations

import gc
import math
import random
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.running.measure.process.child import Child
from harness.running.measure.process.timing import MINIMUM_SECONDS, batch, timed

PAIRS = 200
MOST_PAIRS = 800
ELEMENTS = 1_000_000
NAMED = ("empty-task", 100)


def kernel(elements):
    """About 2 to 5 ms of NumPy on one thread."""
    return float(np.random.default_rng(1).random(elements).sum())


def bare(elements):
    """What the harness is compared with: a clock around the call and nothing else."""
    begin = perf_counter()
    kernel(elements)
    return perf_counter() - begin


def recorded(elements):
    return timed(lambda call: elements, kernel, 1).seconds


def compared(first_run, second_run):
    """Median of the seconds of *first_run* over those of *second_run*, run in turn, in random order
    within each pair; and half the width of its exact 99.9 % interval. A busy machine gets more
    runs, until that is 0.5 %."""
    order = random.Random(0)
    logs: list[float] = []
    while len(logs) < MOST_PAIRS:
        for _ in range(PAIRS):
            if order.random() < 0.5:
                first, second = first_run(), second_run()
            else:
                second, first = second_run(), first_run()
            logs.append(math.log(first / second))
        interval: Any = stats.quantile_test(logs, q=0, p=0.5).confidence_interval(0.999)
        if interval.high - interval.low <= 0.01:
            break
    half = (interval.high - interval.low) / 2
    if half > 0.01:
        pytest.skip(f"too busy a machine: +-{100 * half:.1f} % after {len(logs)} pairs")
    return math.exp(median(logs)), half


@pytest.mark.simulation
def test_recorded_seconds_agree_with_a_bare_clock():
    """Rule 31: within 1 % in the paired median."""
    kernel(ELEMENTS)
    ratio, half = compared(lambda: recorded(ELEMENTS), lambda: bare(ELEMENTS))
    assert abs(ratio - 1) <= 0.01 + max(0.0, half - 0.005)


@pytest.mark.simulation
def test_the_comparison_with_a_bare_clock_would_see_three_percent():
    """Rule 31: a harness that added 3 % to every call would not pass."""
    longer = round(ELEMENTS * 1.03)
    ratio, half = compared(lambda: recorded(longer), lambda: bare(ELEMENTS))
    assert ratio - half > 1.01


def test_seconds_are_per_whole_call_and_phases_add_up():
    """Rule 13: a batch is of whole calls, plan building included."""
    done = []

    def build(call):
        _spin(0.002)
        return call

    def run(plan):
        _spin(0.004)
        done.append(plan)
        return plan

    reading = timed(build, run, 5)
    assert done == reading.answers == [0, 1, 2, 3, 4]
    assert reading.seconds == pytest.approx((reading.end - reading.begin) / 5)
    assert reading.build_seconds + reading.compute_seconds == pytest.approx(reading.seconds)
    assert reading.build_seconds >= 0.002
    assert reading.compute_seconds >= 0.004


def _spin(seconds):
    end = perf_counter() + seconds
    while perf_counter() < end:
        pass


@given(st.floats(1e-8, 100.0))
def test_a_batch_lasts_ten_milliseconds_and_no_call_more_than_needed(seconds):
    """Rule 13: a timed call lasts at least 10 ms; below that, a batch of whole calls does."""
    calls = batch(seconds)
    assert calls * seconds >= MINIMUM_SECONDS * (1 - 1e-9)
    assert (calls - 1) * seconds <= MINIMUM_SECONDS * (1 + 1e-9)
    assert MINIMUM_SECONDS == 0.010


def test_a_batch_of_calls_too_short_to_see_is_bounded():
    assert 1 <= batch(0.0) <= 10_000_000


class Noted:
    """Stands in for an executor in :class:`Child`: notes what it is asked to build."""

    def __init__(self, workload):
        self.workload, self.seeds, self.collecting = workload, [], []

    def build(self, workload, chunk, seed):
        self.seeds.append(seed)
        return seed

    def run(self, plan):
        self.collecting.append(gc.isenabled())
        return self.workload.size


@pytest.fixture
def child(tmp_path):
    child = Child(tmp_path)
    child.start([NAMED], "serial-replay", 1)
    return child


def test_every_call_of_a_batch_has_a_seed_of_its_own(child):
    """Rule 5: unique per call, so that nothing is cached."""
    noted = child.executor = Noted(child.workloads[NAMED])
    child.case(NAMED, 10, 1000, 4)
    child.case(NAMED, 10, 2000, 1)
    assert noted.seeds == [1000, 1001, 1002, 1003, 2000]


def test_garbage_is_collected_before_a_call_and_collection_stays_enabled(child):
    """Rule 15: asv turns it off; here it runs as in a program."""
    noted = child.executor = Noted(child.workloads[NAMED])
    collections = gc.get_stats()[2]["collections"]
    child.collect()
    assert gc.get_stats()[2]["collections"] == collections + 1
    child.case(NAMED, 10, 0, 3)
    assert noted.collecting == [True, True, True]
    assert gc.isenabled()


@pytest.mark.parametrize("command", ["case", "baseline", "replay"])
def test_a_timed_command_reports_answers_that_were_checked(child, command):
    """Rule 4: outside the timed region, and each answer of the batch."""
    chunk = {} if command == "baseline" else {"chunk": 7}
    workload = child.workloads[NAMED]
    reply = getattr(child, command)(NAMED, **chunk, seed=3, calls=4)
    assert reply["answers"] == ["100"] * 4
    assert reply["wrong"] is None
    workload.size = 101
    workload.baseline = lambda seed: 100
    workload.tasks = lambda chunk, seed: [(100,)]
    reply = getattr(child, command)(NAMED, **chunk, seed=3, calls=1)
    assert reply["wrong"] == "100 calls made instead of 101"
