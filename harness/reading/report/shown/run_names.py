"""What the name of a run tells: it begins with its start in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_STARTED = re.compile(r"(\d{8}T\d{6})Z")
_DAY = 86_400.0
_HOUR = 3_600.0
_AHEAD = 60.0
"""Clocks of two machines may differ by so much, in s."""


def started(run: str) -> datetime | None:
    """Read from the name of a run when it began, in UTC; ``None`` for another kind of name."""
    match = _STARTED.match(run)
    return datetime.strptime(match[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC) if match else None


def age(began: datetime, now: datetime) -> str:
    """Say how long ago something began: ``"3 days ago"``, ``"5 hours ago"``; or that it did so
    later than *now*, by a clock that was set back since."""
    seconds = (now - began).total_seconds()
    if seconds < -_AHEAD:
        return "ahead of this machine's clock"
    if seconds >= _DAY:
        n, noun = int(seconds // _DAY), "day"
    elif seconds >= _HOUR:
        n, noun = int(seconds // _HOUR), "hour"
    else:
        return "in the last hour"
    return f"{n} {noun}{'' if n == 1 else 's'} ago"
