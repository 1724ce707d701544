"""The random array that a NumPy function works on, and its chunks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

FEW = 4
"""So many runs of one chunk stand for all of an array that does not fit in memory."""


class OwnArray:
    """A random array.

    Parameters
    ----------
    shape : sequence of int
    dtype : str
    whole : bool
        Whether it is made as a whole; else few chunks stand for all.

    Attributes
    ----------
    array : ndarray or None
        The whole, where it is made.
    """

    def __init__(self, shape: Sequence[int], dtype: str, *, whole: bool) -> None:
        self._shape, self._dtype, self.whole = tuple(shape), np.dtype(dtype), whole
        self.array = self._random(self._shape) if whole else None

    def n_chunks(self, spec: Sequence[int]) -> int:
        """How many chunks of shape *spec* cover the array."""
        number = 1
        for side, part in zip(self._shape, spec):
            number *= -(-side // part)
        return number

    def chunks(self, spec: Sequence[int]) -> list[Any]:
        """The chunks of shape *spec*, in order; where there is no whole array, one of them, at
        most :data:`FEW` times."""
        if self.array is None:
            return [self._random(tuple(spec))] * min(FEW, self.n_chunks(spec))
        grid = [range(0, side, part) for side, part in zip(self._shape, spec)]
        places = np.stack(np.meshgrid(*grid, indexing="ij"), axis=-1).reshape(-1, len(grid))
        return [
            self.array[tuple(slice(start, start + part) for start, part in zip(place, spec))]
            for place in places.tolist()
        ]

    def _random(self, shape: tuple[int, ...]) -> Any:
        generator = np.random.default_rng(0)
        if self._dtype.kind in "iu":
            return generator.integers(0, 100, shape, dtype=self._dtype)
        if self._dtype.kind == "b":
            return generator.integers(0, 2, shape).astype(bool)
        return generator.random(shape).astype(self._dtype, copy=False)
