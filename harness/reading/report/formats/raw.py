"""Write all columns of tables as raw values, for programs: CSV and JSON.

Both are written by columns and not by values.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
from collections.abc import Iterator, Mapping
from json.encoder import encode_basestring
from typing import Any

import pandas as pd

from harness.reading.analysis.by_group import column_values

_TOGETHER = 10_000
"""Rows that are text in memory at one time."""

_NO_NUMBERS = frozenset({"inf", "-inf"})  # to JSON

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\n")
"""With one of these a spreadsheet takes a cell for a formula, and runs it."""


def csv_parts(frame: pd.DataFrame) -> Iterator[str]:
    """Write *frame* as CSV, part by part: numbers with all their digits, absent ones empty, and
    texts as :func:`as_text` gives them."""
    names = [tuple(map(str, frame.columns))]
    for rows in itertools.chain([names], map(_csv_rows, _slices(frame))):
        file = io.StringIO()
        csv.writer(file, lineterminator="\n").writerows(rows)
        yield file.getvalue()


def json_parts(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Write one object, part by part, as ``json.dumps`` does with an indent of 2.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Table name to frame; the values are those of :func:`plain_values`.
    """
    yield "{"
    for index, (name, frame) in enumerate(tables.items()):
        yield f"{',' if index else ''}\n  {encode_basestring(name)}: ["
        for part, rows in enumerate(_slices(frame)):
            yield f"{',' if part else ''}\n    {{\n" + "\n    },\n    {\n".join(_members(rows))
            yield "\n    }"
        yield "\n  ]" if len(frame) else "]"
    yield "\n}\n" if tables else "}\n"


def plain_values(column: pd.Series[Any]) -> list[Any]:
    """Turn *column* into plain Python values; ``NA``, ``NaN`` and infinity are ``None``."""
    return [
        None if isinstance(value, float) and math.isinf(value) else value
        for value in column_values(column)
    ]


def as_text(value: Any) -> Any:
    """Put ``'`` before a text that a spreadsheet would run as a formula: it shows the text then.

    A number that is written as a text stays, and so does any other value. A carriage return is made
    a line feed, which CSV keeps within its cell.
    """
    if not isinstance(value, str):
        return value
    if "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    if not value.startswith(FORMULA_STARTS):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value


def all_as_text(values: list[Any]) -> list[Any]:
    """Give each of *values* as :func:`as_text` does."""
    changed = {value: text for value in set(values) if (text := as_text(value)) is not value}
    return [changed.get(value, value) for value in values] if changed else values


def number_texts(column: pd.Series[Any]) -> list[str | None]:
    """Write a column of floats as Python's ``repr`` writes each; absent ones are ``None``."""
    values = column.to_numpy(dtype=float, na_value=math.nan)
    return [None if value != value else repr(value) for value in values.tolist()]


def _slices(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for start in range(0, len(frame), _TOGETHER):
        yield frame.iloc[start : start + _TOGETHER]


def _csv_rows(frame: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    return zip(
        *(
            number_texts(column) if _is_float(column) else all_as_text(column_values(column))
            for _, column in frame.items()
        )
    )


def _members(frame: pd.DataFrame) -> Iterator[str]:
    """Write the members of the object of each row, a line each."""
    names = (encode_basestring(str(name)).replace("%", "%%") for name in frame.columns)
    members = ",\n".join(f"      {name}: %s" for name in names)
    columns = (_json_texts(column) for _, column in frame.items())
    return (members % row for row in zip(*columns))


def _json_texts(column: pd.Series[Any]) -> list[str]:
    if _is_float(column):
        numbers = number_texts(column)
        return ["null" if text is None or text in _NO_NUMBERS else text for text in numbers]
    values = plain_values(column)
    texts = {value: json.dumps(value, ensure_ascii=False) for value in set(values)}
    return [texts[value] for value in values]


def _is_float(column: pd.Series[Any]) -> bool:
    return pd.api.types.is_float_dtype(column.dtype)
