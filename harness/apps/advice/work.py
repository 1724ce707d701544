"""The user's work as it was described, and the ways to cut it."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from harness.core import units
from harness.core.errors import UsageError
from harness.running.executors import dask_graph
from harness.running.measure.own.own_records import Cut
from harness.running.measure.own.own_work import OwnWork

MOST_TASKS = 2_000
"""No cut with more tasks is tried: scheduling them alone takes half a second."""
LARGEST, SMALLEST = 1 << 30, 1 << 12
"""Bytes of a chunk: the largest counts where the shape of the array is not known."""
COPIES = 3
"""Arrays of a chunk's size that a task is taken to need until it has been measured."""

Spec = str | int | list[int] | None


@dataclass(frozen=True)
class OneWork:
    """What is to be advised on.

    Attributes
    ----------
    target : str
        ``module:function``; empty where the seconds of a chunk are given by hand.
    given : tuple of (elements, seconds)
        Serial seconds of chunks, by hand, the elements rising.
    """

    name: str
    target: str
    numpy: bool
    shape: tuple[int, ...] | None
    dtype: np.dtype[Any]
    paths: tuple[str, ...]
    given: tuple[tuple[int, float], ...] = ()
    whole: bool = True
    notes: list[str] = field(default_factory=list)

    @property
    def by_hand(self) -> bool:
        """Whether there is no function to run."""
        return not self.target

    @property
    def unchecked(self) -> str | None:
        """Why the whole cannot be run, or ``None``."""
        if self.by_hand:
            return "not checked: there is no function to run"
        if self.numpy and not self.whole:
            return "not checked: the whole does not fit in memory"
        return None

    @property
    def elements(self) -> int:
        """Of the whole array."""
        return math.prod(self.shape or ())

    @property
    def loaded(self) -> dict[str, Any]:
        """What the child processes are told."""
        return {
            "target": self.target,
            "paths": list(self.paths),
            "numpy": self.numpy or self.by_hand,
            "shape": list(self.shape) if self.shape else None,
            "dtype": self.dtype.str,
            "whole": self.whole,
            "element_seconds": min((s / n for n, s in self.given), default=0.0),
        }

    def chunk_bytes(self, spec: Spec) -> int | None:
        """Bytes of a chunk cut like *spec*, at most; ``None`` where it is not known."""
        if isinstance(spec, list):
            return math.prod(spec) * self.dtype.itemsize
        if isinstance(spec, str) and spec.endswith(" KiB"):
            return int(spec.removesuffix(" KiB")) << 10
        return None


def described(
    work: str | Callable[..., Any] | None,
    shape: Sequence[int] | None,
    dtype: str,
    numpy: bool,
    chunk: Sequence[Sequence[int]],
    chunk_seconds: Sequence[float],
    paths: Sequence[str] | None,
    memory_bytes: float,
) -> OneWork:
    """The work, checked as far as it can be without running it.

    Raises
    ------
    UsageError
        Where something is missing, or contradicts something else.
    """
    target = _target(work)
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
    if not target and len(given) == 1:
        notes.append("an element is taken to cost the same in every chunk: give more chunks")
    found = Path.cwd() if paths is None else None
    where = (str(found),) if found else tuple(paths or ())
    return OneWork(
        target or f"an array of {_sides(sides or ())}",
        target,
        numpy,
        sides,
        kind,
        where,
        given,
        whole,
        notes,
    )


def _target(work: str | Callable[..., Any] | None) -> str:
    if work is None:
        return ""
    if callable(work):
        module = inspect.getmodule(work)
        name = getattr(work, "__qualname__", "")
        if module is None or module.__name__ == "__main__" or "<" in name:
            raise UsageError(
                "a function made in a notebook or in another function cannot be run in a fresh "
                "process: write it to a file and give module:function"
            )
        return f"{module.__name__}:{name}"
    module_name, _, function = work.partition(":")
    if not module_name or not function:
        raise UsageError(f"{work!r} names no function: write module:function, as in mywork:mean")
    return work


def _given(
    shape: tuple[int, ...], chunk: Sequence[Sequence[int]], seconds: Sequence[float]
) -> tuple[tuple[int, float], ...]:
    if not chunk or len(chunk) != len(seconds):
        raise UsageError(
            "without a function give the shape of a chunk and its serial seconds, as often as you "
            "like: --chunk 500x500 --chunk-seconds 0.02"
        )
    found: dict[int, float] = {}
    for one, took in zip(chunk, seconds, strict=True):
        if len(one) != len(shape) or min(one) < 1 or any(a > b for a, b in zip(one, shape)):
            raise UsageError(f"the chunk {_sides(one)} is not within the array {_sides(shape)}")
        if not (took > 0 and math.isfinite(took)):
            raise UsageError(f"a chunk of {took:g} s: give the seconds that it takes, above 0")
        found[math.prod(one)] = took
    return tuple(sorted(found.items()))


def _sides(shape: Sequence[int]) -> str:
    return "x".join(map(str, shape))


def cuts(own: OwnWork, work: OneWork, memory_bytes: float) -> list[Cut]:
    """Ways to cut the work, from few chunks to many, by about factors of two.

    Raises
    ------
    UsageError
        Where there is no way to cut it that fits in memory, or the function does not do as asked.
    """
    found: list[Cut] = []
    for spec in _specs(own, work):
        size = work.chunk_bytes(spec)
        if size is not None and COPIES * size > memory_bytes:
            continue
        cut = own.survey(spec)
        if found and cut.n_chunks <= found[-1].n_chunks:
            if cut.n_chunks == found[-1].n_chunks:
                found[-1] = cut  # the smallest that gives as many
            continue
        if found and cut.n_tasks > MOST_TASKS:
            break
        found.append(cut)
    if not found:
        raise UsageError("no chunk fits in memory: give a smaller shape")
    if isinstance(found[0].spec, str) and len(found) == 1:
        raise UsageError(
            f"{work.target} makes the same chunks whatever it is given: use its argument chunks"
        )
    return found


def _specs(own: OwnWork, work: OneWork) -> Iterator[Spec]:
    if work.shape and (own.takes == "chunks" or work.numpy or work.by_hand):
        total = work.elements * work.dtype.itemsize
        limit = total
        while limit >= min(SMALLEST, total):
            yield list(dask_graph.chunks_of_bytes(work.shape, work.dtype.str, limit))
            limit //= 2
    elif own.takes == "chunks":
        limit = LARGEST
        while limit >= SMALLEST:
            yield f"{limit >> 10} KiB"
            limit //= 2
    elif own.takes == "npartitions":
        yield from (2**power for power in range(13))
    else:
        yield None


def auto_cut(own: OwnWork, work: OneWork) -> Cut | None:
    """The cut that Dask's ``chunks="auto"`` makes; ``None`` where there is no such choice."""
    if work.shape and (own.takes == "chunks" or work.numpy or work.by_hand):
        return own.survey(list(dask_graph.auto_chunks(work.shape, work.dtype.str)))
    return own.survey("auto") if own.takes == "chunks" else None
