"""Write single values as text for people: estimates with their interval, absent as a dash."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from harness.core import units
from harness.core.records import Estimate, Status, Verdict
from harness.core.units import plural

ABSENT = "-"
NO_INTERVAL = "(no interval)"
"""Beside a point whose interval is not known: too few rounds, or a bound."""
AGAINST_SERIAL = "pays against serial"
_LONG = re.compile(r"(?<![\w.-])\d{4,}(?![\w.-])")

Row = Mapping[str, Any]


def absent(value: object) -> bool:
    """Tell whether a cell holds nothing: ``None``, ``NA`` or ``NaN``; never 0 or ``""``."""
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)


def text(value: object) -> str:
    """Write a word as it is."""
    return ABSENT if absent(value) else str(value)


def counted_in_words(reason: str) -> str:
    """Write the chunk sizes in the words of a break-even or METG as people read them."""
    return _LONG.sub(lambda digits: units.count(float(digits[0])), reason)


def number(value: Any, show: Callable[[float | None], str]) -> str:
    """Write one number by one of the formats of :mod:`harness.core.units`."""
    return ABSENT if absent(value) else show(float(value))


def estimate(row: Row, name: str, show: Callable[[float | None], str], scale: float = 1.0) -> str:
    """Write a point with its interval: ``"43.2 ms [42.1, 44.0]"``.

    The unit of the point holds for both ends, so that they can be compared at a glance. An end that
    is not known is a dash; where neither is, words say so, so that a number without an interval
    cannot be taken for a sure one.
    """
    return interval((row[name], row[f"{name}_low"], row[f"{name}_high"]), show, scale)


def interval(
    ends: tuple[Any, Any, Any], show: Callable[[float | None], str], scale: float = 1.0
) -> str:
    """Write a point and the two ends of its interval, as :func:`estimate` shows them."""
    scaled = [None if absent(end) else float(end) * scale for end in ends]
    point, low, high = (number(end, show) for end in scaled)
    if low == high == ABSENT:
        return point if point == ABSENT else f"{point} {NO_INTERVAL}"
    amount, _, unit = point.rpartition(" ")
    if amount and unit in units.SCALES:
        low, high = (units.in_unit(end, unit) for end in scaled[1:])
    return f"{point} [{low}, {high}]"


def with_interval(known: Estimate, show: Callable[[float | None], str], scale: float = 1.0) -> str:
    """Write an :class:`~harness.core.records.Estimate` as :func:`estimate` shows one of a row."""
    return interval((known.point, known.low, known.high), show, scale)


def not_generalised(launches: Sequence[int]) -> str:
    """Say how far verdicts reach that rest on these launches of their engine alone (rule 12).

    Parameters
    ----------
    launches : sequence of int
        How many each verdict rests on.
    """
    fewest, most = min(launches), max(launches)
    if most == 1:
        return "not generalised beyond this one launch"
    number = f"{most}" if fewest == most else f"{fewest} to {most}"
    return f"not generalised beyond these {number} launches"


def verdict(row: Row) -> str:
    """Say the verdict of a case in plain words, or what became of it instead.

    "pays" stands only where the case pays against the serial baseline and against NumPy on all
    cores (rule 1); "pays against serial" where the second was not shown or not measured.
    """
    if text(row["status"]) != Status.OK:
        return text(row["status"])
    against_serial, against_all = text(row["verdict"]), text(row["verdict_vs_all_cores"])
    if against_serial == Verdict.PAYS and against_all != Verdict.PAYS:
        return AGAINST_SERIAL
    return against_serial


def has_numbers(row: Row) -> bool:
    """Tell whether the times of a row are a result; those of a wrong answer are none (rule 4)."""
    return text(row["status"]) == Status.OK


def saving(chunks: int, pairs: int) -> str:
    """Say what refining added to a grid and what that saved; *pairs* may be negative."""
    less = "fewer" if pairs >= 0 else "more"
    return (
        f"refining added {plural(chunks, 'chunk')}: {abs(pairs)} pairs {less} than a grid as fine "
        "throughout"
    )
