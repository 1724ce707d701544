"""A table grouped by a key, as pandas does it: the question of every library of frames."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from harness.running.workloads.base import Sizes, Task, Workload

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

SEED, GROUPS = 20_260, 1_000
TOLERANCE = 1e-9
"""Relative; libraries add the values of a group in different orders."""


class Grouped(NamedTuple):
    """What a query gives back.

    Attributes
    ----------
    factor : float
        What each value was multiplied with.
    key : ndarray of int, shape (groups,)
    total, mean : ndarray of float, shape (groups,)
        Of the values of each group.
    """

    factor: float
    key: npt.NDArray[np.int64]
    total: npt.NDArray[np.float64]
    mean: npt.NDArray[np.float64]


@lru_cache(maxsize=2)
def table(rows: int) -> pd.DataFrame:
    """The frame of *rows* rows: ``key``, one of 1000 whole numbers, and ``value`` in [0, 1).

    It is the same in every process and under every chunking, and made once in each.
    """
    import pandas as pd  # noqa: PLC0415 - the children of other workloads need not have it

    random = np.random.default_rng(SEED)
    key = random.integers(0, GROUPS, rows)
    return pd.DataFrame({"key": key, "value": random.random(rows)})


def factor_of(seed: int) -> float:
    """What a call multiplies the values with: a query of its own for every seed, between 1 and 2,
    so that no engine can have its answer yet (rule 5)."""
    return 1.0 + (seed % 1_000_003) / 1_000_003


def group_rows(rows: int, start: int, stop: int, factor: float) -> tuple[float, pd.DataFrame]:
    """The factor, and sum and count by key of the rows from *start* to *stop*."""
    part = table(rows).iloc[start:stop]
    values = part["value"] * factor
    return factor, values.groupby(part["key"]).agg(["sum", "count"])


class FrameGroupby(Workload):
    """``frame.groupby("key")["value"].agg(["sum", "mean"])`` of *size* rows with 1000 keys, after
    one multiplication, by pandas and by engines that have a frame.

    A chunk is the rows of a partition. The rows are in each engine's own form before a call is
    timed, as pandas has its own; the answer is brought back to the caller.
    """

    name = "frame-groupby"
    sizes: ClassVar[Sizes] = {"smoke": 20_000, "laptop": 2_000_000, "nightly": 20_000_000}
    itemsize: ClassVar[int] = 48  # a row, the products, and what grouping needs beside them
    native_threads: ClassVar[bool] = False
    way = "frame"
    kernel = staticmethod(group_rows)

    def ready(self) -> None:
        table(self.size)

    def baseline(self, seed: int) -> Grouped:
        rows, factor = table(self.size), factor_of(seed)
        values = rows["value"] * factor
        found = values.groupby(rows["key"]).agg(["sum", "mean"])
        return self.answer(factor, found.index, found["sum"], found["mean"])

    def task(self, index: int, start: int, elements: int, seed: int) -> Task:
        return (self.size, start, start + elements, factor_of(seed))

    def combine(self, partials: list[tuple[float, pd.DataFrame]]) -> Grouped:
        import pandas as pd  # noqa: PLC0415

        frames = [frame for _, frame in partials]
        found = pd.concat(frames).groupby(level=0).sum()
        return self.answer(partials[0][0], found.index, found["sum"], found["sum"] / found["count"])

    def answer(self, factor: float, key: Any, total: Any, mean: Any) -> Grouped:
        """What an engine gave, as arrays in the order of the keys: engines have one of their own.

        Parameters
        ----------
        factor : float
        key, total, mean : array-like, shape (groups,)
        """
        keys = np.asarray(key, dtype=np.int64)
        order = np.argsort(keys, kind="stable")
        sums, means = (np.asarray(each, dtype=np.float64)[order] for each in (total, mean))
        return Grouped(factor, keys[order], sums, means)

    @cached_property
    def right(self) -> Grouped:
        """The right answer for the factor 1, by counting."""
        rows = table(self.size)
        key, value = rows["key"].to_numpy(), rows["value"].to_numpy()
        count = np.bincount(key, minlength=GROUPS)
        keys = np.flatnonzero(count)
        every = np.bincount(key, weights=value, minlength=GROUPS)
        total = every[keys].astype(np.float64)
        return Grouped(1.0, keys, total, total / count[keys])

    def check(self, answer: Grouped) -> str | None:
        """Within a relative 1e-9 of the sums and means that counting gives."""
        right = self.right
        if not np.array_equal(answer.key, right.key):
            return f"{answer.key.size} groups instead of {right.key.size}"
        for name in ("total", "mean"):
            found, wanted = getattr(answer, name), getattr(right, name) * answer.factor
            off = np.abs(found - wanted) > TOLERANCE * np.abs(wanted)
            if off.any():
                place = int(np.argmax(off))
                return (
                    f"the {name} of group {right.key[place]} is {found[place]!r} instead of "
                    f"{wanted[place]!r}"
                )
        return None

    def digest(self, answer: Grouped) -> str:
        sums = (float(each.sum()) for each in (answer.total, answer.mean))
        return repr((answer.factor, answer.key.size, *sums))
