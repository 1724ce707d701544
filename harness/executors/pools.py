"""The standard library's pools of threads and processes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import Executor as Pool
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

from harness.executors.base import Executor, Layout
from harness.workloads.base import Task

START_METHOD = (
    "spawn"  # the one that every system has; a forked worker would inherit the parent's threads
)


class ThreadPool(Executor):
    """``concurrent.futures.ThreadPoolExecutor.map``, one task at a time."""

    name = "thread-pool"
    kind = "local threads"
    pool: Pool

    def start(self) -> Layout:
        self.pool = ThreadPoolExecutor(self.workers)
        return Layout(1, self.workers, {})

    def stop(self) -> None:
        self.pool.shutdown(cancel_futures=True)

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        return list(self.pool.map(function, *zip(*tasks, strict=True)))


class ProcessPool(ThreadPool):
    """``concurrent.futures.ProcessPoolExecutor.map`` with ``chunksize=1``, so that a task stays one
    task (rule 9)."""

    name = "process-pool"
    kind = "local processes"

    def start(self) -> Layout:
        self.pool = ProcessPoolExecutor(
            self.workers, mp_context=multiprocessing.get_context(START_METHOD)
        )
        return Layout(
            self.workers, 1, {"multiprocessing.start_method": START_METHOD, "chunksize": 1}
        )
