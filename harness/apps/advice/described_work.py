"""Read the description of a user's work, and check what can be checked without running it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from harness.apps.advice.function_name import function_name
from harness.core import units
from harness.core.errors import UsageError
from harness.running.measure.own.stored_variable import StoredVariable

COPIES = 3
"""Until it is measured, a task is taken to need so many arrays of its chunk's size."""

Spec = str | int | list[int] | dict[str, int] | None
"""What a work is handed as chunks: a size such as ``"1 MiB"``, partitions, sides, lengths along
dimensions by name, or nothing."""


@dataclass(frozen=True)
class DescribedWork:
    """The work that advice is asked for.

    Attributes
    ----------
    name : str
        What to call it in the answer.
    target : str
        ``module:function``; empty where the seconds of a chunk are given by hand.
    numpy : bool
        Whether the function takes a NumPy array, a chunk at a time.
    shape : tuple of int or None
        Sides of the whole array, where they are known.
    dtype : dtype
    paths : tuple of str
        Folders in which the module is looked for first.
    source : str
        The array in storage that the function works on, ``path#variable``; empty for none.
    dims : tuple of str
        Dimensions to cut it along.
    misaligned : bool
        Whether chunks may cut through those of the storage.
    stored : tuple of StoredVariable
        What lies there; known once the work is loaded.
    against : str
        ``module:function`` of the user's own serial way; empty where there is none.
    given : tuple of (elements, seconds)
        Serial seconds of chunks, by hand, the elements rising.
    whole : bool
        Whether the whole array fits in memory; it counts for NumPy functions only.
    notes : list of str
        Sentences for the answer.
    """

    name: str
    target: str
    numpy: bool
    shape: tuple[int, ...] | None
    dtype: np.dtype[Any]
    paths: tuple[str, ...]
    source: str = ""
    dims: tuple[str, ...] = ()
    misaligned: bool = False
    stored: tuple[StoredVariable, ...] = ()
    against: str = ""
    given: tuple[tuple[int, float], ...] = ()
    whole: bool = True
    notes: list[str] = field(default_factory=list)

    @property
    def by_hand(self) -> bool:
        """Whether there is no function to run."""
        return not self.target

    @property
    def unchecked(self) -> str | None:
        """Why the whole cannot be run to check a forecast; ``None`` where it can."""
        if self.by_hand:
            return "not checked: there is no function to run"
        if self.numpy and not self.whole:
            return "not checked: the whole does not fit in memory"
        return None

    @property
    def elements(self) -> int:
        """Number of elements of the whole array."""
        return math.prod(self.shape or ())

    @property
    def load_arguments(self) -> dict[str, Any]:
        """What the child processes need to load it."""
        return {
            "target": self.target,
            "paths": list(self.paths),
            "numpy": self.numpy or self.by_hand,
            "shape": list(self.shape) if self.shape else None,
            "dtype": self.dtype.str,
            "whole": self.whole,
            "against": self.against,
            "source": self.source,
            "element_seconds": min((s / n for n, s in self.given), default=0.0),
        }

    def storage_reads(self, spec: Spec) -> int | None:
        """How many times a chunk of the storage is read; ``None`` where there are none."""
        reads = [each.n_read(spec) for each in self.stored] if isinstance(spec, dict) else []
        known = [read for read in reads if read is not None]
        return sum(known) if known else None

    @property
    def storage_chunks(self) -> int | None:
        """How many chunks the storage has; ``None`` where there are none."""
        known = [n for n in (each.n_stored() for each in self.stored) if n is not None]
        return sum(known) if known else None

    def chunk_bytes(self, spec: Spec) -> int | None:
        """Bytes of the largest chunk of the cut *spec*; ``None`` where that is not known."""
        if isinstance(spec, dict):
            return sum(variable.chunk_bytes(spec) for variable in self.stored)
        if isinstance(spec, list):
            return math.prod(spec) * self.dtype.itemsize
        if isinstance(spec, str) and spec.endswith(" KiB"):
            return int(spec.removesuffix(" KiB")) << 10
        return None


