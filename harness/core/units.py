"""Parse and format seconds, moments, bytes and counts, as people write and read them."""

from __future__ import annotations

import math
import re
from datetime import datetime, timezone

from harness.core.errors import UsageError

_SECONDS = {"ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_NUMBER = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*")
_CLOCK = re.compile(
    r"\s*(?:(?P<days>\d{1,6})-(?=\d)|(?=\d+:\d+:))"
    r"(?P<hours>\d{1,6})(?::(?P<minutes>[0-5]?\d))?(?::(?P<seconds>[0-5]?\d))?\s*"
)
"""As schedulers write it; two numbers alone are hours to one of them and minutes to another."""


def parse_seconds(text: str) -> float:
    """Seconds from ``"90"``, ``"90s"``, ``"5m"``, ``"1h"``, ``"1h30m"``, and as schedulers write
    them: ``"04:00:00"``, ``"1-00:00:00"``.

    Raises
    ------
    UsageError
        Where the text is not a duration.
    """
    if clock := _CLOCK.fullmatch(text):
        days, hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return float(((24 * days + hours) * 60 + minutes) * 60 + seconds)
    total, end = 0.0, 0
    for match in _NUMBER.finditer(text):
        unit = match[2] or "s"
        if match.start() != end or unit not in _SECONDS:
            break
        total, end = total + float(match[1]) * _SECONDS[unit], match.end()
    if end != len(text) or end == 0 or not math.isfinite(total):
        raise UsageError(
            f"{text!r} is not a duration: write for example 90s, 5m or 1h30m, or 04:00:00"
        )
    return total


def parse_bytes(text: str) -> int:
    """Bytes from ``"512GiB"``, ``"64G"``, ``"800MB"``; prefixes are powers of 1024.

    Raises
    ------
    UsageError
        Where the text is no amount of memory.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgtKMGT]?)(?:i?[bB])?\s*", text)
    if not match:
        raise UsageError(f"{text!r} is no amount of memory: write for example 16G")
    return int(float(match[1]) * 1024 ** " kmgt".index(match[2].lower() or " "))


def as_option(seconds: float) -> str:
    """At least *seconds*, rounded up, as :func:`parse_seconds` reads them: ``90s``, ``2m``."""
    whole = math.ceil(seconds / 30) * 30
    return f"{whole}s" if whole % 60 else f"{whole // 60}m"


def parse_moment(text: str) -> datetime:
    """A moment from ``2026-11-25T22:00:00Z``; one without a zone is in UTC.

    Raises
    ------
    UsageError
        Where it is none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no moment: write for example 2026-11-25T22:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)  # noqa: UP017 - Python 3.10 has no UTC


def _absent(value: float | None) -> bool:
    return value is None or math.isnan(value)


def seconds(value: float | None) -> str:
    """A duration in a unit that keeps it between 1 and 1000: ``"43.2 ms"``; ``"-"`` if absent."""
    if value is None or _absent(value):
        return "-"
    for scale, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if abs(value) >= scale:
            return f"{_significant(value / scale)} {unit}"
    return "0 s" if value == 0 else f"{_significant(value / 1e-9)} ns"


def size(value: float | None) -> str:
    """A number of bytes with a binary prefix: ``"7.6 MiB"``."""
    if value is None or _absent(value):
        return "-"
    for power, unit in ((4, "TiB"), (3, "GiB"), (2, "MiB"), (1, "KiB")):
        if abs(value) >= 1024**power:
            return f"{_significant(value / 1024**power)} {unit}"
    return f"{value:.0f} B"


SCALES = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9} | {
    unit: 1024.0**power for power, unit in enumerate(("B", "KiB", "MiB", "GiB", "TiB"))
}
"""Unit of :func:`seconds` or :func:`size` to how many seconds or bytes it is."""


def in_unit(value: float | None, unit: str) -> str:
    """A number of seconds or bytes in *unit*, one of :data:`SCALES`, which is not written."""
    return "-" if value is None or _absent(value) else _significant(value / SCALES[unit])


def count(value: float | None) -> str:
    """A count with thin groups of three: ``"10 000 000"``."""
    if value is None or _absent(value):
        return "-"
    return f"{value:,.0f}".replace(",", " ")


def ratio(value: float | None) -> str:
    """A ratio with three significant digits."""
    return "-" if value is None or _absent(value) else _significant(value)


def _significant(value: float) -> str:
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{decimals}f}"


def plural(n: int, noun: str) -> str:
    """Count things: ``"1 worker"``, ``"2 workers"``."""
    return f"{n} {noun}{'' if n == 1 else 's'}"
