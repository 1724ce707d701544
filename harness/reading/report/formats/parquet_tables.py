"""Read tables of the schema from Parquet files: only the columns and rows that are needed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from harness.core import schema
from harness.core.errors import InputError

_NEEDED = {"machine", "run", "workload"}
"""Columns that a table of the schema cannot do without."""


def empty_table(name: str) -> pd.DataFrame:
    """Make the table *name* of the schema without rows."""
    return pd.DataFrame(columns=schema.names(name)).astype(schema.dtypes(name))


def read_table(
    path: Path, columns: list[str] | None = None, where: tuple[str, list[str]] | None = None
) -> pd.DataFrame:
    """Read a table of the schema, with its dtypes.

    Parameters
    ----------
    path : Path
        Named after the table.
    columns : list of str, optional
        All of the schema's by default; one that the file does not have is absent in every row.
    where : (str, list of str), optional
        A column, and the values that rows are read for.

    Raises
    ------
    InputError
        Where the file is no such table.
    """
    dtypes = schema.dtypes(path.stem)
    wanted = columns or list(dtypes)
    try:
        there = pq.read_schema(path).names
        for column in _NEEDED & dtypes.keys():
            if column not in there:
                raise InputError(f"{path} has no column {column}: write it with chunkbench tables")
        filters = None if where is None else [(where[0], "in", where[1])]
        table = pq.read_table(
            path, columns=[name for name in wanted if name in there], filters=filters
        )
        frame: pd.DataFrame = table.to_pandas()
        for column in wanted:  # what a later version added is absent in an older table
            if column not in frame:
                frame[column] = None
        return frame[wanted].astype({column: dtypes[column] for column in wanted})
    except (OSError, TypeError, ValueError, pa.ArrowException) as error:
        line = str(error).splitlines()[0]
        raise InputError(f"{path} cannot be read ({line}): write it again with tables") from None
