"""The many-or-few-chunks exercise: sum ten million uniform random numbers."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from harness.running.workloads.base import Collections, Sizes, Task, Workload


def draw_and_sum(seed: int, index: int, elements: int) -> float:
    """Sum *elements* numbers drawn from the chunk's own PCG64 stream."""
    return float(np.random.default_rng([seed, index]).random(elements).sum())


class RandomSum(Workload):
    """``random(N).sum()``, with NumPy matched to the generator that Dask uses, PCG64 (rule 2)."""

    name = "random-sum"
    sizes: ClassVar[Sizes] = {"smoke": 200_000, "laptop": 10_000_000, "nightly": 10_000_000}
    kernel = staticmethod(draw_and_sum)

    def baseline(self, seed: int) -> float:
        return float(np.random.default_rng(seed).random(self.size).sum())

    def task(self, index: int, start: int, elements: int, seed: int) -> Task:
        return (seed, index, elements)

    def combine(self, partials: list[float]) -> float:
        return float(np.sum(partials))

    def expression(self, dask: Collections, chunk: int, seed: int) -> Any:
        return dask.array.random.random(self.size, chunks=(chunk,)).sum()

    def check(self, answer: float) -> str | None:
        """Within six standard errors of ``N/2``; one uniform number has variance 1/12."""
        expected, sigma = self.size / 2, math.sqrt(self.size / 12)
        if abs(answer - expected) <= 6 * sigma:
            return None
        return f"sum is {answer!r}, more than 6 sigma ({6 * sigma:.4g}) from {expected!r}"


class RandomSumAsWritten(RandomSum):
    """The exercise's own NumPy line, ``np.random.random(N).sum()``, which draws from the older
    Mersenne Twister; its baseline is the matched one."""

    name = "random-sum-as-written"

    def whole(self, seed: int) -> float:
        return float(np.random.random(self.size).sum())  # noqa: NPY002 - the point of it
