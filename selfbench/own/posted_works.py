"""Six works of the kind that people post and ask about: each a plain Python function, its items or
its serial way, as they would stand in a module of a user's own."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import dask.array as da
import dask.bag as db
import dask.dataframe as dd
import numpy as np
import pandas as pd
import xarray as xr

SIDE = 3_000
DAYS, LATITUDES, LONGITUDES = 1_460, 60, 90
ROWS = 1_500_000


def slow_item(x: int) -> int:
    """A loop of some 20 ms that holds the GIL."""
    return sum(i * x for i in range(250_000))


slow_items = list(range(48))


def one_more(x: int) -> int:
    """Next to nothing."""
    return x + 1


def tiny_bag(npartitions: int = 10) -> Any:
    """A bag of tiny items, computed by whatever Dask takes for a bag."""
    return db.from_sequence(range(20_000), npartitions=npartitions).map(one_more)


def tiny_loop() -> list[int]:
    """The same in a loop."""
    return [one_more(x) for x in range(20_000)]


def product(chunks: int = 1_500) -> Any:
    """``A @ A`` in square chunks."""
    a = da.from_array(_matrix(), chunks=chunks)
    return (a @ a).sum()


def plain_product() -> Any:
    """The same in one call of NumPy."""
    a = _matrix()
    return (a @ a).sum()


def _matrix() -> Any:
    return np.broadcast_to(np.linspace(0.0, 1.0, SIDE), (SIDE, SIDE)).copy()


def store() -> Path:
    """Where the climatology's data are; written when it is first asked for."""
    place = Path("daily.zarr")
    if not place.exists():
        values = np.random.default_rng(1).random((DAYS, LATITUDES, LONGITUDES))
        days = pd.date_range("2001-01-01", periods=DAYS)
        named = xr.Dataset({"t": (("time", "lat", "lon"), values)}, coords={"time": days})
        named.chunk(time=365).to_zarr(place, mode="w")
    return place


def climatology(chunks: int = 365) -> Any:
    """The mean of each month over all years, read from Zarr in chunks of so many days."""
    data = xr.open_zarr(store(), chunks={"time": chunks})
    return data["t"].groupby("time.month").mean("time").data


def loaded_climatology() -> Any:
    """The same of an array that is read as a whole."""
    return (
        xr.open_zarr(store(), chunks=None)["t"].load().groupby("time.month").mean("time").to_numpy()
    )


def _frame() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame({"key": rng.integers(0, 100, ROWS), "value": rng.random(ROWS)})


_held: list[pd.DataFrame] = []


def _kept_frame() -> pd.DataFrame:
    if not _held:
        _held.append(_frame())
    return _held[0]


def grouped(npartitions: int = 4) -> Any:
    """The mean of each group of a frame that is in memory already."""
    return dd.from_pandas(_kept_frame(), npartitions=npartitions).groupby("key")["value"].mean()


def pandas_grouped() -> Any:
    """The same by pandas."""
    return _kept_frame().groupby("key")["value"].mean()


def millisecond(x: int) -> int:
    """Work of 1 ms that holds the GIL."""
    end = time.thread_time() + 0.001
    while time.thread_time() < end:
        x += 1
    return 1


milliseconds = list(range(400))
