"""What Ray says of its tasks: its task events, as ``ray.timeline`` gives them."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, perf_counter, sleep, time
from typing import TYPE_CHECKING, Any

import ray

from harness.running.executors.base import Page
from harness.running.executors.noting import Notes, replaced

if TYPE_CHECKING:
    from harness.running.executors.ray_tasks import RayTasks

EVENTS_LIMIT_SECONDS = 10.0
"""Workers report their events once a second."""
PAUSE_SECONDS = 0.1
SPANS = {"task:deserialize_arguments": "transfer", "task:store_outputs": "serialise"}
"""Ray's events in a worker, and the part of the time budget that they are."""


@contextmanager
def tasks_watched(executor: RayTasks, notes: Notes) -> Iterator[None]:
    """Note when the tasks of a call were submitted, and what Ray's workers did for each."""
    names: dict[str, int] = {}
    results = executor.results

    def noting(calls: list[Any]) -> list[Any]:
        notes.leave()
        names.update((call.task_id().hex(), index) for index, call in enumerate(calls))
        return results(calls)

    since = time()
    ahead = since - perf_counter()
    with replaced(executor, results=noting):
        notes.enter("submit")
        yield
    for event in _events(names, since):
        start = event["ts"] / 1e6 - ahead
        end = start + event["dur"] / 1e6
        if event["name"] == "submit_task":
            notes.sent[event["index"]] = end
        else:
            notes.spans.append((SPANS[event["name"]], event["index"], start, end))


def timeline(folder: Path) -> Page:
    """Ray's timeline of all its tasks so far, for a trace viewer such as Perfetto."""
    sleep(1.0)  # the workers' last report
    path = folder / "ray-timeline.json"
    ray.timeline(str(path))
    return Page(path.name)


def _events(names: dict[str, int], since: float) -> list[dict[str, Any]]:
    """The events of the tasks *names*, each with the ``index`` of its task; those that have come in
    time."""
    deadline = monotonic() + EVENTS_LIMIT_SECONDS
    while True:
        events = [event for event in ray.timeline() if event["ts"] >= since * 1e6]
        whole = [e for e in events if e["args"].get("task_id") in names]
        submitted = sorted((e for e in events if e["name"] == "submit_task"), key=_begin)
        if (len(whole), len(submitted)) == (len(names),) * 2 or monotonic() > deadline:
            break
        sleep(PAUSE_SECONDS)
    found = []
    if len(submitted) == len(names):
        found += [event | {"index": index} for index, event in enumerate(submitted)]
    of_worker: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in sorted(whole, key=_begin):
        of_worker[event["tid"]].append(event)
    for event in events:
        if event["name"] in SPANS and event["tid"] in of_worker:
            tasks = of_worker[event["tid"]]
            at = bisect_left(tasks, event["ts"] + event["dur"] / 2, key=_begin) - 1
            if at >= 0:
                index = names[tasks[at]["args"]["task_id"]]
                found.append(event | {"index": index})
    return found


def _begin(event: dict[str, Any]) -> float:
    return float(event["ts"])