def describe(
    work: str | Callable[..., Any] | None,
    shape: Sequence[int] | None,
    dtype: str,
    numpy: bool,
    chunk: Sequence[Sequence[int]],
    chunk_seconds: Sequence[float],
    paths: Sequence[str] | None,
    memory_bytes: float,
    against: str | Callable[..., Any] | None = None,
    source: str | None = None,
    dims: Sequence[str] = (),
    misaligned: bool = False,
) -> DescribedWork:
    """Read the arguments of :func:`harness.apps.advice.advise`.

    Raises
    ------
    UsageError
        Where something is missing, or contradicts something else.
    """
    target, compared = function_name(work), function_name(against)
    sides = None if shape is None else tuple(int(side) for side in shape)
    if sides is not None and (not sides or min(sides) < 1):
        raise UsageError(f"the shape {_sides(sides)} has no elements: give sides of at least 1")
    try:
        kind = np.dtype(dtype)
    except TypeError:
        raise UsageError(f"{dtype!r} is no dtype: write for example float64 or int32") from None
    if kind.kind not in "biuf":
        raise UsageError(f"arrays of {dtype} cannot be made up: use a number or bool dtype")
    if target and (chunk or chunk_seconds):
        raise UsageError("give either a function or the seconds of a chunk, not both")
    if numpy and not target:
        raise UsageError("--numpy says what a function takes: name it as module:function")
    if source and (numpy or sides is not None or not target):
        raise UsageError(
            "--from says where the array is: name a function that takes it, as module:function, "
            "without --shape and --numpy"
        )
    if (dims or misaligned) and not source:
        raise UsageError("--dims and --misaligned are of an array in storage: give --from")
    if compared and not target:
        raise UsageError("--against is set beside a function: name the work as module:function")
    if (numpy or not target) and sides is None:
        what = "a NumPy function" if numpy else "the seconds of a chunk"
        raise UsageError(f"{what} needs the array: give --shape, such as 4000x4000")
    given = _given(sides or (), chunk, chunk_seconds) if not target else ()
    notes: list[str] = []
    whole_bytes = math.prod(sides or (0,)) * kind.itemsize
    whole = numpy and COPIES * whole_bytes <= memory_bytes
    if numpy and not whole:
        notes.append(
            f"the array of {units.size(whole_bytes)} does not fit in memory "
            f"({units.size(memory_bytes)} free): single chunks were timed, and it is not run whole"
        )
        if compared:
            notes.append(f"not compared with {compared}: it takes the whole array")
            compared = ""
    if not target and len(given) == 1:
        notes.append("an element is taken to cost the same in every chunk: give more chunks")
    return DescribedWork(
        name=target or f"an array of {_sides(sides or ())}",
        target=target,
        numpy=numpy,
        shape=sides,
        dtype=kind,
        paths=(str(Path.cwd()),) if paths is None else tuple(paths),
        against=compared,
        source=source or "",
        dims=tuple(dims),
        misaligned=misaligned,
        given=given,
        whole=whole,
        notes=notes,
    )


def _given(
    shape: tuple[int, ...], chunk: Sequence[Sequence[int]], seconds: Sequence[float]
) -> tuple[tuple[int, float], ...]:
    """Elements and serial seconds of each chunk given by hand, the elements rising."""
    if not chunk or len(chunk) != len(seconds):
        raise UsageError(
            "without a function give the shape of a chunk and its serial seconds, as often as you "
            "like: --chunk 500x500 --chunk-seconds 0.02"
        )
    seconds_by_elements: dict[int, float] = {}
    for sides, took in zip(chunk, seconds, strict=True):
        if len(sides) != len(shape) or min(sides) < 1 or any(a > b for a, b in zip(sides, shape)):
            raise UsageError(f"the chunk {_sides(sides)} is not within the array {_sides(shape)}")
        if not (took > 0 and math.isfinite(took)):
            raise UsageError(f"a chunk of {took:g} s: give the seconds that it takes, above 0")
        seconds_by_elements[math.prod(sides)] = took
    return tuple(sorted(seconds_by_elements.items()))


def _sides(shape: Sequence[int]) -> str:
    return "x".join(map(str, shape))
