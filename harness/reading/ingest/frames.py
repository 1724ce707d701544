"""Make the tidy frames ``pairs`` and ``blocks`` of journals."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.api.types import pandas_dtype

from harness.core.records import RunInfo, WorkerProbe
from harness.core.schema import dtypes
from harness.reading.ingest.check import to_frame
from harness.reading.ingest.journals import JournalContent
from harness.reading.ingest.pair_columns import SCHEMA

_ARROW = {"string": pa.large_string(), "Int64": pa.int64(), "float64": pa.float64()}


def pairs_frame(journals: Iterable[JournalContent]) -> pd.DataFrame:
    """The ``pairs`` table: one row a pair, and one for each case without a result.

    A phase that was not measured is absent, never 0. ``job`` is that of the stretch in which the
    pair was measured.
    """
    stretches = [(journal.info, each) for journal in journals for each in journal.stretches]
    same = [_provenance(info) | {"job": stretch.job} for info, stretch in stretches]
    columns = pa.concat_tables([SCHEMA.empty_table(), *(each.columns for _, each in stretches)])
    stretch_of_row = np.repeat(np.arange(len(same)), [len(each.columns) for _, each in stretches])
    arrays = {}
    for name, dtype in dtypes("pairs").items():
        if name in columns.column_names:
            column = columns[name].cast(_ARROW[dtype]).combine_chunks()
        else:  # the same in all rows of a stretch
            column = pa.array([each[name] for each in same], _ARROW[dtype]).take(stretch_of_row)
        arrays[name] = _of_pandas(dtype, column)
    return pd.DataFrame(arrays, copy=False)


def _of_pandas(dtype: str, column: pa.Array) -> Any:
    if dtype == "float64":
        return column.to_numpy(zero_copy_only=False, writable=True)
    kind: Any = pandas_dtype(dtype)
    return kind.__from_arrow__(column)


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
            block.__dict__  # to iterate over a record takes five times as long
            | _provenance(journal.info)
            | {
                "native_threads": _native_threads(block.verified),
                "cluster": block.settings.get("cluster"),
                "ceiling_samples": json.dumps(block.ceiling_samples),
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
