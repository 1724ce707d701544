"""Runs that share something, directly or by way of others, are judged together; others are not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.reading.ingest.judged_together import judged_together


def test_runs_hang_together_by_way_of_others():
    """``b`` shares a job with ``c``, and ``c`` a commit with ``a``; runs keep their order."""
    shared = {"a": ["commit 1"], "b": ["job 7"], "c": ["commit 1", "job 7"], "d": [], "e": ["x"]}
    assert judged_together(shared) == [("a", "b", "c"), ("d",), ("e",)]


@given(st.dictionaries(st.integers(0, 12).map(str), st.lists(st.integers(0, 6), max_size=3)))
def test_each_run_is_in_one_set_and_no_two_sets_share_anything(shared):
    sets = judged_together(shared)
    assert sorted(run for runs in sets for run in runs) == sorted(shared)
    things = [{thing for run in runs for thing in shared[run]} for runs in sets]
    for number, mine in enumerate(things):
        assert all(mine.isdisjoint(others) for others in things[number + 1 :])
    for runs, mine in zip(sets, things):
        reached = {runs[0]}
        for _ in runs:
            near = {thing for run in reached for thing in shared[run]}
            reached |= {run for run in runs if near & set(shared[run])}
        assert reached == set(runs), mine
