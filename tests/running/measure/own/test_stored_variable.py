"""How many chunks of the storage a cut reads."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from harness.running.measure.own.stored_variable import StoredVariable, chunk_lengths


def variable(shape, chunks, dims=("time", "lat")):
    return StoredVariable(name="t", dims=dims, shape=shape, chunks=chunks, itemsize=8)


def counted(shape, sides, stored):
    """Every part of the cut beside every chunk of the storage, one by one."""

    def spans(side, length):
        return [(start, min(start + length, side)) for start in range(0, side, length)]

    overlaps = 0
    for cut in product(*map(spans, shape, sides)):
        for chunk in product(*map(spans, shape, stored)):
            overlaps += all(a < d and c < b for (a, b), (c, d) in zip(cut, chunk, strict=True))
    return overlaps


def test_aligned_cuts_read_every_stored_chunk_once_and_others_more_often():
    stored = variable([4000, 4000], [250, 250])
    assert stored.n_stored() == 256
    assert stored.n_read({"time": 2000, "lat": 2000}) == 256
    assert stored.n_read({"time": 4000}) == 256  # what is not named stays whole
    assert stored.n_read({"time": 125, "lat": 250}) == 512
    assert stored.n_read({"time": 2896, "lat": 181}) > 256


@given(st.data())
def test_the_count_is_that_of_all_overlaps(data):
    sides = st.integers(1, 12)
    shape, chunks, cut = (data.draw(st.tuples(sides, sides)) for _ in range(3))
    stored = variable(list(shape), list(chunks))
    spec = dict(zip(stored.dims, cut, strict=True))
    lengths = [min(a, b) for a, b in zip(cut, shape, strict=True)]
    assert stored.n_read(spec) == counted(shape, lengths, chunks)


def test_bytes_are_those_of_the_largest_chunk():
    assert variable([100, 30], [10, 10]).chunk_bytes({"time": 40}) == 40 * 30 * 8


def test_what_is_stored_as_a_whole_has_no_chunks_to_read():
    whole = variable([100, 30], None)
    assert whole.n_stored() is None
    assert whole.n_read({"time": 10}) is None


def test_lengths_of_several_variables_along_one_dimension():
    two = [variable([100, 30], [10, 30]), variable([100], [25], dims=("time",))]
    assert chunk_lengths(two, "time") == [10, 25]
    assert chunk_lengths(two, "lat") == [30]
