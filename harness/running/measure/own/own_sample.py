"""Run tasks of a graph one after the other, and say what all of them take."""

from __future__ import annotations

from collections import Counter, deque
from math import inf
from time import perf_counter

import numpy as np

from harness.running.executors import dask_graph
from harness.running.executors.dask_graph import Flat
from harness.running.measure.process.child import Message
from harness.running.measure.process.timing import PRIMED_SECONDS

MOST_LOOKS = 3


def once(graph: Flat, tasks: int | None, until: float = inf) -> None:
    """Run the first *tasks* of a graph, or those begun before *until*."""
    deque(dask_graph.replay(graph, tasks, until), maxlen=0)


def piece_seconds(graph: Flat, tasks: int) -> float:
    """Seconds of the first *tasks*, once they have run before, unless they take so long that they
    do not feel it."""
    for _ in range(2):
        seconds = sum(seconds for layer, seconds in dask_graph.replay(graph, tasks, inf) if layer)
        if seconds > PRIMED_SECONDS:
            break
    return seconds


def sampled(graph: Flat, run_seconds: float, look_seconds: float, chunks: int | None) -> Message:
    """Choose the first tasks that take about *run_seconds*, and find what the whole takes.

    All tasks are run where *look_seconds* allow it. Else the first of them stand for all, layer by
    layer, and what was not seen is counted as nothing.

    Parameters
    ----------
    graph : Flat
    run_seconds : float
    look_seconds : float
    chunks : int or None
        How many chunks the tasks of the graph stand for; ``None`` where they are all.

    Returns
    -------
    dict
        The reply to the command ``sample``.
    """
    times, whole = _looked(graph, run_seconds, look_seconds)
    each = times[: len(graph.order)]
    spent: dict[str, list[float]] = {}
    for layer, seconds in zip(graph.layers, each):
        spent.setdefault(layer, []).append(seconds)
    layers = Counter(graph.layers)
    total = sum(sum(known) / len(known) * layers[layer] for layer, known in spent.items())
    reached = np.cumsum(each)
    tasks = int(np.searchsorted(reached, run_seconds, side="right"))
    if tasks < len(each) and (not tasks or reached[tasks - 1] < run_seconds / 2):
        tasks += 1  # the next one is long, but without it there is little to time
    return {
        "serial_seconds": total * (1.0 if chunks is None else chunks / len(graph.order)),
        "seconds": sum(each[:tasks]),
        "tasks": tasks,
        "unseen_tasks": sum(count for layer, count in layers.items() if layer not in spent),
        "gather_seconds": times[-1] if whole else None,
    }


def _looked(graph: Flat, run_seconds: float, look_seconds: float) -> tuple[list[float], bool]:
    """Seconds of the tasks in their order, and whether these are all, with those of putting the
    answer together at the end.

    Of several looks at all the mean is taken, without the first, which is cold. Where not even one
    fits, the tasks go on as long as each is of a layer that was not seen yet.
    """
    until = perf_counter() + look_seconds
    looks: list[list[float]] = []
    while len(looks) < MOST_LOOKS:
        begin = perf_counter()
        times: list[float] = []
        seen: set[str] = set()
        for layer, seconds in dask_graph.replay(graph, None, inf):
            times.append(seconds)
            seen.add(layer)
            following = graph.layers[len(times)] if len(times) < len(graph.order) else ""
            late = perf_counter() > until and perf_counter() - begin > run_seconds
            if late and following in seen:
                break
        if len(times) <= len(graph.order):
            return (
                ([float(mean) for mean in np.mean(looks, axis=0)], True)
                if looks
                else (times, False)
            )
        looks.append(times)
        if 2 * perf_counter() - begin > until:
            break
    return [float(mean) for mean in np.mean(looks[1:] or looks, axis=0)], True
