"""The one place where durations, sizes and dates of accounting listings are parsed.

Each function raises ``ValueError`` with what was expected; :mod:`.fields` adds file and line.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

LARGEST = 2.0**63
"""No second, byte or count of a job is above this: such a number is damage, not data."""

ABSENT = frozenset(
    {"", "-", "-/-", "--", "undefined", "none", "(null)", "null", "unknown", "n/a", "unlimited"}
    | {"infinity", "invalid", "partition_limit", "not_set"}
)
"""Words for "no value", in lower case."""

_PLAIN_SECONDS = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(?:s|sec|secs|second|seconds)?\.?(?:\(s\))?")
_CLOCK = re.compile(r"(?:(?:([0-9]+)-)?([0-9]+):)?([0-9]+):([0-9]+(?:\.[0-9]+)?)")
_DAYS_HOURS = re.compile(r"([0-9]+)-([0-9]+)")
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([kmgtpe]?)(?:i?(b|bytes|w|))", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_POWERS = "kmgtpe"
_WORD_BYTES = 8
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WITH_YEAR = re.compile(r" [0-9]{4}$")
_DATES = (
    "%a %b %d %H:%M:%S %Y",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y%m%d-%H:%M:%S",
)


def is_absent(text: str) -> bool:
    """Whether a field holds a word for "no value"."""
    return text.strip().lower() in ABSENT


def seconds(text: str) -> float:
    """Seconds from ``766s``, ``0.040``, ``131.79 sec.``, ``MM:SS.mmm``, ``D-HH:MM:SS``.

    Raises
    ------
    ValueError
        Where *text* is no duration.
    """
    stripped = text.strip()
    if plain := _PLAIN_SECONDS.fullmatch(stripped):
        return _plausible(float(plain[1]))
    if clock := _CLOCK.fullmatch(stripped):
        days, hours, minutes, rest = (float(part or 0) for part in clock.groups())
        return _plausible(days * 86400 + hours * 3600 + minutes * 60 + rest)
    if day := _DAYS_HOURS.fullmatch(stripped):
        return _plausible(float(day[1]) * 86400 + float(day[2]) * 3600)
    raise ValueError("is not a duration like 766s, 02:06.500 or 1-02:03:04")


def size(text: str, *, lower_is_decimal: bool = False) -> float:
    """Bytes from ``18.891GB``, ``4.879KB``, ``24G``, ``1934000K``, ``123kb``, ``2kw``, ``0``.

    Parameters
    ----------
    text : str
        Prefixes are powers of 1024, as every batch system prints them.
    lower_is_decimal : bool
        Grid Engine's *requests* tell ``24G`` (1024) from ``24g`` (1000): sge_types(1).

    Raises
    ------
    ValueError
        Where *text* is no size.
    """
    match = _SIZE.fullmatch(text.strip())
    if not match:
        raise ValueError("is not a size like 18.891GB, 24G or 1934000K")
    number, prefix, unit = match.groups()
    base = 1000.0 if lower_is_decimal and prefix.islower() else 1024.0
    power = _POWERS.index(prefix.lower()) + 1 if prefix else 0
    return _plausible(
        float(number) * base**power * (_WORD_BYTES if unit and unit.lower() == "w" else 1)
    )


def count(text: str) -> int:
    """A whole number: ``8``.

    Raises
    ------
    ValueError
        Where *text* is none.
    """
    value = number(text)
    if value != int(value):
        raise ValueError("is not a whole number")
    return int(value)


def number(text: str) -> float:
    """A number that is not negative.

    Raises
    ------
    ValueError
        Where *text* is none.
    """
    if not _NUMBER.fullmatch(text.strip()):
        raise ValueError("is not a number")
    return _plausible(float(text))


def moment(text: str) -> float | None:
    """Seconds on a clock without time zone; only differences mean anything.

    ``None`` for a date in the first day of 1970, which stands for "never" in all batch systems.

    Raises
    ------
    ValueError
        Where *text* is no date.
    """
    stripped = " ".join(text.split())
    clock = _plausible(float(stripped)) if _NUMBER.fullmatch(stripped) else _date(stripped)
    return clock if clock > 86400 else None


def _date(text: str) -> float:
    for layout in _DATES:
        try:
            return datetime.strptime(text, layout).replace(tzinfo=UTC).timestamp()
        except ValueError:
            continue
    raise ValueError("is not a date like Thu Feb 24 12:48:24 2022 or 2022-02-24T12:48:24")


def seconds_apart(start: str, end: str) -> float | None:
    """Seconds between two dates like ``Mon Oct  1 11:14:05``, with or without their year.

    Without it, the days of the week say whether a leap day or a new year lies between: calendars
    repeat after 28 years. ``None`` where *end* comes first, or no year has such days.

    Raises
    ------
    ValueError
        Where one of them is no date.
    """
    first, last = (" ".join(text.split()) for text in (start, end))
    if any(_WITH_YEAR.search(text) for text in (first, last)):
        begins, ends = _date(first), _date(last)
        return ends - begins if ends >= begins else None
    apart = []
    for year, later in ((year, year + more) for year in range(2000, 2028) for more in (0, 1)):
        begun, ended = _of_year(first, year), _of_year(last, later)
        if begun is not None and ended is not None and ended >= begun:
            apart.append(ended - begun)
    return min(apart, default=None)


def _of_year(text: str, year: int) -> float | None:
    """The moment of a date without year, if its day of the week is right in *year*."""
    weekday, _, rest = text.partition(" ")
    try:
        date = datetime.strptime(f"{rest} {year}", "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    except ValueError:
        return None
    return date.timestamp() if _WEEKDAYS[date.weekday()] == weekday else None


def _plausible(value: float) -> float:
    if not value < LARGEST:
        raise ValueError("is too large to be true")
    return value
