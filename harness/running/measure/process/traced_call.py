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

    Notes of earlier calls are left out: they come late where nobody waited for a task.
    """
    stamps = [stamp for stamp in notes.stamps if stamp.start >= notes.begin * 1e9]
    tasks = sorted(
        (stamp for stamp in stamps if stamp.task != SERIALISE), key=lambda stamp: stamp.start
    )
    lanes: dict[tuple[int, int], int] = {}
    for stamp in tasks:
        lanes.setdefault((stamp.pid, stamp.thread), len(lanes))

    def since(at: float) -> float:
        return round(at - notes.begin, DIGITS)

    def known(times: Mapping[int, float]) -> list[float | None]:
        return [since(times[stamp.task]) if stamp.task in times else None for stamp in tasks]

    worker_of = {stamp.task: lanes[stamp.pid, stamp.thread] for stamp in tasks}
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
            "index": [stamp.task for stamp in tasks],
            "worker": [lanes[stamp.pid, stamp.thread] for stamp in tasks],
            "start": [since(stamp.start / 1e9) for stamp in tasks],
            "end": [since(stamp.end / 1e9) for stamp in tasks],
            "cpu": [round(stamp.cpu / 1e9, DIGITS) for stamp in tasks],
            "ready": known(notes.ready),
            "sent": known(notes.sent),
            "received": known(notes.received),
        },
        "spans": spans,
    }
