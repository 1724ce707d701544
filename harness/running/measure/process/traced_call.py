"""One traced call as JSON: what the tasks noted and what the engine said, on one time axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.running.executors.noting import Notes
from harness.running.workloads.stamps import SERIALISE

DIGITS = 9
"""Nanoseconds."""


def as_message(notes: Notes) -> dict[str, Any]:
    """*notes* as the fields of a :class:`harness.core.trace_format.TracedCall` that a child can
    know; times are in s since the call began.

    The notes of earlier calls that came late, of tasks that nobody waited for, are left out.
    """
    stamps = [stamp for stamp in notes.stamps if stamp.start >= notes.begin * 1e9]
    tasks = sorted((s for s in stamps if s.task != SERIALISE), key=lambda s: s.start)
    lanes: dict[tuple[int, int], int] = {}
    for one in tasks:
        lanes.setdefault((one.pid, one.thread), len(lanes))

    def since(at: float) -> float:
        return round(at - notes.begin, DIGITS)

    def known(times: Mapping[int, float]) -> list[float | None]:
        return [since(times[s.task]) if s.task in times else None for s in tasks]

    worker_of = {one.task: lanes[one.pid, one.thread] for one in tasks}
    spans: list[dict[str, Any]] = [
        {"part": part, "start": since(start), "end": since(end)}
        for part, start, end in notes.phases
    ]
    spans += [
        {"part": part, "worker": worker_of[index], "start": since(start), "end": since(end)}
        for part, index, start, end in notes.spans
        if index in worker_of
    ]
    spans += [
        {
            "part": "serialise",
            "worker": lanes.get((stamp.pid, stamp.thread)),
            "start": since(stamp.start / 1e9),
            "end": since(stamp.end / 1e9),
        }
        for stamp in stamps
        if stamp.task == SERIALISE
    ]
    return {
        "seconds": notes.end - notes.begin,
        "workers": [{"pid": pid, "thread": thread} for pid, thread in lanes],
        "tasks": {
            "index": [one.task for one in tasks],
            "worker": [lanes[one.pid, one.thread] for one in tasks],
            "start": [since(one.start / 1e9) for one in tasks],
            "end": [since(one.end / 1e9) for one in tasks],
            "cpu": [round(one.cpu / 1e9, DIGITS) for one in tasks],
            "ready": known(notes.ready),
            "sent": known(notes.sent),
            "received": known(notes.received),
        },
        "spans": spans,
    }
