"""A module as a user writes it: functions of one item, and their inputs."""

from __future__ import annotations

import threading
import time
from typing import Any

inputs = list(range(40))


def task(x: int) -> int:
    total = 0
    for i in range(2_000):
        total += i * x
    return total


def make_inputs() -> range:
    return range(40)


def locks() -> list[Any]:
    return [threading.Lock() for _ in range(8)]


def locked(lock: Any) -> int:
    with lock:
        return sum(range(2_000))


def slow(x: int) -> int:
    time.sleep(0.5)
    return x


def broken(x: int) -> int:
    raise ValueError(f"no answer for {x}")


def differs(x: int) -> str:
    """Another answer in every thread but the main one."""
    return threading.current_thread().name[:4] if x == 3 else "same"


def drifts(x: int) -> float:
    return time.perf_counter()


def numpy_version() -> float:
    return float(sum(range(1_000)))


def dask_version(npartitions: int) -> Any:
    import dask.bag  # noqa: PLC0415 - as where Dask is slow to import

    return dask.bag.from_sequence(range(1_000), npartitions=npartitions).sum()


def frame(npartitions: int) -> Any:
    import dask.dataframe  # noqa: PLC0415

    return dask.dataframe.from_pandas(_numbers(), npartitions=npartitions).groupby("k")["v"].mean()


def pandas_frame() -> Any:
    return _numbers().groupby("k")["v"].mean()


def _numbers() -> Any:
    import pandas as pd  # noqa: PLC0415

    return pd.DataFrame({"k": [0, 1] * 500, "v": range(1_000)})


def by_itself() -> float:
    return 499_500.0
