"""Put rows that come from several places in the order of a table, piece by piece.

The rows of a table stand in the order of their kinds, where it has kinds, and then of their runs.
Places whose runs lie beside one another need not be in memory together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from harness.core import schema
from harness.reading.analysis.verdict.contrasts import KINDS


class Source(Protocol):
    """Where rows of tables come from."""

    @property
    def runs(self) -> Collection[str]:
        """The runs of which it has rows; no other source has any of them."""
        ...

    def rows(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of the table *name* in the order of the kinds and runs, or *columns* of it."""
        ...


def in_order(
    name: str,
    sources: Sequence[Source],
    place: Mapping[str, int],
    columns: Sequence[str] | None = None,
) -> Iterator[pa.Table]:
    """The rows of the table *name* of all *sources*, in the order of the table.

    Those of no run come last, once, from the first source that has any: they are ASV's own timings,
    which only one has, and the figures that were published, which every part of ``forecast`` has
    that has any row.

    Parameters
    ----------
    name : str
    sources : sequence of Source
    place : mapping of str to int
        Run to its place in the order, from 0 on without a gap.
    columns : sequence of str, optional
        ``run`` is one of them, and ``kind`` where the table has it.
    """
    of_no_run: dict[int, pa.Table] = {}
    for kind in KINDS if "kind" in schema.names(name) else (None,):
        for together in _beside_one_another(sources, place):
            parts = []
            known = {run for number in together for run in sources[number].runs}
            runs = pa.array(sorted(known, key=place.__getitem__), pa.large_string())
            for number in together:
                rows = sources[number].rows(name, columns)
                at = pc.index_in(rows["run"], runs)
                if at.null_count:
                    of_no_run[number] = rows.filter(at.is_null())
                    rows = rows.filter(at.is_valid())
                parts.append(rows if kind is None else rows.filter(pc.equal(rows["kind"], kind)))
            yield _by_place(pa.concat_tables(parts), runs)
    if of_no_run:
        yield of_no_run[min(of_no_run)]


def _beside_one_another(
    sources: Sequence[Source], place: Mapping[str, int]
) -> Iterator[tuple[int, ...]]:
    """The numbers of the sources whose runs have to be put in order together, in the order of
    their runs; sources without a run come last, each alone."""
    spans = sorted(
        (*_ends([place[run] for run in source.runs]), number)
        for number, source in enumerate(sources)
        if source.runs
    )
    together: tuple[int, ...] = ()
    reaches = -1
    for first, last, number in spans:
        if together and first > reaches:
            yield together
            together = ()
        together, reaches = (*together, number), max(reaches, last)
    if together:
        yield together
    yield from ((number,) for number, source in enumerate(sources) if not source.runs)


def _ends(places: Collection[int]) -> tuple[int, int]:
    return min(places), max(places)


def _by_place(rows: pa.Table, runs: pa.Array) -> pa.Table:
    at = pc.index_in(rows["run"], runs).to_numpy()
    if (np.diff(at) >= 0).all():
        return rows
    return rows.take(np.argsort(at, kind="stable"))
