"""The standard library's pools of threads and processes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import Executor as Pool
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from harness.running.executors.base import Executor, Layout, Plan
from harness.running.executors.noting import Notes, pool_watched
from harness.running.workloads.base import Task, Workload

START_METHOD = (
    "spawn"  # the one that every system has; a forked worker would inherit the parent's threads
)


class ThreadPool(Executor):
    """``concurrent.futures.ThreadPoolExecutor.map``, one task at a time.

    An actor is an object that one thread of its own calls, in the order of the calls.
    """

    name = "thread-pool"
    kind = "local threads"
    ways = dict.fromkeys(("tasks", "map"), "map") | {"submit": "submit", "actors": "actors"}
    pool: Pool

    def start(self) -> Layout:
        self.homes: list[Pool] = []
        self.pool = ThreadPoolExecutor(self.workers)
        return Layout(1, self.workers, {})

    def stop(self) -> None:
        for pool in (self.pool, *self.homes):
            pool.shutdown(cancel_futures=True)

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        return list(self.pool.map(function, *zip(*tasks, strict=True)))

    def submit(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        """``pool.submit`` for each task, then each one's result."""
        return self.results([self.pool.submit(function, *task) for task in tasks])

    @contextmanager
    def watched(self, plan: Plan, notes: Notes) -> Iterator[None]:
        with super().watched(plan, notes), pool_watched(self.pool, notes):
            yield

    def untold(self, workload: Workload) -> dict[str, str]:
        untold = {"optimise": "no graph", "schedule": "in transfer"}
        return untold | {"serialise": "nothing of the kind happens"}

    def host(self, actor: type) -> list[Any]:
        homes = [ThreadPoolExecutor(1) for _ in range(self.workers)]
        self.homes += homes
        return [(home, actor()) for home in homes]

    def call(self, actor: Any, method: str) -> Future[Any]:
        home, instance = actor
        done: Future[Any] = home.submit(getattr(instance, method))
        return done

    def results(self, calls: list[Future[Any]]) -> list[Any]:
        return [call.result() for call in calls]


class ProcessPool(ThreadPool):
    """``concurrent.futures.ProcessPoolExecutor.map`` with ``chunksize=1``, so that a task stays one
    task (rule 9).

    An actor is an object in a process of its own.
    """

    name = "process-pool"
    kind = "local processes"

    def start(self) -> Layout:
        self.homes = []
        self.pool = self._pool(self.workers)
        return Layout(
            self.workers, 1, {"multiprocessing.start_method": START_METHOD, "chunksize": 1}
        )

    def untold(self, workload: Workload) -> dict[str, str]:
        return super().untold(workload) | {"serialise": "in transfer"}

    def host(self, actor: type) -> list[Any]:
        homes = [self._pool(1, _move_in, (actor,)) for _ in range(self.workers)]
        self.homes += homes
        return list(homes)

    def call(self, actor: Any, method: str) -> Future[Any]:
        done: Future[Any] = actor.submit(_call_resident, method)
        return done

    @staticmethod
    def _pool(workers: int, *initial: Any) -> Pool:
        return ProcessPoolExecutor(workers, multiprocessing.get_context(START_METHOD), *initial)


_resident: list[Any] = []
"""The one actor that lives in this process, if it was started for one."""


def _move_in(actor: type) -> None:
    _resident.append(actor())


def _call_resident(method: str) -> Any:
    return getattr(_resident[0], method)()
