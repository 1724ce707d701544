"""The executors that can run the graph of a user's work."""

from __future__ import annotations

from harness.core.errors import UsageError
from harness.running.executors import OURS, lookup, require
from harness.running.executors.base import Executor


def graph_executor(name: str, workers: int) -> type[Executor]:
    """The executor that runs the work.

    Raises
    ------
    UnknownNameError
        Where there is none of that name.
    ExecutorUnavailableError
        Where its package is not installed.
    UsageError
        Where it runs no graphs of Dask, or cannot have so many workers; with those that can.
    """
    if workers < 1:
        raise UsageError(f"{workers} workers: give at least 1")
    executor = lookup(name)
    if not _runs_graphs(executor):
        able = [other for other in OURS if _runs_graphs(lookup(other)) and _local(other)]
        why = (
            "runs no tasks of a graph"
            if "dask" in executor.needs
            else "is not a Dask executor, and advise is about Dask's chunks"
        )
        raise UsageError(f"{name} {why}: choose one of {', '.join(able)}")
    executor = require(name)
    if executor.max_workers is not None and workers > executor.max_workers:
        raise UsageError(f"{name} has {executor.max_workers} worker: give --workers 1")
    return executor


def _runs_graphs(executor: type[Executor]) -> bool:
    """Whether *executor* is one of Dask's that takes collections or graphs."""
    return "dask" in executor.needs and "collections" in executor.ways


def _local(name: str) -> bool:
    return not lookup(name).named_only and lookup(name).missing() is None
