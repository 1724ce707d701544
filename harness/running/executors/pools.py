"""The standard library's pools of threads and processes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import Executor as Pool
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from harness.running.executors.base import Executor
from harness.running.executors.built_call import BuiltCall, Layout
from harness.running.executors.noting import Notes, pool_watched
from harness.running.executors.program import Program
from harness.running.workloads.base import Task, Workload

START_METHOD = "spawn"
"""How worker processes begin. Every system has this way, and a forked worker would inherit the
parent's threads."""

TO_POOL = {
    **dict.fromkeys(("tasks", "map"), "list(pool.map(KERNEL, *zip(*tasks)))"),
    "submit": "[future.result() for future in [pool.submit(KERNEL, *task) for task in tasks]]",
}
"""How a program runs tasks on any pool of ``concurrent.futures``, by the way that it is used."""
_THREAD_IMPORTS = ("from concurrent.futures import ThreadPoolExecutor",)
PROCESS_IMPORTS = ("import multiprocessing", "from concurrent.futures import ProcessPoolExecutor")
_CONTEXT = f'multiprocessing.get_context("{START_METHOD}")'
OPEN_PROCESSES = f"with ProcessPoolExecutor(WORKERS, {_CONTEXT}) as pool:"
"""The line of a script that starts a pool of processes."""


class ThreadPool(Executor):
    """Runs tasks with ``concurrent.futures.ThreadPoolExecutor.map``, one task at a time.

    An actor is an object with one thread of its own, which makes the calls in their order.
    """

    name = "thread-pool"
    kind = "local threads"
    tried = "threads"
    ways = dict.fromkeys(("tasks", "map"), "map") | {"submit": "submit", "actors": "actors"}
    program = Program(
        TO_POOL,
        imports=_THREAD_IMPORTS,
        handle="pool",
        opening="with ThreadPoolExecutor(WORKERS) as pool:",
    )
    actor_program = Program(
        {},
        imports=_THREAD_IMPORTS,
        handle="actors",
        start=(
            "homes = [ThreadPoolExecutor(1) for _ in range(WORKERS)]  # one thread for each actor\n"
            "actors = [(home, ACTOR()) for home in homes]"
        ),
        end="for home in homes:\n    home.shutdown()",
        call="actor[0].submit(actor[1].METHOD)",
    )
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
        """Call ``pool.submit`` for each task, then wait for each result."""
        return self.results([self.pool.submit(function, *task) for task in tasks])

    @contextmanager
    def watched(self, built: BuiltCall, notes: Notes) -> Iterator[None]:
        with super().watched(built, notes), pool_watched(self.pool, notes):
            yield

    def unmeasured_parts(self, workload: Workload) -> dict[str, str]:
        return {
            "optimise": "no graph",
            "schedule": "in transfer",
            "serialise": "nothing of the kind happens",
        }

    def host(self, actor: type) -> list[Any]:
        homes = [ThreadPoolExecutor(1) for _ in range(self.workers)]
        self.homes += homes
        return [(home, actor()) for home in homes]

    def call(self, actor: Any, method: str, *arguments: Any) -> Future[Any]:
        home, instance = actor
        done: Future[Any] = home.submit(getattr(instance, method), *arguments)
        return done

    def results(self, calls: list[Future[Any]]) -> list[Any]:
        return [call.result() for call in calls]


class ProcessPool(ThreadPool):
    """Runs tasks with ``concurrent.futures.ProcessPoolExecutor.map``.

    ``chunksize=1`` keeps each task a task of its own (rule 9).

    An actor is an object in a process of its own.
    """

    name = "process-pool"
    kind = "local processes"
    tried = "processes"
    plain_pickle = True
    program = Program(TO_POOL, imports=PROCESS_IMPORTS, handle="pool", opening=OPEN_PROCESSES)
    actor_program = Program(
        {},
        imports=PROCESS_IMPORTS,
        handle="actors",
        start=(
            f"context = {_CONTEXT}\n"
            "actors = [  # one process for each\n"
            "    ProcessPoolExecutor(1, context, _move_in, (ACTOR,)) for _ in range(WORKERS)\n"
            "]"
        ),
        end="for actor in actors:\n    actor.shutdown()",
        call='actor.submit(_call_resident, "METHOD")',
        helpers=("_move_in", "_call_resident"),
    )

    def start(self) -> Layout:
        self.homes = []
        self.pool = self._pool(self.workers)
        return Layout(
            self.workers, 1, {"multiprocessing.start_method": START_METHOD, "chunksize": 1}
        )

    def unmeasured_parts(self, workload: Workload) -> dict[str, str]:
        return super().unmeasured_parts(workload) | {"serialise": "in transfer"}

    def host(self, actor: type) -> list[Any]:
        homes = [self._pool(1, _move_in, (actor,)) for _ in range(self.workers)]
        self.homes += homes
        return list(homes)

    def call(self, actor: Any, method: str, *arguments: Any) -> Future[Any]:
        done: Future[Any] = actor.submit(_call_resident, method, *arguments)
        return done

    @staticmethod
    def _pool(workers: int, *initial: Any) -> Pool:
        return ProcessPoolExecutor(workers, multiprocessing.get_context(START_METHOD), *initial)


_resident: list[Any] = []
"""The one actor that lives in this process or interpreter, if it was started for one."""


def _move_in(actor: type) -> None:
    _resident.append(actor())


def _call_resident(method: str, *arguments: Any) -> Any:
    return getattr(_resident[0], method)(*arguments)
