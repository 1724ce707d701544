"""The lesson's array example: ``(arcsin(x) + arccos(y)).sum(axis=(1, 2))`` of random arrays."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from harness.running.workloads.base import Collections, Sizes, Task, Workload, nearest

if TYPE_CHECKING:
    import numpy.typing as npt

    Vector = npt.NDArray[np.float64]

DEPTH = 10
CHUNK_DEPTH = 5
MEAN = math.pi / 2
VARIANCE = 2 * (math.pi - 3)
"""Mean and variance of ``arcsin(u) + arccos(v)`` for independent uniform u and v in [0, 1): each of
the two has the variance ``pi - 3``, and the means are ``pi/2 - 1`` and 1."""


def array_size(side: int) -> int:
    """Elements of an array of shape (side, side, 10)."""
    return DEPTH * side * side


def reduce_block(seed: int, index: int, rows: int, columns: int, depth: int) -> Vector:
    """The sums over columns and depth of one block, from the block's own PCG64 stream.

    Returns
    -------
    ndarray of float, shape (rows,)
    """
    generator = np.random.default_rng([seed, index])
    x = generator.random((rows, columns, depth))
    y = generator.random((rows, columns, depth))
    total: Vector = (np.arcsin(x) + np.arccos(y)).sum(axis=(1, 2))
    return total


class RandomReduction(Workload):
    """``(da.arcsin(x) + da.arccos(y)).sum(axis=(1, 2))`` over an array of shape (N, N, 10).

    A chunk of ``5 * a * a`` elements has the shape (a, a, 5), as the lesson's (1 000, 1 000, 5),
    and ``a`` divides N; the chunk of all elements is the whole.
    """

    name = "random-reduction"
    sizes: ClassVar[Sizes] = {
        "smoke": array_size(200),
        "laptop": array_size(400),
        "nightly": (array_size(10_000), array_size(5_000), array_size(2_000)),
    }
    elements_a_core = array_size(5_000) / 64
    kernel = staticmethod(reduce_block)

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.side = math.isqrt(size // DEPTH)

    def baseline(self, seed: int) -> Vector:
        return reduce_block(seed, 0, self.side, self.side, DEPTH)

    def task(self, index: int, start: int, elements: int, seed: int) -> Task:
        rows, columns, depth = self.shape(elements)
        return (seed, index, rows, columns, depth)

    def part(self, index: int, parts: int, seed: int) -> Task:
        return (seed, index, -(-self.side // parts), self.side, DEPTH)

    def combine(self, partials: list[Vector]) -> Vector:
        """Chunks are numbered along the depth first, then along the columns, then the rows."""
        rows = partials[0].size
        blocks = np.asarray(partials).reshape(self.side // rows, -1, rows)
        total: Vector = blocks.sum(axis=1).ravel()
        return total

    def expression(self, dask: Collections, chunk: int, seed: int) -> Any:
        da, shape, chunks = dask.array, (self.side, self.side, DEPTH), self.shape(chunk)
        x = da.random.random(shape, chunks=chunks)
        y = da.random.random(shape, chunks=chunks)
        return (da.arcsin(x) + da.arccos(y)).sum(axis=(1, 2))

    def check(self, answer: Vector) -> str | None:
        """Each row within six standard errors, and their mean as well."""
        if answer.shape != (self.side,):
            return f"the shape is {answer.shape} instead of ({self.side},)"
        count = self.side * DEPTH
        for what, value, n in (
            ("row", float(answer[np.abs(answer - MEAN * count).argmax()]) / count, count),
            ("mean", float(answer.mean()) / count, count * self.side),
        ):
            sigma = math.sqrt(VARIANCE / n)
            if not abs(value - MEAN) <= 6 * sigma:
                return f"a {what} is {value!r} an element, more than 6 sigma ({6 * sigma:.3g}) off"
        return None

    def digest(self, answer: Vector) -> str:
        return hashlib.sha256(np.ascontiguousarray(answer).tobytes()).hexdigest()[:16]

    def shape(self, chunk: int) -> tuple[int, int, int]:
        """The shape of a chunk of *chunk* elements."""
        if chunk == self.size:
            return self.side, self.side, DEPTH
        side = math.isqrt(chunk // CHUNK_DEPTH)
        return side, side, CHUNK_DEPTH

    def chunk_shape(self, chunk: int) -> str:
        return "x".join(map(str, self.shape(chunk)))

    def wrong_chunk(self, chunk: int) -> str | None:
        if self.side * self.side * DEPTH != self.size:
            return f"{self.size} elements are no array of shape (N, N, {DEPTH})"
        rows, columns, depth = self.shape(chunk)
        if rows * columns * depth != chunk or self.side % max(rows, 1):
            return f"a chunk must be 5 a a elements, with a a divisor of {self.side}"
        return None

    def nearest_chunk(self, chunk: int) -> int:
        sides = [side for side in range(1, self.side + 1) if self.side % side == 0]
        return CHUNK_DEPTH * nearest([side**2 for side in sides], chunk / CHUNK_DEPTH)

    def whole_bytes(self) -> int:
        return 5 * self.itemsize * self.size  # x, y, their two functions, and the sum of these

    def chunk_bytes(self, chunk: int) -> int:
        return 5 * self.itemsize * chunk
