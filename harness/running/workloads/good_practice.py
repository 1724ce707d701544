"""The lesson's good practices for Dask, each beside what it advises against."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from harness.running.workloads.base import Collections, Sizes, Task, Workload

USES = 4
"""How often the persisted array is used."""
SLICES = 100
"""Slices that the huge graph is built of, one statement each."""


def draw(seed: int, index: int, elements: int) -> Any:
    """*elements* uniform numbers from the chunk's own PCG64 stream."""
    return np.random.default_rng([seed, index]).random(elements)


def sum_once(seed: int, index: int, elements: int) -> float:
    """Draw and sum."""
    return float(draw(seed, index, elements).sum())


def three_sums(seed: int, index: int, elements: int) -> float:
    """Draw once, and sum the numbers, their squares, and their distances from one half."""
    x = draw(seed, index, elements)
    return float(x.sum()) + float((x * x).sum()) + float(abs(x - 0.5).sum())


def shifted_sums(seed: int, index: int, elements: int) -> float:
    """Draw once, and sum the numbers shifted by 0, 1, 2 and 3."""
    x = draw(seed, index, elements)
    return sum(float((x + shift).sum()) for shift in range(USES))


class Practice(Workload):
    """Sums of *size* random numbers, worked out in the way that the class says. The baseline is the
    same for a practice and its opposite."""

    sizes: ClassVar[Sizes] = {
        "smoke": 20_000,
        "laptop": 400_000,
        "nightly": (100_000_000, 40_000_000),
    }
    elements_a_core = 2_000_000
    way = "collections"
    native_threads = False
    kernel = staticmethod(sum_once)
    mean: ClassVar[float] = 1 / 2
    variance: ClassVar[float] = 1 / 12
    """Mean and variance of what one random number adds to the answer."""

    def baseline(self, seed: int) -> float:
        return float(type(self).kernel(seed, 0, self.size))

    def task(self, index: int, start: int, elements: int, seed: int) -> Task:
        return (seed, index, elements)

    def combine(self, partials: list[float]) -> float:
        return math.fsum(partials)

    def evaluate(self, dask: Collections, expression: Any) -> float:
        return math.fsum(dask.compute(*expression))

    def numbers(self, dask: Collections, chunk: int) -> Any:
        """The random numbers as a chunked array, drawn in the workers."""
        return dask.array.random.random(self.size, chunks=(chunk,))

    def check(self, answer: float) -> str | None:
        """Within six standard errors."""
        expected, sigma = self.size * self.mean, math.sqrt(self.size * self.variance)
        if abs(answer - expected) <= 6 * sigma:
            return None
        return f"sum is {answer!r}, more than 6 sigma ({6 * sigma:.4g}) from {expected!r}"

    def whole_bytes(self) -> int:
        return 2 * self.itemsize * self.size

    def chunk_bytes(self, chunk: int) -> int:
        return 2 * self.itemsize * chunk


class OneCompute(Practice):
    """Call compute once, on several results: they share the drawing of the numbers."""

    name = "one-compute"
    kernel = staticmethod(three_sums)
    mean = 1 / 2 + 1 / 3 + 1 / 4
    variance = 137 / 360
    """Of ``u + u u + |u - 1/2|``, for uniform u."""

    def expression(self, dask: Collections, chunk: int, seed: int) -> Any:
        x = self.numbers(dask, chunk)
        return [x.sum(), (x * x).sum(), abs(x - 0.5).sum()]


class ManyComputes(OneCompute):
    """Call compute on one result after the other: each draws the numbers again."""

    name = "many-computes"

    def evaluate(self, dask: Collections, expression: Any) -> float:
        return math.fsum(dask.compute(result)[0] for result in expression)


class Recomputed(Practice):
    """Use an array four times, and have it computed each time."""

    name = "recomputed"
    kernel = staticmethod(shifted_sums)
    mean = USES / 2 + sum(range(USES))
    variance = USES**2 / 12

    def expression(self, dask: Collections, chunk: int, seed: int) -> Any:
        return [self.numbers(dask, chunk)]

    def evaluate(self, dask: Collections, expression: Any) -> float:
        (x,) = expression
        return math.fsum(dask.compute((x + shift).sum())[0] for shift in range(USES))


class Persisted(Recomputed):
    """Use an array four times, and persist it first."""

    name = "persisted"

    def evaluate(self, dask: Collections, expression: Any) -> float:
        (x,) = expression
        return super().evaluate(dask, [dask.persist(x)])


class MadeInWorkers(Practice):
    """Have the workers make the data that they work on."""

    name = "made-in-workers"

    def expression(self, dask: Collections, chunk: int, seed: int) -> Any:
        return [self.numbers(dask, chunk).sum()]


class PassedInGraph(Practice):
    """Make the data in the client, and pass it to the workers in the graph."""

    name = "passed-in-graph"

    def expression(self, dask: Collections, chunk: int, seed: int) -> Any:
        return [dask.array.from_array(draw(seed, 0, self.size), chunks=(chunk,)).sum()]


class SmallGraph(MadeInWorkers):
    """Say what is wanted in one statement, which makes a small graph."""

    name = "small-graph"


class HugeGraph(Practice):
    """Say the same in a loop of a hundred statements over slices, which makes a huge graph."""

    name = "huge-graph"

    def expression(self, dask: Collections, chunk: int, seed: int) -> Any:
        x = self.numbers(dask, chunk)
        edges = [self.size * index // SLICES for index in range(SLICES + 1)]
        return [x[start:stop].sum() for start, stop in pairwise(edges)]


class ReducedOnWorkers(MadeInWorkers):
    """Reduce the data where it is, and move the one number."""

    name = "reduced-on-workers"


class MovedToClient(Practice):
    """Move all of the data to the client, and reduce it there."""

    name = "moved-to-client"

    def expression(self, dask: Collections, chunk: int, seed: int) -> Any:
        return [self.numbers(dask, chunk)]

    def evaluate(self, dask: Collections, expression: Any) -> float:
        return float(dask.compute(*expression)[0].sum())
