"""Amounts that options give as text."""

from __future__ import annotations

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
