"""Rounds by cost alone: rule 18 and Cochran, *Sampling Techniques*, section 5.5."""

from __future__ import annotations

import inspect
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.running.plan.allocation import LEAST_ROUNDS, Demand, allocate

COSTS = st.lists(st.floats(1e-3, 60.0), min_size=1, max_size=12)
SECONDS = st.floats(0.0, 600.0)
MOST = st.integers(2, 40)


def taken(costs, rounds, done=None):
    done = done or [0] * len(costs)
    return math.fsum((n - had) * cost for cost, n, had in zip(costs, rounds, done, strict=True))


@given(COSTS, SECONDS, MOST, st.booleans())
def test_what_is_allotted_fits(costs, seconds, most, thrifty):
    rounds = allocate([Demand(c) for c in costs], seconds, most=most, thrifty=thrifty)
    assert taken(costs, rounds) <= seconds * (1 + 1e-9)
    assert all(0 <= n <= most for n in rounds)


@given(COSTS, st.floats(0.0, 600.0), MOST, st.booleans())
def test_whenever_two_rounds_of_everything_fit_each_case_has_them(costs, spare, most, thrifty):
    seconds = LEAST_ROUNDS * math.fsum(costs) * (1 + 1e-9) + spare
    rounds = allocate([Demand(c) for c in costs], seconds, most=most, thrifty=thrifty)
    assert min(rounds) >= LEAST_ROUNDS


@given(COSTS, SECONDS, MOST)
def test_a_dearer_case_never_gets_more_rounds(costs, seconds, most):
    rounds = allocate([Demand(c) for c in costs], seconds, most=most)
    ordered = [n for _, n in sorted(zip(costs, rounds, strict=True), key=lambda pair: pair[0])]
    assert ordered == sorted(ordered, reverse=True)


@given(COSTS, SECONDS, st.floats(0.0, 600.0), MOST, st.booleans())
def test_more_time_never_makes_a_verdict_worse(costs, seconds, more, most, thrifty):
    """No case loses its two rounds; nor any round, but to give two to a case that had none. One
    round alone is no verdict: what is left over buys it, and may go elsewhere."""
    demands = [Demand(c) for c in costs]
    few = allocate(demands, seconds, most=most, thrifty=thrifty)
    many = allocate(demands, seconds + more, most=most, thrifty=thrifty)
    judged = [n >= LEAST_ROUNDS for n in few]
    assert all(b >= LEAST_ROUNDS for a, b in zip(judged, many, strict=True) if a)
    if judged == [n >= LEAST_ROUNDS for n in many]:
        assert all(b >= a for j, a, b in zip(judged, few, many, strict=True) if j)


@given(st.lists(st.floats(0.05, 20.0), min_size=2, max_size=8), st.floats(1.0, 4.0))
def test_rounds_are_in_proportion_to_one_over_the_root_of_the_cost(costs, factor):
    """Rounded, and within the bounds: the same ``k`` for all."""
    seconds = factor * 2 * math.fsum(costs)
    rounds = allocate([Demand(c) for c in costs], seconds, most=1000)
    inner = [(n, c) for n, c in zip(rounds, costs, strict=True) if n > LEAST_ROUNDS]
    low = max(((n - 0.5) * math.sqrt(c) for n, c in inner), default=0.0)
    high = min(((n + 0.5) * math.sqrt(c) for n, c in inner), default=math.inf)
    assert low <= high * (1 + 1e-9)


@given(COSTS, st.data(), SECONDS, MOST)
def test_rounds_that_a_case_has_count(costs, data, seconds, most):
    done = [data.draw(st.integers(0, most)) for _ in costs]
    demands = [Demand(c, had) for c, had in zip(costs, done, strict=True)]
    rounds = allocate(demands, seconds, most=most)
    assert all(n >= had for n, had in zip(rounds, done, strict=True))
    assert taken(costs, rounds, done) <= seconds * (1 + 1e-9)


def test_nothing_but_cost_and_rounds_is_asked():
    """Rule 18: a ratio that entered would make the intervals wrong."""
    assert set(Demand.__dataclass_fields__) == {"pair_seconds", "done", "guessed"}
    assert set(inspect.signature(allocate).parameters) == {
        "demands", "seconds", "most", "least", "thrifty", "kept_share"
    }  # fmt: skip


def test_a_hopeless_case_costs_the_others_nothing():
    """Two rounds of 31 s do not fit into 40 s: the cheap ones get theirs, and it has one at the end
    only if that is left over."""
    costs = [31.0, 0.4, 0.3, 0.3]
    without = allocate([Demand(c) for c in costs[1:]], 40.0, most=16)
    assert allocate([Demand(c) for c in costs], 40.0, most=16) == [0, *without]
    assert allocate([Demand(c) for c in costs], 50.0, most=16) == [1, 16, 16, 16]
    assert allocate([Demand(c) for c in costs], 5.0, most=16)[0] == 0


def test_a_cost_that_is_a_guess_is_tried_before_others_have_more_than_their_least():
    """Two rounds of 31 s do not fit into 40 s, but they may take half of that."""
    guess = Demand(31.0, guessed=True)
    costs = [Demand(c) for c in (0.4, 0.3, 0.3)]
    assert allocate([guess, *costs], 40.0, most=16) == [1, *allocate(costs, 9.0, most=16)]
    assert allocate([guess, *costs], 32.0, most=16) == [0, *allocate(costs, 32.0, most=16)]
    known = Demand(15.0, done=1)
    assert allocate([known, *costs], 40.0, most=16)[0] == 2


def test_where_not_all_can_have_two_rounds_the_cheapest_come_first():
    assert allocate([Demand(c) for c in (4.0, 1.0, 2.0, 3.0)], 6.5, most=16) == [0, 2, 2, 0]


def test_a_round_that_is_done_makes_a_case_cheaper_to_judge():
    """A second round of 5 s comes before two of 3 s."""
    assert allocate([Demand(3.0), Demand(5.0, done=1)], 5.5, most=16) == [0, 2]


def test_a_thrifty_plan_ends_when_the_cheap_cases_have_the_most():
    """More time buys nothing: the dear one keeps the share of its cost."""
    costs = [0.1, 0.1, 0.13, 0.13, 5.2]
    thrifty = allocate([Demand(c) for c in costs], 1e6, most=16, thrifty=True)
    assert thrifty == [16, 16, 14, 14, 2]
    assert allocate([Demand(c) for c in costs], 1e6, most=16) == [16] * 5


def test_a_part_beyond_the_least_rounds_is_kept():
    costs = [1.0] * 4
    assert allocate([Demand(c) for c in costs], 48.0, most=40) == [12] * 4
    assert allocate([Demand(c) for c in costs], 48.0, most=40, kept_share=0.5) == [7] * 4
    assert allocate([Demand(c) for c in costs], 8.0, most=40, kept_share=0.5) == [2] * 4


@pytest.mark.parametrize("cost", [0.0, -1.0, math.nan])
def test_a_pair_that_takes_no_time_is_refused(cost):
    with pytest.raises(ValueError, match="takes time"):
        allocate([Demand(cost)], 1.0, most=2)
