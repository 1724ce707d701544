"""How a variable lies in storage, and how many of its chunks are read where it is cut otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from harness.core.records import Record


class StoredVariable(Record):
    """A variable of a Zarr store or an HDF5 file.

    Attributes
    ----------
    name : str
    dims : list of str
        Names of its dimensions.
    shape : list of int
    chunks : list of int or None
        Sides of a chunk of the storage; ``None`` where it lies there as a whole, so that any part
        of it is read alone.
    itemsize : int
        Bytes of an element.
    """

    name: str
    dims: list[str]
    shape: list[int]
    chunks: list[int] | None
    itemsize: int

    def sides(self, spec: Mapping[str, int]) -> list[int]:
        """Sides of the chunks of a cut: dimension to length; those not named stay whole."""
        named = zip(self.dims, self.shape, strict=True)
        return [min(side, spec.get(dim, side)) for dim, side in named]

    def chunk_bytes(self, spec: Mapping[str, int]) -> int:
        """Bytes of the largest chunk of a cut."""
        return prod(self.sides(spec)) * self.itemsize

    def n_stored(self) -> int | None:
        """How many chunks the storage has."""
        return None if self.chunks is None else prod(map(_parts, self.shape, self.chunks))

    def n_read(self, spec: Mapping[str, int]) -> int | None:
        """How many times a chunk of the storage is read where every chunk of a cut reads all that
        it overlaps."""
        if self.chunks is None:
            return None
        sides = self.sides(spec)
        return prod(map(_overlaps, self.shape, sides, self.chunks))


def chunk_lengths(variables: Sequence[StoredVariable], dim: str) -> list[int]:
    """Lengths of the storage's chunks along *dim*, each of them once."""
    return sorted(
        {
            variable.chunks[variable.dims.index(dim)]
            for variable in variables
            if variable.chunks is not None and dim in variable.dims
        }
    )


def _parts(side: int, length: int) -> int:
    return -(-side // length)


def _overlaps(side: int, length: int, stored: int) -> int:
    """How many chunks of the storage the parts of one side overlap, all together."""
    ends = ((start, min(start + length, side)) for start in range(0, side, length))
    return sum((end - 1) // stored - start // stored + 1 for start, end in ends)
