"""Tables of the schema in Parquet files, and as Arrow's tables: only what is needed is read, and a
table of millions of rows is written piece by piece."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Protocol, runtime_checkable

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from harness.core import schema
from harness.core.errors import InputError

_NEEDED = {"machine", "run", "workload"}
"""Columns that a table of the schema cannot do without."""

_ROWS_TOGETHER = 2**17
"""Rows that are written at once: the fewer groups of rows, the faster they are read."""


@runtime_checkable
class InPieces(Protocol):
    """Tables that can also be had piece by piece, so that no whole one need be in memory."""

    @property
    def whole(self) -> bool:
        """Whether each is one frame anyway, so that its pieces would only be copies of it."""
        ...

    def pieces(
        self,
        name: str,
        columns: Sequence[str] | None = None,
        runs: Collection[str] | None = None,
    ) -> Iterator[pa.Table]:
        """The rows of the table *name* in their order, at least one piece of them.

        Parameters
        ----------
        name : str
        columns : sequence of str, optional
            Some of those of :func:`arrow_schema`, ``run`` among them.
        runs : collection of str, optional
            Rows of these alone.
        """
        ...


def frame_of(
    tables: Mapping[str, pd.DataFrame],
    name: str,
    columns: Sequence[str] | None = None,
    runs: Collection[str] | None = None,
) -> pd.DataFrame:
    """Some columns and rows of the table *name*: see :meth:`InPieces.pieces`."""
    if isinstance(tables, InPieces) and not tables.whole:
        return to_frame(name, pa.concat_tables(tables.pieces(name, columns, runs)))
    frame = tables[name]
    if runs is not None:
        frame = frame[frame["run"].isin(runs)]
    return frame if columns is None else frame[[*columns]]


def empty_table(name: str) -> pd.DataFrame:
    """Make the table *name* of the schema without rows."""
    return pd.DataFrame(columns=schema.names(name)).astype(schema.dtypes(name))


@cache
def arrow_schema(name: str) -> pa.Schema:
    """The columns of the table *name* as those of Arrow, with what pandas has to know of them."""
    return pa.Schema.from_pandas(empty_table(name), preserve_index=False)


def empty_arrow(name: str, columns: Sequence[str] | None = None) -> pa.Table:
    """The table *name*, or *columns* of it, without rows."""
    every = arrow_schema(name)
    return _part(every, columns or every.names).empty_table()


def to_arrow(name: str, frame: pd.DataFrame) -> pa.Table:
    """The table *name* of the schema, or some of its columns, as one of Arrow."""
    columns = _part(arrow_schema(name), [str(column) for column in frame.columns])
    return pa.Table.from_pandas(frame, columns, preserve_index=False)


def to_frame(name: str, table: pa.Table) -> pd.DataFrame:
    """The inverse of :func:`to_arrow`."""
    dtypes = schema.dtypes(name)
    frame: pd.DataFrame = table.to_pandas()
    return frame.astype({column: dtypes[column] for column in table.column_names})


def read_table(
    path: Path, columns: list[str] | None = None, where: tuple[str, list[str]] | None = None
) -> pd.DataFrame:
    """Read a table of the schema, with its dtypes: see :func:`read_arrow`."""
    return to_frame(path.stem, read_arrow(path, columns, where))


def read_arrow(
    path: Path, columns: Sequence[str] | None = None, where: tuple[str, list[str]] | None = None
) -> pa.Table:
    """Read a table of the schema as one of Arrow.

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
    every = arrow_schema(path.stem)
    wanted = _part(every, columns or every.names)
    try:
        with pq.ParquetFile(path) as file:
            there = file.schema_arrow.names
            for column in sorted(_NEEDED & set(every.names)):
                if column not in there:
                    raise InputError(
                        f"{path} has no column {column}: write it with chunkbench tables"
                    )
            read = [name for name in wanted.names if name in there]
            if where is None:  # threads and filters take longer than most files
                table = file.read(read, use_threads=False)
            else:
                table = pq.read_table(path, columns=read, filters=[(where[0], "in", where[1])])
        return pa.table(
            [
                table[field.name].cast(field.type)
                if field.name in there
                else pa.nulls(len(table), field.type)  # what a later version added
                for field in wanted
            ],
            schema=wanted,
        )
    except (OSError, TypeError, ValueError, pa.ArrowException) as error:
        line = str(error).splitlines()[0]
        raise InputError(f"{path} cannot be read ({line}): write it again with tables") from None


def write_pieces(
    path: Path, name: str, pieces: Iterable[pa.Table], together: int = _ROWS_TOGETHER
) -> None:
    """Write the rows of the table *name*, piece by piece, to the file *path*.

    Pieces of less than *together* rows are put into one group of rows.
    """
    columns = arrow_schema(name)
    # Words come again and again, times do not: to look for one that did takes longer than to write.
    words = [field.name for field in columns if not pa.types.is_floating(field.type)]
    with pq.ParquetWriter(path, columns, use_dictionary=words) as writer:
        held: list[pa.Table] = []
        for piece in pieces:
            held.append(piece)
            if sum(map(len, held)) >= together:
                writer.write_table(pa.concat_tables(held))
                held = []
        writer.write_table(pa.concat_tables([columns.empty_table(), *held]))


def _part(every: pa.Schema, names: Sequence[str]) -> pa.Schema:
    return pa.schema([every.field(name) for name in names], every.metadata)
