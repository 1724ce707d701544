"""Planted traces: calls whose every moment is known."""

from __future__ import annotations

from typing import Any

from harness.core.records import Block, Case
from harness.core.trace_format import Span, Tasks, Trace, TracedCall, Worker
from tests.reading.ingest.builders import run_info

RUN = "20261123T081500Z-trace-7f3a"


def call(tasks, seconds, spans=(), untraced=1.0, workers=2):
    """A call of *tasks*: worker, ready, sent, start, end, received."""
    tasks = sorted(tasks, key=lambda task: task[3])
    columns = list(zip(*tasks, strict=True)) if tasks else [()] * 6
    worker, ready, sent, start, end, received = map(list, columns)
    return TracedCall(
        seconds=seconds,
        untraced_seconds=untraced,
        first="traced",
        workers=[Worker(pid=1, thread=number) for number in range(workers)],
        tasks=Tasks(
            index=list(range(len(tasks))),
            worker=worker,
            start=start,
            end=end,
            cpu=[b - a for a, b in zip(start, end, strict=True)],
            ready=ready,
            sent=sent,
            received=received,
        ),
        spans=[Span(part=p, worker=w, start=a, end=b) for p, w, a, b in spans],
    )


def trace(*calls, lanes=2, untold=None, **changes):
    """A trace of *calls*."""
    case: dict[str, Any] = {
        "workload": "spin-task",
        "size": 100,
        "executor": "dask-threads",
        "workers": 2,
        "pin": "1",
        "chunk": 50,
    } | changes
    name = case.pop("run", RUN)
    return Trace(
        run=run_info(run=name, suite="trace", profile="trace", looks=None),
        case=Case(**case),
        block=Block(run=name, block=0, **{k: v for k, v in case.items() if k != "chunk"}),
        n_tasks=len(calls[0].tasks.start),
        lanes=lanes,
        clock="planted",
        untold=untold or {},
        calls=list(calls),
        files=[],
    )


PLANTED = call(
    # worker, ready, sent, start, end, received
    [
        (0, 3.0, 3.0, 3.5, 5.5, 5.75),
        (1, 3.0, 3.25, 4.0, 5.0, 5.0),
        (0, 5.75, 6.0, 6.25, 7.25, 7.5),
    ],
    8.0,
    [
        ("build", None, 0.0, 1.0),
        ("optimise", None, 1.0, 2.5),
        ("submit", None, 2.5, 3.0),
        ("serialise", 0, 7.25, 7.5),
        ("serialise", None, 3.1, 3.15),
    ],
)
"""Two workers, 8 s. Worker 0 waits for the caller (3 s), gets a task in 0.5 s, of which the caller
serialises for 0.05 s, computes 2 s, its result takes 0.25 s, the scheduler 0.25 s and the next task
0.25 s; it computes 1 s, serialises for 0.25 s, and waits for the answer. Worker 1 waits for the
caller (3 s) and the scheduler (0.25 s, of which 0.05 s serialising), gets its task in 0.75 s,
computes 1 s, and finds no task ready for 0.75 s, then one that the scheduler is about to give to
the other (0.25 s), then none (1.25 s)."""
IN_PARTS = {
    "build": 2.0,
    "optimise": 3.0,
    "submit": 1.0,
    "serialise": 0.25 + 0.05 + 0.05,
    "schedule": 0.25 + 0.2 + 0.25,
    "transfer": 0.45 + 0.25 + 0.25 + 0.75,
    "compute": 4.0,
    "gather": 0.5 + 0.75,
    "idle": 0.75 + 1.25,
}
