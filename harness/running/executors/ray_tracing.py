"""Note when Ray's tasks are submitted and run, from the events that ``ray.timeline`` gives."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import Any

import ray

from harness.running.executors.noting import Notes, check_clock, clock_ahead
from harness.running.executors.pages import Page

Results = Callable[[list[Any]], list[Any]]
"""Waits for calls and returns their results."""

EVENTS_LIMIT_SECONDS = 10.0
"""Workers report their events once a second."""
PAUSE_SECONDS = 0.1
SPANS = {"task:deserialize_arguments": "transfer", "task:store_outputs": "serialise"}
"""Ray's events in a worker, and the part of the time budget that each belongs to."""


@contextmanager
def tasks_watched(results: Results, notes: Notes) -> Iterator[Results]:
    """Note when the tasks of a call were submitted, and what Ray's workers did for each.

    The ``with`` block gets a function to be called in place of *results*: it also notes the ids of
    the calls, by which their events are found.
    """
    names: dict[str, int] = {}

    def noting(calls: list[Any]) -> list[Any]:
        notes.leave()
        names.update((call.task_id().hex(), index) for index, call in enumerate(calls))
        return results(calls)

    ahead = clock_ahead()
    since = perf_counter() + ahead
    notes.enter("submit")
    yield noting
    check_clock(ahead)
    for event in _events(names, since):
        start = event["ts"] / 1e6 - ahead
        end = start + event["dur"] / 1e6
        if event["name"] == "submit_task":
            notes.sent[event["index"]] = end
        else:
            notes.spans.append((SPANS[event["name"]], event["index"], start, end))


def timeline(folder: Path) -> Page:
    """Write Ray's timeline of all its tasks so far, for a trace viewer such as Perfetto."""
    sleep(1.0)  # wait for the workers' last report
    path = folder / "ray-timeline.json"
    ray.timeline(str(path))
    return Page(path.name)


def _events(names: dict[str, int], since: float) -> list[dict[str, Any]]:
    """Return the events of the tasks whose ids are in *names*, each with its task's ``index``.

    Events that have not come within 10 s are missing.
    """
    deadline = monotonic() + EVENTS_LIMIT_SECONDS
    while True:
        events = [event for event in ray.timeline() if event["ts"] >= since * 1e6]
        whole = [e for e in events if e["args"].get("task_id") in names]
        submitted = sorted((e for e in events if e["name"] == "submit_task"), key=_begin)
        if (len(whole), len(submitted)) == (len(names),) * 2 or monotonic() > deadline:
            break
        sleep(PAUSE_SECONDS)
    indexed = []
    if len(submitted) == len(names):
        indexed += [event | {"index": index} for index, event in enumerate(submitted)]
    of_worker: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in sorted(whole, key=_begin):
        of_worker[event["tid"]].append(event)
    for event in events:
        if event["name"] in SPANS and event["tid"] in of_worker:
            tasks = of_worker[event["tid"]]
            at = bisect_left(tasks, event["ts"] + event["dur"] / 2, key=_begin) - 1
            if at >= 0:
                index = names[tasks[at]["args"]["task_id"]]
                indexed.append(event | {"index": index})
    return indexed


def _begin(event: dict[str, Any]) -> float:
    return float(event["ts"])
