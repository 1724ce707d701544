"""A digest of the tables and values that a file is made from."""

from __future__ import annotations

from typing import Any

import pandas as pd

from harness.core.input_digest import digest, of_code


def made_from(*values: Any) -> str:
    """Make a digest of *values* and of the code that makes something of them.

    Parameters
    ----------
    values
        Tables, functions of modules, texts, numbers, and tuples, lists and dicts of these. A
        table counts with its columns, their dtypes, and all its values in their order; its index
        does not count.
    """
    return digest(of_code(), *(_text(value) for value in values))


def _text(value: Any) -> str:
    if isinstance(value, pd.DataFrame):
        columns = (
            digest(str(name), str(column.dtype), repr(column.tolist()))
            for name, column in value.items()
        )
        return digest("table", *columns)
    if isinstance(value, dict):
        return digest("dict", *(_text(part) for item in value.items() for part in item))
    if isinstance(value, (tuple, list)):
        return digest("list", *map(_text, value))
    if callable(value):
        return f"{value.__module__}.{value.__qualname__}"
    return f"{type(value).__name__} {value!r}"
