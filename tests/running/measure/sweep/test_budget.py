"""The time of a sweep by itself, on a fake clock: shares, pace, and what is kept for refining."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from harness.running.measure.sweep.budget import (
    PART_WHILE_OTHERS_WAIT,
    REFINING_SHARE,
    Budget,
)
from harness.running.measure.sweep.scripted import FakeClock
from tests.running.measure.sweeps import profile

LOOKS = (8, 12, 16)


def made(*, refined=False, **changes):
    clock = FakeClock()
    return Budget(profile(**changes), clock, refined=refined), clock


def test_without_a_budget_the_time_never_ends():
    budget, clock = made(looks=LOOKS)
    budget.serve_next(3)
    clock.spend(1e9)
    assert not budget.must_stop()
    assert not budget.must_leave_time(100)
    assert budget.refining_until() == math.inf
    assert budget.affordable_rounds(1, 4) == 4
    assert not budget.cut_short


def test_no_round_is_begun_after_the_budget_and_the_sweep_counts_as_cut_short():
    budget, clock = made(budget_seconds=10.0)
    clock.spend(10.0)
    assert not budget.must_stop()
    assert not budget.cut_short
    clock.spend(0.1)
    assert budget.must_stop()
    assert budget.cut_short


@pytest.mark.parametrize(("refined", "wanted"), [(False, 9), (True, 6)])
def test_later_blocks_get_the_rounds_that_fit_at_the_pace_so_far(refined, wanted):
    """Ten rounds took 10 s: 90 s are left for ten rounds in each of ten blocks, less the share that
    is kept for refining."""
    budget, clock = made(blocks=(10,) * 11, budget_seconds=100.0, refined=refined)
    assert budget.affordable_rounds(0, 10) == 10
    for number in range(10):
        budget.count_round(number)
    clock.spend(10.0)
    assert budget.affordable_rounds(1, 10) == wanted
    assert wanted == int((90.0 - refined * REFINING_SHARE * 100.0) / 10)


def test_every_block_has_a_share_of_the_rounds_of_a_slow_case():
    budget, clock = made(blocks=(10,) * 4, budget_seconds=1.0, slow_rounds=8)
    budget.count_round(0)
    clock.spend(0.9)
    assert budget.affordable_rounds(1, 10) == 2


def test_a_set_up_leaves_those_after_it_their_share_beyond_the_first_look():
    budget, clock = made(blocks=(16,), looks=LOOKS, budget_seconds=90.0)
    budget.serve_next(3)
    clock.spend(31.0)
    assert not budget.must_leave_time(LOOKS[0] - 1)  # up to the first look all are measured
    assert not budget.cut_short
    assert budget.must_leave_time(LOOKS[0])
    assert budget.cut_short
    budget.serve_next(2)
    assert not budget.must_leave_time(LOOKS[0])


def test_refining_uses_a_part_of_the_share_and_the_last_set_up_all_that_is_left():
    budget, _ = made(looks=LOOKS, budget_seconds=90.0, refined=True)
    budget.serve_next(3)
    assert budget.refining_until() == PART_WHILE_OTHERS_WAIT * 30.0
    budget.serve_next(1)
    assert budget.refining_until() == 90.0


@pytest.mark.parametrize("counts", [True, False])
def test_start_ups_count_where_the_profile_says_so(counts):
    clock = FakeClock()
    chosen = replace(profile(budget_seconds=60.0), starts_count=counts)
    budget = Budget(chosen, clock, refined=False)
    with budget.starting():
        clock.spend(6.0)
    clock.spend(1.0)
    assert budget.starting_seconds == 6.0
    assert budget.spent() == (7.0 if counts else 1.0)
    assert budget.seconds_per_start(3) == (2.0 if counts else 0.0)
    assert budget.seconds_per_start(0) == 0.0
