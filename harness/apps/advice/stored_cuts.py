"""Ways to cut an array in storage: by whole chunks of the storage, along named dimensions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from math import lcm

from harness.apps.advice.near_equal import near_equal_chunks
from harness.core.errors import UsageError
from harness.running.measure.own.stored_variable import StoredVariable, chunk_lengths


def stored_cuts(
    variables: Sequence[StoredVariable], dims: Sequence[str], misaligned: bool, least_bytes: int
) -> Iterator[dict[str, int]]:
    """Yield cuts from the whole to small chunks, by about factors of two.

    Chunks are whole multiples of the storage's, so that none of these is read twice, and near-equal
    parts. Dimensions that are not named stay whole.

    Parameters
    ----------
    variables : sequence of StoredVariable
    dims : sequence of str
        Along which to cut; none: those along which the storage is cut, or else all.
    misaligned : bool
        Cut wherever near-equal parts end, also through chunks of the storage.
    least_bytes : int
        Of the smallest chunk, all variables together.

    Raises
    ------
    UsageError
        Where there is no dimension of such a name.
    """
    sizes = {
        dim: size
        for variable in variables
        for dim, size in zip(variable.dims, variable.shape, strict=True)
    }
    for dim in dims:
        if dim not in sizes:
            near = get_close_matches(dim, sizes, n=1)
            meant = f"did you mean {near[0]}? " if near else ""
            raise UsageError(
                f"no dimension {dim!r} in what is stored: {meant}choose from {', '.join(sizes)}"
            )
    unit = {dim: lcm(*(chunk_lengths(variables, dim) or [1])) for dim in sizes}
    cut_along = list(dims) or [dim for dim in sizes if 1 < unit[dim] < sizes[dim]] or list(sizes)
    if misaligned:
        unit = dict.fromkeys(sizes, 1)
    counts = [-(-sizes[dim] // unit[dim]) for dim in cut_along]
    for parts in near_equal_chunks(counts, 1):
        spec = {
            dim: min(sizes[dim], part * unit[dim])
            for dim, part in zip(cut_along, parts, strict=True)
        }
        if sum(variable.chunk_bytes(spec) for variable in variables) < least_bytes:
            return
        yield spec
