"""A blocked matrix product, where native threads matter: ``(x @ x.T).sum()``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from harness.running.workloads.base import Collections, Sizes, Task, Workload, nearest

if TYPE_CHECKING:
    import numpy.typing as npt

    Matrix = npt.NDArray[np.float64]

TILE = 32
"""Rows that share a random stream, so that a row is the same under every chunking."""


def rows_of(seed: int, start: int, rows: int, columns: int) -> Matrix:
    """Rows *start* to ``start + rows`` of the matrix; both are multiples of 32.

    Returns
    -------
    ndarray of float, shape (rows, columns)
    """
    return np.concatenate(
        [
            np.random.default_rng([seed, tile]).random((TILE, columns))
            for tile in range(start // TILE, (start + rows) // TILE)
        ]
    )


def multiply_blocks(
    seed: int, first: int, rows: int, second: int, others: int, columns: int
) -> float:
    """The sum of one block of the product, of *rows* rows from *first* on with *others* rows from
    *second* on, by one call of BLAS."""
    x = rows_of(seed, first, rows, columns)
    y = x if (first, rows) == (second, others) else rows_of(seed, second, others, columns)
    return float((x @ y.T).sum())


class BlasProduct(Workload):
    """``(x @ x.T).sum()`` for random x of shape (2 n, n).

    The elements are those of the product, of shape (2 n, 2 n); a chunk of ``b * b`` of them is a
    square block, and ``b`` divides 2 n.
    """

    name = "blas-product"
    sizes: ClassVar[Sizes] = {"smoke": 256**2, "laptop": 1_024**2, "nightly": 4_096**2}
    kernel = staticmethod(multiply_blocks)

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.rows = math.isqrt(size)
        self.columns = self.rows // 2

    def baseline(self, seed: int) -> float:
        return multiply_blocks(seed, 0, self.rows, 0, self.rows, self.columns)

    def task(self, index: int, start: int, elements: int, seed: int) -> Task:
        side = math.isqrt(elements)
        first, second = divmod(index, self.rows // side)
        return (seed, first * side, side, second * side, side, self.columns)

    def part(self, index: int, parts: int, seed: int) -> Task:
        rows = max(TILE, self.rows // parts // TILE * TILE)
        return (seed, index * rows, rows, 0, self.rows, self.columns)

    def combine(self, partials: list[float]) -> float:
        return float(np.sum(partials))

    def expression(self, dask: Collections, chunk: int, seed: int) -> Any:
        shape, chunks = (self.rows, self.columns), (math.isqrt(chunk), self.columns)
        x = dask.array.random.random(shape, chunks=chunks)
        return (x @ x.T).sum()

    def check(self, answer: float) -> str | None:
        """Within six standard deviations.

        The sum is that of the squares of the columns' sums, each of 2 n uniform numbers: with mean
        ``m = n`` and variance ``v = 2 n / 12`` a square has the mean ``m m + v`` and, as the sums
        are nearly normal, the variance ``4 m m v + 2 v v``.
        """
        mean, variance = self.rows / 2, self.rows / 12
        expected = self.columns * (mean**2 + variance)
        sigma = math.sqrt(self.columns * (4 * mean**2 * variance + 2 * variance**2))
        if abs(answer - expected) <= 6 * sigma:
            return None
        return f"sum is {answer!r}, more than 6 sigma ({6 * sigma:.4g}) from {expected!r}"

    def chunk_shape(self, chunk: int) -> str:
        return f"{math.isqrt(chunk)}x{math.isqrt(chunk)}"

    def wrong_chunk(self, chunk: int) -> str | None:
        if self.rows**2 != self.size or self.rows % (2 * TILE):
            return f"{self.size} elements are no square with a side that {2 * TILE} divides"
        side = math.isqrt(chunk)
        if side**2 != chunk or side % TILE or self.rows % side:
            return (
                f"a chunk must be a square, its side a multiple of {TILE} and a divisor of "
                f"{self.rows}"
            )
        return None

    def nearest_chunk(self, chunk: int) -> int:
        sides = [side for side in range(TILE, self.rows + 1, TILE) if self.rows % side == 0]
        return nearest([side**2 for side in sides], chunk)

    def whole_bytes(self) -> int:
        return self.itemsize * (2 * self.rows * self.columns + self.size)

    def chunk_bytes(self, chunk: int) -> int:
        return self.itemsize * (4 * math.isqrt(chunk) * self.columns + chunk)
