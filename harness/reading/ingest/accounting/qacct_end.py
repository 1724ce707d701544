"""How a job of Grid Engine ended: by ``failed``, its text, ``exit_status`` and the time it had."""

from __future__ import annotations

import re

from harness.reading.ingest.accounting import values
from harness.reading.ingest.accounting.fields import Fields
from harness.reading.ingest.accounting.job import State, killed_at_limit

_LEADING = re.compile(r"-?[0-9]+")
_ASKED = re.compile(r"(?:^|[\s,])h_rt=([^,\s]+)")
_AFTER_JOB, _RESCHEDULED, _LIMITS = 100, (24, 25), 37
_SIGNALS = 128
_WITHOUT_TEXT = {44: State.TIMEOUT, 47: State.OUT_OF_MEMORY}
_TIME_LIMIT = re.compile(
    r"\b[hs]_(?:rt|cpu)\b|\b(?:wallclock|wall ?time|run ?time)\b", re.IGNORECASE
)
_MEMORY_LIMIT = re.compile(
    r"\b[hs]_(?:vmem|rss|data|stack)\b|\bm_mem_free\b|\bmemory\b", re.IGNORECASE
)


def leading(fields: Fields, name: str) -> int | None:
    """The number that ``failed`` and ``exit_status`` start with; text may follow."""
    text = fields.text(name)
    if text is None:
        return None
    match = _LEADING.match(text)
    return fields.parsed(name, match[0].lstrip("-") if match else text, values.count)


def asked_seconds(fields: Fields) -> float | None:
    """The time limit ``h_rt`` that was asked for; ``None`` where it cannot be read."""
    for name in ("category", "submit_cmd"):
        match = _ASKED.search(fields.text(name) or "")
        if match and not values.is_absent(match[1]):
            try:
                return values.seconds(match[1])
            except ValueError:  # of a script's own words, which may hold anything
                return None
    return None


def state_of(
    fields: Fields,
    failed: int | None,
    status: int | None,
    elapsed: float | None,
    limit: float | None,
) -> State:
    """How the job ended.

    ``failed`` says of each limit by its name that it was enforced; its numbers differ between
    dialects. Where it names several, or none, a job that was killed when its time was over is taken
    to have been killed for that.

    Parameters
    ----------
    fields : Fields
    failed, status : int or None
        What ``failed`` and ``exit_status`` start with.
    elapsed, limit : float or None
        Time that it ran and asked for, in s.
    """
    if failed is None and status is None:
        return State.UNKNOWN
    if failed in _RESCHEDULED:
        return State.REQUEUED
    if fields.text("deleted_by") is not None:
        return State.CANCELLED
    by_limit = _by_limit(failed, fields.text("failed") or "") if failed else None
    if by_limit is not None:
        return killed_at_limit(by_limit, elapsed, limit)
    if (status is not None and status > _SIGNALS) or (failed == _AFTER_JOB and not status):
        return killed_at_limit(State.KILLED, elapsed, limit)
    return State.FAILED if failed or status else State.COMPLETED


def _by_limit(failed: int | None, text: str) -> State | None:
    """The limit that *text* names; ``KILLED`` where it names several; ``None`` for no limit."""
    if "limit" not in text.lower():
        without = _WITHOUT_TEXT.get(failed or 0)
        return State.KILLED if failed == _LIMITS else without
    time, memory = _TIME_LIMIT.search(text), _MEMORY_LIMIT.search(text)
    if time and not memory:
        return State.TIMEOUT
    return State.OUT_OF_MEMORY if memory and not time else State.KILLED
