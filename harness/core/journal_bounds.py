"""Between which values the numbers of a journal or a trace lie: what is outside was edited or
damaged, and would turn every table that it enters into nonsense."""

from __future__ import annotations

from functools import cache
from typing import get_args

from harness.core.errors import InputError
from harness.core.machine_names import check_name
from harness.core.records import Machine, Pair, Record, Status

_MOST = 2.0**63
_LONGEST = 1e9  # s, some thirty years
_SHORTEST = 1e-15  # s, which no clock can tell from nothing
_TIME, _CALL = (0.0, _LONGEST), (_SHORTEST, _LONGEST)
_FROM_0, _FROM_1 = (0.0, _MOST), (1.0, _MOST)

BOUNDS: dict[str, tuple[float, float]] = {
    "level": (0.5, 0.9999),
    "ceiling": (1e-6, 1e7),
    "ceiling_samples": (1e-6, 1e7),
    "workers": (1.0, 1e7),
    **dict.fromkeys(("size", "chunk", "calls", "serial_calls", "lanes"), _FROM_1),
    **dict.fromkeys(("chunk_bytes", "n_chunks", "n_tasks", "block", "round", "pairs"), _FROM_0),
    **dict.fromkeys(("peak_rss_bytes", "voluntary_switches", "involuntary_switches"), _FROM_0),
    **dict.fromkeys(("parallel_seconds", "serial_seconds", "replay_seconds"), _CALL),
    **dict.fromkeys(("gap_seconds", "quiet_wait_seconds", "parallel_cpu_seconds"), _TIME),
    **dict.fromkeys(("startup_seconds", "first_call_seconds", "throttled_seconds"), _TIME),
    **dict.fromkeys(("seconds", "seconds_used", "seconds_starting", "untraced_seconds"), _TIME),
    "seconds_of_all": _TIME,
}
"""Field to the least and the most that it can be; absent always is allowed."""


@cache
def _checked(kind: type[Record]) -> tuple[str, ...]:
    """The fields of a *kind* of record that may be out of bounds, or a machine."""
    return tuple(
        name
        for name, field in kind.model_fields.items()
        if name in BOUNDS or Machine in (field.annotation, *get_args(field.annotation))
    )


def check_bounds(record: Record, where: str) -> None:
    """Refuse a *record* of which a field is out of bounds or missing, or names a machine as none
    can be.

    Parameters
    ----------
    record : Record
        A line of a journal, or a part of a trace.
    where : str
        File and line, for the message.

    Raises
    ------
    InputError
        Names *where*, the field and what it can be.
    """
    for name in _checked(type(record)):
        value = getattr(record, name)
        if isinstance(value, Machine):
            check_name(value.name, where)
        if name not in BOUNDS:
            continue
        least, most = BOUNDS[name]
        for number in value if isinstance(value, list) else [value]:
            if isinstance(number, int | float) and not least <= number <= most:
                raise InputError(
                    f"{where}: field {name!r} is {number:.6g}, and can be from {least:g} to "
                    f"{most:g}: it was edited or damaged, restore the file or delete it"
                )
    if isinstance(record, Pair) and record.status is Status.OK:
        needed = ["parallel_seconds", *["round"][: record.serial_seconds is not None]]
        for name in needed:
            if getattr(record, name) is None:
                raise InputError(
                    f"{where}: field {name!r} is missing, and a pair marked ok has it: it was "
                    "edited or damaged, restore the file or delete it"
                )
