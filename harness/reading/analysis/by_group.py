"""From a tidy frame to a table of the schema, group by group.

Most analyses have one shape: part a frame by some key columns, make rows of each part, and give
them the columns and dtypes of a table. The shape is here once; an analysis brings the function
that makes the rows of one group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import pandas_dtype

from harness.core import schema
from harness.core.errors import InputError
from harness.core.records import RunInfo

Row = dict[str, Any]
"""One row of a table: column name to value; a column that is missing is absent there."""

Key = tuple[Any, ...]
"""The values of the key columns of one group, in their order."""

RowsOfGroup = Callable[[Key, pd.DataFrame, RunInfo], Iterable[Row]]
"""Makes the rows of one group from its key, its part of the frame, and its run line."""


def rows_by_group(
    table: str,
    keys: Sequence[str],
    runs: Mapping[str, RunInfo],
    rows_of: RowsOfGroup,
    frame: pd.DataFrame,
) -> pd.DataFrame:
    """A table of the schema from the rows that *rows_of* makes of each group of *frame*.

    Parameters
    ----------
    table : str
        Name of a table of :data:`harness.core.schema.TABLES`.
    keys : sequence of str
        Columns whose values make a group; ``run`` is one of them.
    runs : mapping of str to RunInfo
        Run name to run line.
    rows_of : callable
        Is given the key, the rows and the run line of one group, and makes its rows of *table*.
    frame : DataFrame
        Rows that lack a key, such as the unpaired timings of ASV, are in no group.

    Returns
    -------
    DataFrame
        The columns and dtypes of *table*; groups in the order of their first row.

    Raises
    ------
    InputError
        Where a run line is missing.
    """
    rows = [
        row
        for key, part, info in groups_of_runs(keys, runs, frame)
        for row in rows_of(key, part, info)
    ]
    return to_table(table, rows)


def groups_of_runs(
    keys: Sequence[str], runs: Mapping[str, RunInfo], frame: pd.DataFrame
) -> Iterator[tuple[Key, pd.DataFrame, RunInfo]]:
    """Key, rows and run line of each group of *frame*; see :func:`rows_by_group`."""
    for key, part in by_key(frame, keys).items():
        yield key, part, run_info(runs, str(part["run"].iloc[0]))


def by_key(frame: pd.DataFrame, keys: Sequence[str]) -> dict[Key, pd.DataFrame]:
    """The rows of each group of *frame*, in the order of their first row; rows keep their order.

    Parameters
    ----------
    frame : DataFrame
        Rows that lack a key are in no group.
    keys : sequence of str
        Columns whose values make a group.
    """
    if frame.empty:  # its key columns may lack their dtypes, and there is nothing to part
        return {}
    return {tuple(key): part for key, part in frame.groupby(list(keys), sort=False)}


def group_numbers(
    frame: pd.DataFrame, keys: Sequence[str], *, dropna: bool = True
) -> NDArray[np.int64]:
    """The number of each row's group, shape (rows,), from 0 in the order of their first rows.

    Parameters
    ----------
    frame : DataFrame
    keys : sequence of str
        Columns whose values make a group.
    dropna : bool
        Whether rows that lack a key are in no group, which is -1; else an absent key is a value.
    """
    numbers = frame.groupby(list(keys), sort=False, dropna=dropna).ngroup()
    return np.nan_to_num(numbers.to_numpy(dtype=np.float64), nan=-1).astype(np.int64)


def records_by(frame: pd.DataFrame, keys: Sequence[str]) -> dict[Key, list[Row]]:
    """The rows of each group of *frame* as plain records, in the order of their first row.

    Where single values are read one by one, records cost far less than slices of the frame.

    Parameters
    ----------
    frame : DataFrame
        Rows that lack a key are in no group.
    keys : sequence of str
        Columns whose values make a group.

    Returns
    -------
    dict of tuple to list of dict
        Rows keep their order. See :func:`records` for what is in one.
    """
    groups: dict[Key, list[Row]] = {}
    for row in records(frame):
        key = tuple(row[name] for name in keys)
        if None not in key:
            groups.setdefault(key, []).append(row)
    return groups


def records(frame: pd.DataFrame) -> list[Row]:
    """The rows of *frame* as plain records: what is absent is ``None``, whatever the dtype, and
    numbers are those of Python."""
    columns = [column_values(column) for _, column in frame.items()]
    names = [str(name) for name in frame.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def column_values(column: pd.Series[Any]) -> list[Any]:
    """The values of *column* as in :func:`records`."""
    values = column.to_numpy(dtype=object, copy=True)
    values[column.isna().to_numpy(dtype=bool)] = None
    plain: list[Any] = values.tolist()
    return plain


def to_table(table: str, rows: Sequence[Row]) -> pd.DataFrame:
    """*rows* as a frame with exactly the columns and dtypes of *table*.

    Parameters
    ----------
    table : str
        Name of a table of :data:`harness.core.schema.TABLES`.
    rows : sequence of dict
        What a row lacks is absent there; what the table has no column for is left out.
    """
    columns = {
        name: typed([row.get(name) for row in rows], dtype)
        for name, dtype in schema.dtypes(table).items()
    }
    return pd.DataFrame(columns, copy=False)


def typed(values: Sequence[Any] | NDArray[Any] | pd.Series[Any], dtype: str) -> pd.Series[Any]:
    """*values* as a column with one of the dtypes of the schema; ``None`` and NaN are absent."""
    return pd.Series(values, dtype=pandas_dtype(dtype), copy=False)


def run_info(runs: Mapping[str, RunInfo], run: str) -> RunInfo:
    """The run line of *run*.

    Parameters
    ----------
    runs : mapping of str to RunInfo
        Run name to run line.
    run : str

    Raises
    ------
    InputError
        Where the journals had none: without it the planned looks are unknown.
    """
    if run not in runs:
        raise InputError(f"run {run} has no run line: its journal lost its first line, restore it")
    return runs[run]
