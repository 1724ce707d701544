"""Choose the ways to cut a user's work into chunks."""

from __future__ import annotations

from collections.abc import Iterator

from harness.apps.advice.described_work import COPIES, DescribedWork, Spec
from harness.core.errors import UsageError
from harness.running.executors import dask_graph
from harness.running.measure.own.own_records import Cut
from harness.running.measure.own.own_work import OwnWork

MOST_TASKS = 2_000
"""No cut with more tasks is tried: scheduling them alone takes half a second."""
LARGEST, SMALLEST = 1 << 30, 1 << 12
"""Bytes of a chunk: the largest counts where the shape of the array is not known."""


def ways_to_cut(own: OwnWork, work: DescribedWork, memory_bytes: float) -> list[Cut]:
    """Cut the work in ways that fit in memory, from few chunks to many, by about factors of two.

    Raises
    ------
    UsageError
        Where there is no way to cut it that fits in memory, or the function does not do as asked.
    """
    cuts: list[Cut] = []
    for spec in _specs(own, work):
        size = work.chunk_bytes(spec)
        if size is not None and COPIES * size > memory_bytes:
            continue
        cut = own.survey(spec)
        if cuts and cut.n_chunks <= cuts[-1].n_chunks:
            if cut.n_chunks == cuts[-1].n_chunks:
                cuts[-1] = cut  # of several that give as many chunks, keep the smallest
            continue
        if cuts and cut.n_tasks > MOST_TASKS:
            break
        cuts.append(cut)
    if not cuts:
        raise UsageError("no chunk fits in memory: give a smaller shape")
    if isinstance(cuts[0].spec, str) and len(cuts) == 1:
        raise UsageError(
            f"{work.target} makes the same chunks whatever it is given: use its argument chunks"
        )
    return cuts


def _specs(own: OwnWork, work: DescribedWork) -> Iterator[Spec]:
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


def auto_cut(own: OwnWork, work: DescribedWork) -> Cut | None:
    """Cut the work as Dask's ``chunks="auto"`` does; ``None`` where it takes no chunks."""
    if work.shape and (own.takes == "chunks" or work.numpy or work.by_hand):
        return own.survey(list(dask_graph.auto_chunks(work.shape, work.dtype.str)))
    return own.survey("auto") if own.takes == "chunks" else None
