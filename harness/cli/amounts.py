"""Amounts that options give as text."""

from __future__ import annotations

import math

from harness.core.errors import UsageError


def memory_bytes(text: str) -> int:
    """Bytes from ``"16G"`` or ``"500M"``, with binary prefixes.

    Raises
    ------
    UsageError
        Where the text is no amount of memory.
    """
    from harness.reading.ingest.accounting.values import size

    try:
        return int(size(text))
    except ValueError:
        raise UsageError(f"{text!r} is no amount of memory: write for example 16G") from None


def share(text: str) -> float:
    """A part of one, from ``"20%"`` or ``"0.2"``.

    Raises
    ------
    UsageError
        Where the text is neither.
    """
    number, percent, rest = text.strip().partition("%")
    try:
        value = float(number)
    except ValueError:
        rest = number
    if rest or not math.isfinite(value):
        raise UsageError(f"{text!r} is no part: write for example 20%")
    return value / 100 if percent else value
