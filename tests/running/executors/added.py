"""An executor of another package: all that its author writes. The tests install this file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness import Executor, Layout, Program, Task


class MpThreads(Executor):
    """Runs tasks with ``multiprocessing.pool.ThreadPool.starmap``, one at a time."""

    name = "mp-threads"
    kind = "local threads"
    ways = dict.fromkeys(("tasks", "submit"), "map")
    packages = ("threadpoolctl",)
    central_scheduler = "Pool"
    program = Program(
        {"tasks": "pool.starmap(KERNEL, tasks, chunksize=1)"},
        imports=("from multiprocessing.pool import ThreadPool",),
        handle="pool",
        opening="with ThreadPool(WORKERS) as pool:",
    )

    def start(self) -> Layout:
        from multiprocessing.pool import ThreadPool  # noqa: PLC0415

        self.pool = ThreadPool(self.workers)
        return Layout(1, self.workers, {"chunksize": 1})

    def stop(self) -> None:
        self.pool.terminate()

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        return self.pool.starmap(function, tasks, chunksize=1)


class Silent(MpThreads):
    """Says no more of itself than it must."""

    name = "silent"
