"""Run tasks of a graph one after the other, and say what all of them take."""

from __future__ import annotations

from collections import Counter, deque
from math import inf
from time import perf_counter

from harness.running.executors import dask_graph
from harness.running.executors.dask_graph import Flat
from harness.running.measure.process.child import Message
from harness.running.measure.process.timing import PRIMED_SECONDS


def once(graph: Flat, tasks: int | None, until: float = inf) -> None:
    """Run the first *tasks* of a graph, or those begun before *until*."""
    deque(dask_graph.replay(graph, tasks, until), maxlen=0)


def sampled(graph: Flat, tasks: int | None, most_seconds: float, chunks: int | None) -> Message:
    """Time tasks of *graph*: all, the first *tasks*, or what *most_seconds* allow.

    They have run once before, unless they take so long that they do not feel it.

    Parameters
    ----------
    graph : Flat
    tasks : int or None
    most_seconds : float
    chunks : int or None
        How many chunks the tasks of the graph stand for; ``None`` where they are all.

    Returns
    -------
    dict
        The reply to the command ``sample``.
    """
    spent = _spent(graph, tasks, most_seconds)
    if sum(map(sum, spent.values())) <= PRIMED_SECONDS:
        spent = _spent(graph, tasks, most_seconds)
    gather = spent.pop("", None)
    done = sum(map(len, spent.values()))
    total = sum(map(sum, spent.values()))
    layers = Counter(graph.layers)
    unseen = sum(count for layer, count in layers.items() if layer not in spent)
    whole = sum(sum(times) / len(times) * layers[layer] for layer, times in spent.items())
    if chunks is not None:
        whole *= chunks / len(graph.order)
    return {
        "serial_seconds": whole + unseen * total / done,
        "seconds": total,
        "tasks": done,
        "unseen_tasks": unseen,
        "gather_seconds": gather[0] if gather else None,
    }


def _spent(graph: Flat, tasks: int | None, most_seconds: float) -> dict[str, list[float]]:
    """Seconds of the tasks of each layer."""
    spent: dict[str, list[float]] = {}
    for layer, seconds in dask_graph.replay(graph, tasks, perf_counter() + most_seconds):
        spent.setdefault(layer, []).append(seconds)
    return spent
