"""Nothing that a call left is there when the next is timed, and old objects are left alone."""

import gc
import weakref

import pytest

from harness.running.measure.process.garbage import FULL_EVERY, GENERATIONS, Garbage

GROWN_OLD = 10_000
"""Objects after which Python has collected on its own, and what lives on counts as old."""


class Node:
    """Something that only the collector frees: it holds itself."""

    def __init__(self) -> None:
        self.itself = self


def full_collections() -> int:
    """How often this process has looked through everything."""
    return int(gc.get_stats()[2]["collections"])


@pytest.mark.parametrize("others", [0, GROWN_OLD])
def test_what_a_call_left_is_gone(others: int) -> None:
    """After a small call and after one whose objects have grown old."""
    garbage = Garbage()
    for _ in range(3):
        garbage.collect()
        node = Node()
        left = weakref.ref(node)
        kept: list[list[None]] = [[] for _ in range(others)]
        del node, kept
        garbage.collect()
        assert left() is None


def test_what_was_kept_for_long_is_gone_in_the_end() -> None:
    """What lived through a look at the new, and was let go of afterwards."""
    garbage = Garbage()
    garbage.collect()
    node = Node()
    left = weakref.ref(node)
    garbage.collect()
    del node
    for _ in range(FULL_EVERY + 1):
        garbage.collect()
    assert left() is None


@pytest.mark.skipif(not GENERATIONS, reason="this Python's collector goes by increments")
def test_small_calls_need_no_look_through_everything() -> None:
    """A look through all that is imported takes longer than most calls."""
    garbage = Garbage()
    garbage.collect()
    before = full_collections()
    for _ in range(FULL_EVERY - 1):
        Node()
        garbage.collect()
    assert full_collections() == before
