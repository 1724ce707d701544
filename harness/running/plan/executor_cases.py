"""The cases that one executor can make of axes that were chosen for several."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.errors import UsageError
from harness.core.records import Case
from harness.running.executors import lookup
from harness.running.plan.sweep import chunk_axis, span, usable_workers


def worker_counts(workers: Sequence[int]) -> list[int]:
    """*workers*, or all usable cores where none are given.

    Raises
    ------
    UsageError
        For fewer than one worker.
    """
    counts = list(workers) or [usable_workers()]
    if min(counts) < 1:
        raise UsageError(f"{min(counts)} workers: give at least 1")
    return counts


def executor_cases(
    executor: str,
    workload: str,
    size: int,
    *,
    workers: Sequence[int],
    chunks: Sequence[int],
    pins: Sequence[str] = ("1",),
    whole: bool = False,
) -> list[Case]:
    """The cases of *workload* on *executor*: only what makes sense is planned.

    An executor that computes the whole at once gets the whole as its chunk, a serial one has one
    worker, each has those of *pins* that it knows.

    Parameters
    ----------
    whole : bool
        Whether the whole is added to *chunks*.

    Raises
    ------
    UnknownNameError
        For an executor that does not exist.
    """
    engine = lookup(executor)
    axes: dict[str, Sequence[int | str]] = {
        "executor": [executor],
        "workers": workers if engine.max_workers is None else [engine.max_workers],
        "pin": [pin for pin in pins if pin in engine.pins] or engine.pins[:1],
        "chunk": chunk_axis(size, chunks, whole=whole) if engine.chunked else [size],
    }
    return span(workload, size, axes)
