"""Choose the ways to cut a user's work into chunks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from time import monotonic

from harness.apps.advice.described_work import COPIES, DescribedWork, Spec
from harness.apps.advice.near_equal import near_equal_chunks
from harness.apps.advice.stored_cuts import stored_cuts
from harness.core import units
from harness.core.errors import UsageError
from harness.core.progress_step import Step
from harness.reading.report.advice.advice_words import chunks_text
from harness.running.executors import dask_graph
from harness.running.measure.own.own_records import Cut
from harness.running.measure.own.own_work import OwnWork

MOST_TASKS = 500
"""No cut with more tasks is forecast: such forecasts came out 15 to 35 % too low."""
LARGEST, SMALLEST = 1 << 30, 1 << 12
"""Bytes of a chunk: the largest counts where the shape of the array is not known."""


def ways_to_cut(
    own: OwnWork,
    work: DescribedWork,
    memory_bytes: float,
    workers: int,
    look_seconds: float,
    step: Step,
) -> tuple[list[Cut], list[str]]:
    """Cut the work in ways that fit in memory, from few chunks to many, by about factors of two.

    Parameters
    ----------
    own : OwnWork
    work : DescribedWork
    memory_bytes : float
        For the chunks of all *workers* together.
    workers : int
    look_seconds : float
        How long further ones are looked at after the first, which also pays for imports.
    step : Step

    Returns
    -------
    tuple of list of Cut, list of str
        And notes on what was left out.

    Raises
    ------
    UsageError
        Where there is no way to cut it that fits in memory, or the function does not do as asked.
    """
    cuts: list[Cut] = []
    notes: list[str] = []
    specs = list(_specs(own, work))
    until = math.inf
    for number, spec in enumerate(specs, 1):
        size = work.chunk_bytes(spec)
        if size is not None and COPIES * size > memory_bytes:
            continue
        cut = own.survey(spec)
        step("chunk sizes looked at", number, len(specs))
        if size is not None and COPIES * size * min(workers, cut.n_chunks) > memory_bytes:
            continue
        if cuts and cut.n_chunks <= cuts[-1].n_chunks:
            if isinstance(spec, int):
                break  # there are no more partitions to be had
            if cut.n_chunks == cuts[-1].n_chunks:
                cuts[-1] = cut  # of several that give as many chunks, keep the smallest
            continue
        if cuts and cut.n_tasks > MOST_TASKS:
            notes.append(
                f"chunks {chunks_text(cut.spec)} and smaller make {units.count(cut.n_tasks)} tasks "
                f"and more: no forecast beyond {MOST_TASKS}, where it would be too low"
            )
            break
        cuts.append(cut)
        if len(cuts) == 1:
            until = monotonic() + look_seconds
        elif monotonic() > until:
            notes.append(
                f"building the graph took long: chunks smaller than {chunks_text(cut.spec)} were "
                "not looked at; give a longer --budget"
            )
            break
    if not cuts:
        raise UsageError(
            f"no chunk fits in the {units.size(memory_bytes)} of free memory with "
            f"{units.plural(workers, 'worker')}: give fewer --workers or a smaller --shape"
        )
    if isinstance(cuts[0].spec, str) and len(cuts) == 1 and not notes:
        raise UsageError(
            f"{work.target} makes the same chunks whatever it is given: use its argument chunks"
        )
    return cuts, notes


def _specs(own: OwnWork, work: DescribedWork) -> Iterator[Spec]:
    if work.stored:
        yield from stored_cuts(work.stored, work.dims, work.misaligned, SMALLEST)
    elif work.shape and (own.takes == "chunks" or work.numpy or work.by_hand):
        least = min(SMALLEST // work.dtype.itemsize, math.prod(work.shape))
        yield from map(list, near_equal_chunks(work.shape, least))
    elif own.takes in ("chunks", "blocksize"):
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
    return own.survey("auto") if own.takes == "chunks" or work.stored else None
