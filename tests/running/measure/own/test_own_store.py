"""Functions of arrays in storage: opened in chunks, read once, and refused in one line."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from harness.core.errors import UsageError
from harness.running.measure.own.own_child import OwnChild
from harness.running.measure.own.own_store import OwnStore

xarray = pytest.importorskip("xarray")

SHAPE, CHUNKS = (40, 12, 8), (10, 6, 8)


@pytest.fixture(params=["zarr", "h5"])
def stored(request, tmp_path):
    """A data set with one variable, as Zarr and as HDF5."""
    values = np.arange(np.prod(SHAPE), dtype="float32").reshape(SHAPE)
    data = xarray.Dataset({"temp": (("time", "lat", "lon"), values)})
    path = tmp_path / f"store.{request.param}"
    if request.param == "zarr":
        data.to_zarr(path, encoding={"temp": {"chunks": CHUNKS}}, zarr_format=2)
    else:
        data.to_netcdf(path, engine="h5netcdf", encoding={"temp": {"chunksizes": CHUNKS}})
    return path, values


def test_an_array_is_opened_with_its_layout_and_cut_along_its_dimensions(stored):
    path, values = stored
    store = OwnStore(f"{path.name}#temp", [str(path.parent)])
    [variable] = store.variables
    assert (variable.dims, variable.chunks) == (["time", "lat", "lon"], list(CHUNKS))
    data = store.opened({"time": 20})
    assert data.chunks == ((20, 20), (12,), (8,))
    assert (data.values == values).all()
    assert set(store.opened("auto").dims) == {"time", "lat", "lon"}


def test_without_a_variable_it_is_the_whole_data_set(stored):
    path, _ = stored
    store = OwnStore(path.name, [str(path.parent)])
    assert [variable.name for variable in store.variables] == ["temp"]
    assert store.opened({"lat": 6}).temp.chunks == ((40,), (6, 6), (8,))


def test_a_bare_array_without_names_is_a_dask_array(tmp_path):
    zarr, h5py = pytest.importorskip("zarr"), pytest.importorskip("h5py")
    values = np.arange(60.0).reshape(10, 6)
    zarr.create_array(str(tmp_path / "bare.zarr"), data=values, chunks=(5, 6))
    with h5py.File(tmp_path / "bare.h5", "w") as file:
        file.create_dataset("x", data=values, chunks=(5, 6))
    for source in ("bare.zarr", "bare.h5#x"):
        store = OwnStore(source, [str(tmp_path)])
        made = store.opened({store.variables[0].dims[0]: 5})
        assert tuple(map(max, made.chunks)) == (5, 6)
        assert (np.asarray(made) == values).all()


def test_a_function_gets_the_array_or_the_chunks_to_open_it_with(stored, monkeypatch, tmp_path):
    path, _ = stored
    (tmp_path / "stored_works.py").write_text(
        "import xarray\n"
        "def climate(data):\n    return data.mean('time')\n"
        f"def opens(chunks):\n    return xarray.open_dataset({str(path)!r}, chunks=chunks,"
        f" engine={'zarr' if path.is_dir() else 'h5netcdf'!r}).temp.mean('time')\n"
    )
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "stored_works", raising=False)
    for name, takes in (("climate", None), ("opens", "chunks")):
        child = OwnChild(tmp_path)
        loaded = child.load(f"stored_works:{name}", [str(tmp_path)], source=f"{path.name}#temp")
        assert loaded["takes"] == takes
        assert loaded["stored"][0]["chunks"] == list(CHUNKS)
        cut = child.survey({"time": 10, "lat": 6})
        assert cut["n_chunks"] >= 8
        sample = child.sample({"time": 10, "lat": 6}, 1e9, 60.0)
        assert sample["tasks"] == cut["n_tasks"]
        assert sample["gather_seconds"] is not None


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("nowhere.zarr", "nowhere.zarr is not there"),
        ("{}#tmp", "no variable 'tmp': choose one of temp"),
        ("text.h5", "cannot read .*text.h5"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(stored, source, words):
    path, _ = stored
    (path.parent / "text.h5").write_text("no array")
    with pytest.raises(UsageError, match=words) as caught:
        OwnStore(source.format(path.name), [str(path.parent)])
    assert "\n" not in str(caught.value)
