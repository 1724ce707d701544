"""An answer about a work of one's own beside timing by hand: what counts as agreeing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from selfbench.own.against_by_hand import POSTED, START_UPS, Beside, by_hand, printed
from selfbench.own.by_hand import TIMES, WHOLES, both_ways, mapped


def beside(verdict, speedup, by_hand, name="slow items"):
    return Beside(
        name, "process-pool", 4, speedup, 0.9 * speedup, 1.1 * speedup, verdict, by_hand, 1, 2, 60.0
    )


@pytest.mark.parametrize(
    ("verdict", "by_hand", "agrees"),
    [
        ("pays", 1.8, True),
        ("pays", 0.9, False),
        ("overhead exceeds gain", 0.5, True),
        ("overhead exceeds gain", 1.2, False),
        ("equal", 1.1, True),
        ("equal", 1.3, False),
        ("undetermined", 1.8, None),
        (None, 1.8, None),
    ],
)
def test_a_verdict_agrees_where_the_turns_by_hand_are_on_its_side_of_one(verdict, by_hand, agrees):
    assert beside(verdict, 1.5, by_hand).agrees is agrees


def test_the_last_sentence_counts_what_agrees_and_what_is_near():
    """A work without a verdict is not counted among those that agree or do not."""
    rows = [beside("pays", 1.5, 1.6), beside("pays", 1.5, 0.9), beside("undetermined", 1.5, 3.0)]
    text = printed(rows, "github")
    assert (
        "in 1 of 2 works that have one; the speed-ups are within 15% of each other in 1 of 3"
        in text
    )
    assert "NO" in text


@pytest.mark.parametrize("posted", POSTED, ids=lambda posted: posted.name)
def test_every_work_has_a_way_to_be_timed_by_hand(posted):
    """And the names that it gives stand in the module."""
    if posted.items:
        task, items = mapped(posted.name)
        assert task.__name__ == posted.task
        assert items
    else:
        function, serial = WHOLES[posted.name]
        assert (function.__name__, serial.__name__) == (posted.task, posted.against)


def test_both_ways_are_timed_by_turns_in_a_process_of_their_own(tmp_path):
    """As a user's own script would, and both give one answer."""
    [bag] = (posted for posted in POSTED if posted.name == "tiny bag")
    on_threads = replace(bag, way="dask-threads")
    for seconds in by_hand(on_threads, 2, tmp_path, least=0.0):
        assert len(seconds) == START_UPS * TIMES
        assert min(seconds) > 0
    with both_ways(bag.name, on_threads.way, 2) as (serial, parallel):
        assert parallel() == serial()
