"""Axes and the rounds that a case takes part in: rule 18 and the contract's names."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.errors import UsageError
from harness.running.plan.profiles import LOOKS, PROFILES, Profile
from harness.running.plan.sweep import PARAMETERS, SweepPlan, chunk_axis, rounds_of, span

AXES: dict[str, tuple[int | str, ...]] = {
    "executor": ("a", "b"),
    "workers": (1, 2),
    "pin": ("1",),
    "chunk": (10, 20, 30),
}


def test_the_axes_are_the_contracts():
    assert PARAMETERS == ("executor", "workers", "pin", "chunk")
    assert LOOKS == (2, 3, 4, 6, 8, 12, 16, 24, 32)


def test_a_span_has_every_combination_once_and_the_chunk_varies_fastest():
    chosen = span("w", 100, AXES)
    assert [(c.executor, c.workers, c.pin, c.chunk) for c in chosen] == list(
        itertools.product(*AXES.values())
    )
    assert {(c.workload, c.size) for c in chosen} == {("w", 100)}
    assert [c.chunk for c in chosen[:3]] == [10, 20, 30]


@pytest.mark.parametrize(
    "axes",
    [
        {name: AXES[name] for name in ("executor", "pin", "workers", "chunk")},
        {name: AXES[name] for name in ("executor", "workers", "pin")},
        AXES | {"threads": (1,)},
        AXES | {"chunk": ()},
        AXES | {"chunk": (10, 10)},
        AXES | {"workers": (1, True)},
    ],
    ids=["order", "missing", "unknown", "empty", "twice", "twice by another name"],
)
def test_axes_that_would_be_misread_are_refused(axes):
    """ASV takes axes by position and renames values that come twice."""
    with pytest.raises(UsageError) as caught:
        span("w", 100, axes)
    assert "\n" not in str(caught.value)


def test_set_ups_and_their_cases_are_kept_in_order():
    cases = tuple(span("w", 100, AXES))
    planned = SweepPlan("s", PROFILES["smoke"], cases)
    assert [(s.executor, s.workers) for s in planned.set_ups] == [
        ("a", 1),
        ("a", 2),
        ("b", 1),
        ("b", 2),
    ]
    served = [case for set_up in planned.set_ups for case in planned.cases_of(set_up)]
    assert served == list(cases)
    assert cases[0].group.case(20) == cases[1]


@given(st.integers(1, 10**9), st.lists(st.integers(1, 10**9), max_size=8))
def test_a_chunk_axis_rises_ends_with_the_whole_and_repeats_nothing(size, chunks):
    chosen = chunk_axis(size, chunks)
    assert chosen[-1] == size
    assert list(chosen) == sorted(set(chosen))
    assert set(chosen) - {size} == {chunk for chunk in chunks if chunk < size}


# --- rounds of a case

BLOCKS = st.lists(st.integers(1, 5), min_size=1, max_size=6).map(tuple)


def made(blocks, looks=None, slow_rounds=3):
    return Profile(
        name="p",
        blocks=blocks,
        looks=looks,
        slow_seconds=1.0,
        slow_rounds=slow_rounds,
        most_seconds=10.0,
        limit_seconds=60.0,
        budget_seconds=None,
    )


@given(BLOCKS, st.integers(1, 30))
def test_a_quick_case_takes_part_in_every_round(blocks, slow_rounds):
    profile = made(blocks, slow_rounds=slow_rounds)
    assert rounds_of(1.0, profile) == set(range(sum(blocks))) == set(range(profile.rounds))


@given(BLOCKS, st.integers(1, 30))
def test_a_slow_case_takes_part_in_few_rounds_spread_over_all_blocks(blocks, slow_rounds):
    """Rule 12: as evenly over start-ups as their rounds allow, the first rounds of each."""
    chosen = rounds_of(1.01, made(blocks, slow_rounds=slow_rounds))
    assert len(chosen) == min(slow_rounds, sum(blocks))
    starts = [0, *itertools.accumulate(blocks)]
    counts = []
    for begin, end in itertools.pairwise(starts):
        mine = sorted(number for number in chosen if begin <= number < end)
        assert mine == list(range(begin, begin + len(mine)))
        counts.append(len(mine))
    most = max(counts)
    assert all(count in (most, most - 1) or count == size for count, size in zip(counts, blocks))


@given(st.integers(1, 40))
def test_a_slow_case_with_planned_looks_takes_part_in_the_first_rounds(slow_rounds):
    """Rule 18: looks count from the first round on."""
    chosen = rounds_of(1.01, made((4, 28), LOOKS, slow_rounds))
    assert chosen == set(range(min(slow_rounds, 32)))
