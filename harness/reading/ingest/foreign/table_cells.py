"""Numbers in the cells of other people's tables, each with the line that it stands on."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TypeVar

from harness.core.errors import InputError
from harness.core.records.timings import LARGEST
from harness.reading.ingest.accounting import values

_T = TypeVar("_T")
_NONE = frozenset({"", "nan", "na", "n/a", "none", "null", "-"})
_UNITS = {
    "s": 1.0,
    "sec": 1.0,
    "ms": 1e-3,
    "us": 1e-6,
    "µs": 1e-6,
    "ns": 1e-9,
    "min": 60.0,
    "h": 3600.0,
}
UNITS = ("s", "ms", "us", "ns", "min", "h")
"""Units of time that a column without units of its own may be in."""
_TIME = re.compile(r"([0-9.eE+-]+) ?([a-zµ]+)")
_SHAPE = re.compile(r"[0-9]+(?: ?[x×,] ?[0-9]+)+")


def is_absent(text: str) -> bool:
    """Whether a cell holds a word for "no value"."""
    return text.strip().lower() in _NONE


def number(text: str) -> float:
    """A finite number.

    Raises
    ------
    ValueError
        Where *text* is none.
    """
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("is not a finite number")
    return value


def seconds(text: str, unit: str) -> float:
    """A time above 0 in s, from a number in *unit* or with a unit of its own: ``3.5 ms``.

    Raises
    ------
    ValueError
        Where *text* is none.
    """
    match = _TIME.fullmatch(text.strip())
    if match and match[2] in _UNITS:
        value = number(match[1]) * _UNITS[match[2]]
    elif ":" in text:
        value = values.seconds(text)
    else:
        value = number(text) * _UNITS[unit]
    if value <= 0:
        raise ValueError("is not a time above 0")
    return value


def whole(text: str) -> int:
    """A whole number from 1 on; of a shape like ``100x200``, its product.

    Raises
    ------
    ValueError
        Where *text* is none.
    """
    stripped = text.strip()
    if _SHAPE.fullmatch(stripped):
        count = math.prod(int(part) for part in re.findall("[0-9]+", stripped))
    else:
        value = number(stripped)
        if value != int(value):
            raise ValueError("is not a whole number")
        count = int(value)
    if not 1 <= count <= LARGEST:
        raise ValueError("is not a whole number from 1 on")
    return count


def amount(text: str) -> int:
    """As :func:`whole`, and bytes where there is a unit: ``8MB``.

    Raises
    ------
    ValueError
        Where *text* is none.
    """
    return round(values.size(text)) if has_bytes(text) else whole(text)


def has_bytes(text: str) -> bool:
    """Whether an amount is one of bytes, by its unit."""
    return re.search(r"[0-9] ?[kmgtpe]?i?b(?:ytes)?$", text.strip(), re.IGNORECASE) is not None


def parsed(text: str, parse: Callable[[str], _T], place: str, column: str) -> _T:
    """Parse a cell.

    Raises
    ------
    InputError
        One line with *place* and *column*, where *parse* raises ``ValueError``.
    """
    try:
        return parse(text)
    except (ValueError, OverflowError) as error:
        reason = str(error) if str(error).startswith("is ") else "is not a number"
        shown = ascii(text.strip()[:40])
        raise InputError(
            f"{place}: {column} {shown} {reason}: correct the row, or name another column"
        ) from None
