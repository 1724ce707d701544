"""Arrays in storage are cut by whole chunks of the storage, unless one asks for other cuts."""

from __future__ import annotations

import math

import pytest

from harness.apps.advice.stored_cuts import stored_cuts
from harness.core.errors import UsageError
from harness.running.measure.own.stored_variable import StoredVariable

TEMP = StoredVariable(
    name="temp",
    dims=["time", "lat", "lon"],
    shape=[365, 181, 360],
    chunks=[30, 91, 360],
    itemsize=4,
)
PRESSURE = StoredVariable(name="p", dims=["time"], shape=[365], chunks=[20], itemsize=4)


def cuts(variables, dims=(), misaligned=False, least=4096):
    return list(stored_cuts(variables, dims, misaligned, least))


def test_every_cut_reads_every_stored_chunk_once():
    for dims in ((), ("time",), ("lat",), ("time", "lat")):
        made = cuts([TEMP], dims)
        assert len(made) >= 2
        assert {TEMP.n_read(spec) for spec in made} == {TEMP.n_stored()}
        assert all(
            length % 30 == 0 or length == 365 for length in (s.get("time", 30) for s in made)
        )


def test_cuts_go_from_the_whole_to_one_chunk_of_the_storage_along_the_named_dimensions_only():
    made = cuts([TEMP], ("time",))
    assert made[0] == {"time": 365}
    assert made[-1] == {"time": 30}
    assert cuts([TEMP])[-1] == {"time": 30, "lat": 91}  # the storage is not cut along lon


def test_variables_with_different_chunks_are_cut_where_both_are():
    made = cuts([TEMP, PRESSURE], ("time",))
    assert made[-1] == {"time": 60}
    for variable in (TEMP, PRESSURE):
        assert {variable.n_read(spec) for spec in made} == {variable.n_stored()}


def test_misaligned_cuts_are_smaller_than_the_storages_and_read_more():
    made = cuts([TEMP], ("time",), misaligned=True)
    assert made[-1]["time"] < 30
    read, stored = TEMP.n_read(made[-1]), TEMP.n_stored()
    assert read is not None
    assert stored is not None
    assert read > stored
    assert all(TEMP.chunk_bytes(spec) >= 4096 for spec in made)


def test_parts_are_near_equal():
    whole = StoredVariable(name="x", dims=["n"], shape=[4000], chunks=[10], itemsize=8)
    for spec in cuts([whole]):
        number = math.ceil(4000 / spec["n"])
        assert spec["n"] * number / 4000 <= 1.06


def test_an_unknown_dimension_is_answered_with_what_is_near_and_what_there_is():
    with pytest.raises(UsageError, match=r"did you mean time\? choose from time, lat, lon"):
        cuts([TEMP], ("tme",))
