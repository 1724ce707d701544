"""Tidy frames: built from rows, and checked against the one schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.api.types import pandas_dtype

from harness.core.errors import InputError, UnknownNameError
from harness.core.schema import TABLES, Column

if TYPE_CHECKING:
    import pandera.pandas as pandera


def to_frame(table: str, rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """Make a frame with exactly the columns of *table*, from one mapping a row.

    Parameters
    ----------
    table : str
        Name of a table of :data:`harness.core.schema.TABLES`.
    rows : iterable of mapping
        Column name to value; a column that a row lacks, or that is ``None``, is absent there.

    Returns
    -------
    DataFrame
        Columns, order and dtypes of the schema, index ``0..n-1``; no rows give an empty frame.

    Raises
    ------
    UnknownNameError
        Where there is no such table.
    InputError
        Where a value does not fit its column.
    """
    kept = list(rows)
    try:
        columns = {
            column.name: _array([row.get(column.name) for row in kept], column.dtype)
            for column in _columns(table)
        }
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"table {table}: a value does not fit its column ({error})") from None
    return pd.DataFrame(columns, copy=False)


def validate(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Check that columns, their order and their dtypes are those of *table*.

    It is for frames that were made elsewhere: :func:`to_frame` gives no other.

    Parameters
    ----------
    table : str
        Name of a table of :data:`harness.core.schema.TABLES`.
    frame : DataFrame

    Returns
    -------
    DataFrame
        *frame* itself.

    Raises
    ------
    UnknownNameError
        Where there is no such table.
    InputError
        Where the frame differs from the schema; names the first column that does.
    """
    from pandera.errors import SchemaError, SchemaErrors  # noqa: PLC0415 - no command checks frames

    try:
        _schema(table).validate(frame)
    except (SchemaError, SchemaErrors) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"table {table} does not obey its schema: {reason[:200]}; "
            "make it with the version of chunkbench that reads it"
        ) from None
    return frame


@cache
def _dtype(name: str) -> Any:
    return pandas_dtype(name)  # looks through all dtypes for the name, each time


def _array(values: list[object], dtype: str) -> Any:
    """The *values* of a column, without an index: frames compare the indexes of their columns."""
    kind = _dtype(dtype)
    return np.array(values, kind) if isinstance(kind, np.dtype) else pd.array(values, kind)


@cache
def _schema(table: str) -> pandera.DataFrameSchema:
    import pandera.pandas as pandera  # noqa: PLC0415

    return pandera.DataFrameSchema(
        {
            column.name: pandera.Column(column.dtype, nullable=True, required=True)
            for column in _columns(table)
        },
        strict=True,
        ordered=True,
        name=table,
    )


def _columns(table: str) -> tuple[Column, ...]:
    if table not in TABLES:
        raise UnknownNameError("table", table, list(TABLES))
    return TABLES[table]
