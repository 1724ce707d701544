"""Make the tidy frames ``pairs`` and ``blocks`` of journals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

import pandas as pd
import pyarrow as pa

from harness.core.records import RunInfo, WorkerProbe
from harness.core.schema import dtypes
from harness.reading.ingest.check import to_frame
from harness.reading.ingest.journals import JournalContent

_ARROW = {"string": pa.large_string(), "Int64": pa.int64(), "float64": pa.float64()}
_PANDAS = {pa.large_string(): pd.StringDtype(), pa.int64(): pd.Int64Dtype()}


def pairs_frame(journals: Iterable[JournalContent]) -> pd.DataFrame:
    """The ``pairs`` table: one row a pair, and one for each case without a result.

    A phase that was not measured is absent, never 0. ``job`` is that of the stretch in which the
    pair was measured.
    """
    parts = [
        (_provenance(journal.info) | {"job": stretch.job}, stretch.columns)
        for journal in journals
        for stretch in journal.stretches
    ]
    columns = {
        name: _joined(dtype, [_values(name, _ARROW[dtype], *part) for part in parts])
        for name, dtype in dtypes("pairs").items()
    }
    return pd.DataFrame(columns, copy=False)


def _values(
    name: str, kind: pa.DataType, same: dict[str, object], columns: pa.Table
) -> pa.ChunkedArray:
    """One column of a stretch, where what is in *same* is the same in all its rows."""
    if name not in same:
        return columns[name].cast(kind)
    return pa.chunked_array([pa.repeat(pa.scalar(same[name], kind), len(columns))])


def _joined(dtype: str, parts: list[pa.ChunkedArray]) -> pd.Series[Any]:
    chunks = [chunk for part in parts for chunk in part.chunks]
    column = pa.chunked_array([pa.concat_arrays(chunks)] if chunks else [], _ARROW[dtype])
    return cast("pd.Series[Any]", column.to_pandas(types_mapper=_PANDAS.get))


def blocks_frame(journals: Iterable[JournalContent]) -> pd.DataFrame:
    """The ``blocks`` table: one row an engine start-up.

    Raises
    ------
    InputError
        Where a value does not fit its column.
    """
    return to_frame(
        "blocks",
        [
            dict(block)
            | _provenance(journal.info)
            | {
                "native_threads": _native_threads(block.verified),
                "cluster": block.settings.get("cluster"),
                "nodes": len({probe.host for probe in block.verified if probe.host}) or None,
            }
            for journal in journals
            for block in journal.blocks
        ],
    )


def _native_threads(verified: Sequence[WorkerProbe]) -> int | None:
    """The number that all workers read back; ``None`` where they differ or one does not know."""
    counts = {probe.native_threads for probe in verified}
    return counts.pop() if len(counts) == 1 else None


def _provenance(info: RunInfo) -> dict[str, object]:
    return {
        "machine": info.machine.name,
        "run": info.run,
        "commit": info.commit,
        "suite": info.suite,
        "profile": info.profile,
    }
