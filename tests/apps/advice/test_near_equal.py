"""Chunks of an array are near-equal parts of it."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.apps.advice.near_equal import near_equal_chunks, part_length


def largest_over_mean(shape, chunk):
    number = math.prod(-(-side // part) for side, part in zip(shape, chunk, strict=True))
    return math.prod(chunk) * number / math.prod(shape)


@pytest.mark.parametrize("shape", [(4000, 4000), (1000, 7), (600, 600, 10), (999_983,), (365, 721)])
def test_no_chunk_is_much_larger_than_the_mean_and_each_step_about_halves_it(shape):
    """4000 x 4000 once gave sides of 2896 and 181: four chunks with 52, 20, 20 and 8 % of it."""
    chunks = list(near_equal_chunks(shape, 512))
    assert chunks[0] == shape
    assert math.prod(chunks[-1]) >= 512
    assert all(largest_over_mean(shape, chunk) <= 1.06 for chunk in chunks)
    sizes = [math.prod(chunk) for chunk in chunks]
    assert all(1.5 < a / b < 2.7 for a, b in pairwise(sizes))


def test_a_round_shape_is_cut_into_whole_parts():
    sides = {side for chunk in near_equal_chunks((4000, 4000), 512) for side in chunk}
    assert {2000, 1000, 500, 250, 125} <= sides
    assert not {2896, 181} & sides


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_about_as_many_parts_as_asked_for_cover_the_side(side, parts):
    length = part_length(side, parts)
    assert 1 <= length <= side
    number = -(-side // length)
    assert number <= max(1, parts * 1.25)
    assert number >= min(side, parts) / 1.7


@given(st.lists(st.integers(1, 60), min_size=1, max_size=3), st.integers(1, 100))
def test_every_step_cuts_further_and_stops(shape, least):
    chunks = list(near_equal_chunks(shape, least))
    sizes = [math.prod(chunk) for chunk in chunks]
    assert sizes == sorted(set(sizes), reverse=True)
    assert all(size >= min(least, math.prod(shape)) for size in sizes)
