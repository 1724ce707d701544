"""The pairs of a journal by columns: from lines of JSON, or from records, and back to records.

To make a record of every line, and a table of the records, takes seven times as long as to read
columns, and several times the memory. The columns are the fields of
:class:`harness.core.records.Pair`, with these changes:

- ``kind`` and ``run`` are left out: they are the same in the whole journal.
- ``phases`` are ``build_seconds`` and ``compute_seconds``. Where these do not say all,
  ``other_phases`` has the whole of them as JSON, else it is absent.
- Words that come again are kept once (dictionaries of Arrow).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json
from pydantic_core import from_json, to_json

from harness.core.journal_bounds import BOUNDS
from harness.core.records import Pair, Status

PHASES = {"build_seconds": "build", "compute_seconds": "compute"}
"""Columns for phases that every executor has, and their names in a line."""
OTHER_PHASES = "other_phases"

_BLOCK_BYTES = 2**20
_MINUS_ZERO = re.compile(rb"-0(?![.\deE])")
_SELDOM_THE_SAME = frozenset({"t", "reason"})
_LEFT_OUT = frozenset({"kind", "run", "phases"})
_PHASES_TYPE = pa.struct({name: pa.float64() for name in PHASES.values()})
_TYPES = {int: pa.int64(), float: pa.float64(), str: pa.string(), dict: _PHASES_TYPE}


def _kinds(annotation: Any) -> list[Any]:
    """What a field may be, apart from ``None``."""
    parts = [part for part in get_args(annotation) if part is not type(None)]
    return parts if type(None) in get_args(annotation) else [annotation]


def _type(annotation: Any) -> pa.DataType:
    [kind] = _kinds(annotation)
    origin = get_origin(kind) or kind
    is_word = origin is Literal or issubclass(origin, StrEnum)
    return pa.string() if is_word else _TYPES[origin]


def _words(annotation: Any) -> set[str] | None:
    """The words that may stand in a field; ``None`` where any may."""
    [kind] = _kinds(annotation)
    if get_origin(kind) is Literal:
        return set(get_args(kind))
    return set(kind) if isinstance(kind, type) and issubclass(kind, StrEnum) else None


_FIELDS = {name: field.annotation for name, field in Pair.model_fields.items()}
_LINE = pa.schema([(name, _type(annotation)) for name, annotation in _FIELDS.items()])
_WORDS = {name: words for name, note in _FIELDS.items() if (words := _words(note))}
_BOUNDED = [name for name in _FIELDS if name in BOUNDS]
_NEVER_ABSENT = [name for name, note in _FIELDS.items() if type(None) not in get_args(note)]


def _repeats(field: pa.Field) -> bool:
    return bool(field.type == pa.string() and field.name not in _SELDOM_THE_SAME)


def _column_type(field: pa.Field) -> pa.DataType:
    return pa.dictionary(pa.int32(), pa.string()) if _repeats(field) else field.type


SCHEMA = pa.schema(
    [
        *((field.name, _column_type(field)) for field in _LINE if field.name not in _LEFT_OUT),
        *((name, pa.float64()) for name in PHASES),
        (OTHER_PHASES, pa.string()),
    ]
)
"""Columns of the pairs of a journal."""


def from_lines(lines: bytes, of_runs: Sequence[tuple[str, int]]) -> pa.Table | None:
    """Read *lines* by columns, or leave them to those who read line by line.

    Parameters
    ----------
    lines : bytes
        Whole lines that begin as this version writes a pair.
    of_runs : sequence of (str, int)
        Each run that lines should be of, in their order, and how many of them.

    Returns
    -------
    Table or None
        Columns of :data:`SCHEMA`, a row for each line. ``None`` where a line may be broken, or may
        mean something else when it is read as a record.
    """
    count = sum(number for _, number in of_runs)
    if count == 0:
        return SCHEMA.empty_table()
    try:
        table = pyarrow.json.read_json(
            pa.BufferReader(lines),
            pyarrow.json.ReadOptions(len(lines) > _BLOCK_BYTES, block_size=_BLOCK_BYTES),
            pyarrow.json.ParseOptions(explicit_schema=_LINE, unexpected_field_behavior="error"),
        ).combine_chunks()
    except pa.ArrowException:
        return None
    # Each line begins an object: as many rows as lines are one object a line.
    if len(table) != count or not _is_utf8(lines) or not _is_plain(table, lines):
        return None
    return _columns(table) if _are_of_runs(table, of_runs) else None


def from_records(pairs: Sequence[Pair]) -> pa.Table:
    """The columns of :data:`SCHEMA` of *pairs*, a row for each."""
    phases = [pair.phases for pair in pairs]
    columns = {
        field.name: [getattr(pair, field.name) for pair in pairs]
        for field in SCHEMA
        if field.name in _FIELDS
    }
    columns |= {name: [each.get(phase) for each in phases] for name, phase in PHASES.items()}
    columns[OTHER_PHASES] = [None if _says_all(each) else to_json(each).decode() for each in phases]
    return pa.table(columns, schema=SCHEMA)


def to_records(table: pa.Table, run: str) -> Iterator[Pair]:
    """The pairs of *run* in *table*, as records."""
    for row in table.to_pylist():
        seconds = {phase: row.pop(name) for name, phase in PHASES.items()}
        other = row.pop(OTHER_PHASES)
        known = {} if None in seconds.values() else seconds
        yield Pair(**row, run=run, phases=known if other is None else from_json(other))


def _says_all(phases: dict[str, float | None]) -> bool:
    """Whether the columns of phases say all of *phases*."""
    return not phases or (phases.keys() == set(PHASES.values()) and None not in phases.values())


def _is_utf8(lines: bytes) -> bool:
    try:
        return lines.isascii() or bool(lines.decode())
    except UnicodeDecodeError:
        return False


def _is_plain(table: pa.Table, lines: bytes) -> bool:
    """Whether all values are such as the writer writes, and mean the same in a record."""
    phases = [pc.struct_field(table["phases"], name) for name in PHASES.values()]
    return (
        not any(table[name].null_count for name in _NEVER_ABSENT)
        and _are_numbers([*_of_type(pa.float64(), table), *phases], lines)
        and _are_counts(_of_type(pa.int64(), table))
        and _are_both_or_none(phases, lines)
        and all(_is_in_bounds(table[name], *BOUNDS[name]) for name in _BOUNDED)
        and _has_times_where_ok(table)
    )


def _has_times_where_ok(table: pa.Table) -> bool:
    """Whether each pair that is marked ok has the time and the round that it needs."""
    no_time = table["parallel_seconds"].is_null()
    no_round = pc.and_(table["round"].is_null(), table["serial_seconds"].is_valid())
    if not pc.any(pc.or_(no_time, no_round)).as_py():
        return True
    bad = pc.and_(pc.equal(table["status"], Status.OK.value), pc.or_(no_time, no_round))
    return not pc.any(bad).as_py()


def _of_type(kind: pa.DataType, table: pa.Table) -> list[pa.ChunkedArray]:
    return [table[field.name] for field in _LINE if field.type == kind]


def _are_numbers(columns: list[pa.ChunkedArray], lines: bytes) -> bool:
    """Whether none is NaN, which in a frame is absent, or the whole number -0, which is 0."""
    values = _end_to_end(columns)
    if pc.all(pc.is_finite(values)).as_py() is False:
        return False
    numbers = values.to_numpy(zero_copy_only=False)
    some_below_zero = bool(np.signbit(numbers[numbers == 0]).any())
    return not (some_below_zero and _MINUS_ZERO.search(lines))


def _are_counts(columns: list[pa.ChunkedArray]) -> bool:
    return bool(pc.min(_end_to_end(columns)).as_py() > np.iinfo(np.int64).min)


def _end_to_end(columns: list[pa.ChunkedArray]) -> pa.Array:
    """The values of all *columns*: to check them together costs one call, not one for each."""
    return pa.concat_arrays([chunk for column in columns for chunk in column.chunks])


def _is_in_bounds(column: pa.ChunkedArray, least: float, most: float) -> bool:
    ends = pc.min_max(column).as_py()
    return ends["min"] is None or (least <= ends["min"] and ends["max"] <= most)


def _are_both_or_none(phases: list[pa.ChunkedArray], lines: bytes) -> bool:
    build, compute = (column.is_null() for column in phases)
    return build.equals(compute) and pc.sum(build).as_py() in (0, lines.count(b'"phases":{}'))


def _are_of_runs(table: pa.Table, of_runs: Sequence[tuple[str, int]]) -> bool:
    runs, counts = zip(*of_runs, strict=True)
    expected = pa.array(runs).take(np.repeat(np.arange(len(runs)), counts))
    return bool(pc.all(pc.equal(table["run"], expected)).as_py())


def _columns(table: pa.Table) -> pa.Table | None:
    columns = []
    for field in _LINE:
        if field.name in _LEFT_OUT:
            continue
        column = table[field.name].combine_chunks()
        if _repeats(field):
            column = column.dictionary_encode()
            words = set(column.dictionary.to_pylist())
            if not words <= _WORDS.get(field.name, words):
                return None
        columns.append(column)
    columns.extend(pc.struct_field(table["phases"], name) for name in PHASES.values())
    columns.append(pa.nulls(len(table), pa.string()))
    return pa.table(columns, schema=SCHEMA)
