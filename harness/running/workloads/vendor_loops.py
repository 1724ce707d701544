"""The loops with which the makers of engines measure them, as workloads.

Ray: ``python/ray/_private/ray_perf.py`` of ray-project/ray. Dask: ``docs/source/shared.rst`` of
dask/dask.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from harness.running.workloads.base import Collections, Sizes, Task, Workload

OK = b"ok"


def small_value(calls: int = 1) -> bytes:
    """Ray's ``small_value``, which returns ``b"ok"``; as many times over as there were calls."""
    return OK * calls


def sum_of_ones(elements: int) -> float:
    """Sum *elements* ones."""
    return float(np.ones(elements).sum())


class VendorLoop(Workload):
    """Base of the makers' loops, which all have the same size."""

    sizes: ClassVar[Sizes] = {"smoke": 100, "laptop": 1_000, "nightly": 1_000}
    native_threads: ClassVar[bool] = False


class SmallValue(VendorLoop):
    """*size* calls of ``small_value``, all submitted before the first is waited for: Ray's "single
    client tasks async". With one call a task the task has no argument, as theirs."""

    name = "small-value"
    itemsize: ClassVar[int] = 0
    without_numpy: ClassVar[bool] = True
    way = "submit"
    kernel = staticmethod(small_value)

    def baseline(self, seed: int) -> bytes:
        return b"".join([small_value() for _ in range(self.size)])

    def task(self, index: int, start: int, elements: int, seed: int) -> Task:
        return () if elements == 1 else (elements,)

    def combine(self, partials: list[bytes]) -> bytes:
        return b"".join(partials)

    def check(self, answer: bytes) -> str | None:
        values = answer.count(OK)
        return None if values == self.size else f"{values} values instead of {self.size}"

    def digest(self, answer: bytes) -> str:
        return str(len(answer))


class SmallValueOneByOne(SmallValue):
    """The same calls, each waited for before the next one: Ray's "single client tasks sync"."""

    name = "small-value-one-by-one"
    way = "one-by-one"


class OnesSum(VendorLoop):
    """``da.ones(1000, chunks=(2,)).sum().compute()``: how Dask's documentation measures the cost of
    a task of its threaded scheduler."""

    name = "ones-sum"
    kernel = staticmethod(sum_of_ones)

    def baseline(self, seed: int) -> float:
        return sum_of_ones(self.size)

    def task(self, index: int, start: int, elements: int, seed: int) -> Task:
        return (elements,)

    def combine(self, partials: list[float]) -> float:
        return float(sum(partials))

    def expression(self, dask: Collections, chunk: int, seed: int) -> Any:
        # Named anew for each call: a cluster would give back what it still holds (rule 5).
        return dask.array.ones(self.size, chunks=(chunk,), name=f"ones-{seed}").sum()

    def check(self, answer: float) -> str | None:
        return None if answer == self.size else f"sum is {answer!r} instead of {self.size}"
