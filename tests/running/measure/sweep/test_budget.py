"""The time of a sweep by itself, on a fake clock: what is left, shares, what refining may use."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from harness.running.measure.sweep.budget import PART_WHILE_OTHERS_WAIT, Budget
from harness.running.measure.sweep.scripted import FakeClock
from tests.running.measure.sweeps import profile

LOOKS = (8, 12, 16)


def made(**changes):
    clock = FakeClock()
    return Budget(profile(**changes), clock), clock


def test_without_a_budget_the_time_never_ends():
    budget, clock = made(looks=LOOKS)
    budget.serve_next(1 / 3)
    clock.spend(1e9)
    assert not budget.must_stop()
    assert not budget.must_leave_time(100)
    assert budget.refining_until() == math.inf
    assert budget.left() == budget.left_of_share() == math.inf
    assert not budget.cut_short


def test_no_round_is_begun_after_the_budget_and_the_sweep_counts_as_cut_short():
    budget, clock = made(budget_seconds=10.0)
    clock.spend(10.0)
    assert not budget.must_stop()
    assert not budget.cut_short
    clock.spend(0.1)
    assert budget.must_stop()
    assert budget.cut_short


def test_a_set_up_leaves_those_after_it_their_share_beyond_the_first_look():
    budget, clock = made(blocks=(16,), looks=LOOKS, budget_seconds=90.0)
    budget.serve_next(1 / 3)
    assert (budget.left(), budget.left_of_share()) == (90.0, 30.0)
    clock.spend(31.0)
    assert (budget.left(), budget.left_of_share()) == (59.0, -1.0)
    assert not budget.must_leave_time(LOOKS[0] - 1)  # up to the first look all are measured
    assert not budget.cut_short
    assert budget.must_leave_time(LOOKS[0])
    assert budget.cut_short
    budget.serve_next(1 / 2)
    assert not budget.must_leave_time(LOOKS[0])


def test_refining_uses_a_part_of_the_share_and_the_last_set_up_all_that_is_left():
    budget, _ = made(looks=LOOKS, budget_seconds=90.0)
    budget.serve_next(1 / 3)
    assert budget.refining_until() == PART_WHILE_OTHERS_WAIT * 30.0
    budget.serve_next(1)
    assert budget.refining_until() == 90.0


@pytest.mark.parametrize("counts", [True, False])
def test_start_ups_count_where_the_profile_says_so(counts):
    clock = FakeClock()
    chosen = replace(profile(budget_seconds=60.0), starts_count=counts)
    budget = Budget(chosen, clock)
    with budget.starting():
        clock.spend(6.0)
    clock.spend(1.0)
    assert budget.starting_seconds == 6.0
    assert budget.spent() == (7.0 if counts else 1.0)
    assert budget.seconds_per_start(3) == (2.0 if counts else 0.0)
    assert budget.seconds_per_start(0) == 0.0
