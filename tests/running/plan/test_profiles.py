"""The profiles: consistent, with a size for every workload, and as rule 18 has them."""

from __future__ import annotations

import pytest

from harness.core.errors import UnknownNameError, UsageError
from harness.running.plan.profiles import LOOKS, PROFILES, Profile, make_profile
from harness.running.workloads import WORKLOADS, workload_class


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_a_profile_is_consistent(profile):
    assert all(profile.sizes(workload) for workload in WORKLOADS)
    assert 0 < profile.slow_rounds <= profile.rounds == sum(profile.blocks)
    assert profile.slow_seconds <= profile.most_seconds < profile.limit_seconds
    if profile.looks is not None:
        assert profile.looks == LOOKS
        assert profile.rounds == LOOKS[-1]
        assert profile.slow_rounds in LOOKS  # a slow case ends at a look
    assert make_profile(profile.name) is profile


def test_the_exercise_fixes_its_rounds_as_the_rule_says():
    """Rule 18: by cost alone, 16 at most; a case of two rounds has one in each of two start-ups,
    and more start-ups do not leave time for rounds on a slow machine."""
    exercise = PROFILES["exercise"]
    assert (exercise.looks, exercise.rounds, len(exercise.blocks)) == (None, 16, 2)
    assert exercise.thrifty


@pytest.mark.parametrize("name", ["laptop", "nightly"])
def test_the_first_look_is_reached_in_two_start_ups(name):
    """Rule 12: a case that two rounds decide has one in each of two."""
    profile = PROFILES[name]
    assert profile.blocks[0] == 1


def test_an_unknown_profile_is_refused_with_those_that_exist():
    with pytest.raises(UnknownNameError, match="exercise, laptop, nightly, smoke"):
        make_profile("weekly")


def test_fields_are_given_by_their_names():
    with pytest.raises(TypeError):
        Profile("p", (2,), None, 5.0, 1, 10.0, 60.0, None)  # type: ignore[call-arg]


def test_the_size_is_the_first_that_fits_else_the_last(monkeypatch):
    monkeypatch.setattr(workload_class("random-sum"), "sizes", {"laptop": (30, 20, 10)})
    laptop, exercise = PROFILES["laptop"], PROFILES["exercise"]
    assert laptop.size("random-sum") == exercise.size("random-sum") == 30
    assert laptop.size("random-sum", lambda size: size < 25) == 20
    assert laptop.size("random-sum", lambda size: False) == 10
    with pytest.raises(UsageError, match="profile smoke has no size for 'random-sum'"):
        PROFILES["smoke"].size("random-sum")


def test_workloads_that_are_compared_have_one_size():
    families = (
        ("random-sum", "random-sum-as-written"),
        ("bag-map", "bag-filter", "bag-fold", "bag-groupby"),
        ("futures", "futures-map", "futures-delayed", "futures-increment"),
        ("spin-task", "spin-task-nogil"),
        tuple(name for name in WORKLOADS if workload_class(name).way == "collections"),
        ("small-value", "small-value-one-by-one", "ones-sum"),
    )
    assert len(families[-2]) == 10
    for family in families:
        assert len({str(workload_class(name).sizes) for name in family}) == 1


def test_a_budget_that_is_given_may_be_used_up():
    """It is for everything, and a machine that is fast then measures more instead of less long."""
    given = PROFILES["exercise"].with_budget(540.0)
    assert (given.budget_seconds, given.starts_count, given.thrifty) == (540.0, True, False)
    assert given.blocks == PROFILES["exercise"].blocks
