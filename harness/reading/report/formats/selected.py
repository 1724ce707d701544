"""Choose of all tables some by name, and of their rows those with given values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from harness.core import schema
from harness.core.errors import UnknownNameError, UsageError
from harness.reading.report.formats.parquet_tables import (
    InPieces,
    frame_of,
    to_arrow,
    to_frame,
)

_KEYS = ("machine", "run", "commit", "suite", "profile", "workload", "size", "executor")


@dataclass(frozen=True)
class Selected(Mapping[str, pd.DataFrame]):
    """Some of the tables; each is put together and filtered when it is asked for.

    Attributes
    ----------
    tables : mapping of str to DataFrame
    names : tuple of str
        Those that are shown.
    only : mapping of str to str
        Column to the text of the value that its rows have.
    """

    tables: Mapping[str, pd.DataFrame]
    names: tuple[str, ...]
    only: Mapping[str, str]

    @property
    def whole(self) -> bool:
        """Whether each table is one frame anyway, and all its rows are shown."""
        return not (self.only or (isinstance(self.tables, InPieces) and not self.tables.whole))

    def __getitem__(self, name: str) -> pd.DataFrame:
        if self.only and isinstance(self.tables, InPieces):
            return to_frame(name, pa.concat_tables(self.pieces(name)))
        return self._of(self.tables[name])

    def pieces(
        self,
        name: str,
        columns: Sequence[str] | None = None,
        runs: Collection[str] | None = None,
    ) -> Iterator[pa.Table]:
        """The rows of the table *name* that are shown, as the tables give them piece by piece."""
        read = columns and [*dict.fromkeys((*columns, *self.only))]
        if isinstance(self.tables, InPieces):
            pieces = self.tables.pieces(name, read, runs)
        else:
            pieces = iter([to_arrow(name, frame_of(self.tables, name, read, runs))])
        for piece in pieces:
            kept = self._words_match(piece)
            if self.only and len(kept):
                kept = to_arrow(name, self._of(to_frame(name, kept)))
            yield kept if columns is None else kept.select(columns)

    def _words_match(self, piece: pa.Table) -> pa.Table:
        """Leave out the rows whose words are others, which takes little time."""
        for column, value in self.only.items():
            if pa.types.is_large_string(piece.schema.field(column).type):
                piece = piece.filter(pc.equal(piece[column], value))
        return piece

    def _of(self, frame: pd.DataFrame) -> pd.DataFrame:
        for column, value in self.only.items():
            frame = frame[_as_text(frame[column]).eq(value).fillna(False)]
        return frame.reset_index(drop=True) if self.only else frame

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def parsed(conditions: Iterable[str]) -> dict[str, str]:
    """Read conditions like ``workload=random-sum``.

    Raises
    ------
    UsageError
        Where one is no condition.
    """
    read = {}
    for condition in conditions:
        column, equals, value = condition.partition("=")
        if not equals or not column or not value:
            raise UsageError(
                f"{condition!r} is no condition: write for example workload=random-sum"
            )
        read[column.strip()] = value.strip()
    return read


def selected(
    tables: Mapping[str, pd.DataFrame], names: Iterable[str], only: Mapping[str, str]
) -> Selected:
    """Choose tables and rows.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        All that there are.
    names : iterable of str
        Those that are wanted; none for all of them.
    only : mapping of str to str
        As :func:`parsed` gives it. Tables that lack such a column are left out, and without
        *names* those without such a row as well.

    Raises
    ------
    UnknownNameError
        For a table or a column that does not exist, or a value that no row has.
    """
    every, wanted = [*tables], tuple(dict.fromkeys(names))
    for name in wanted:
        if name not in every:
            raise UnknownNameError("table", name, every)
    having = {name: {column.name for column in schema.TABLES[name]} for name in wanted or every}
    known = sorted(set().union(*having.values()))
    for column in only:
        if column not in known:
            raise UnknownNameError("column", column, [key for key in _KEYS if key in known])
    kept = tuple(name for name, columns in having.items() if columns >= only.keys())
    chosen = Selected(tables, kept, only)
    if not only:
        return chosen
    if not any(len(chosen[name]) for name in kept):
        _refuse(tables, kept, only)
    if wanted:
        return chosen
    return Selected(tables, tuple(name for name in kept if len(chosen[name])), only)


def _refuse(
    tables: Mapping[str, pd.DataFrame], names: Iterable[str], only: Mapping[str, str]
) -> None:
    """Say which value no row has; or that none has all of them."""
    for column, value in only.items():
        there = {text for name in names for text in _as_text(tables[name][column]).dropna()}
        if value not in there:
            raise UnknownNameError(column, value, sorted(there))
    together = ", ".join(f"{column}={value}" for column, value in only.items())
    raise UsageError(f"no row has {together} together: leave one of them out")


def _as_text(column: pd.Series) -> pd.Series:
    """A column as people would type its values: whole numbers without a decimal point."""
    if pd.api.types.is_float_dtype(column):
        return column.map(lambda value: f"{value:.17g}", na_action="ignore").astype("string")
    return column.astype("string")
