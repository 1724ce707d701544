"""The older of the standard library's two kinds of pools: ``multiprocessing.Pool``."""

from __future__ import annotations

import gc
import multiprocessing
import signal
from collections.abc import Callable, Mapping
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Any, ClassVar

from harness.running.executors.base import Executor
from harness.running.executors.built_call import Layout
from harness.running.executors.program import Program
from harness.running.workloads.base import Task, Workload

if TYPE_CHECKING:
    from multiprocessing.pool import AsyncResult, Pool

WATCH_SECONDS = 0.5
"""How often a caller that waits looks after the pool's processes."""
DEFAULT_CHUNKSIZE = "default: tasks / (4 x workers)"
"""How a block records the number of tasks in a message where Python chooses it."""


def _program(opening: str, chunksize: str, imported: str) -> Program:
    mapped = f"pool.starmap(KERNEL, tasks{chunksize})"
    return Program(
        {
            "tasks": mapped,
            "map": mapped,
            "submit": "[made.get() for made in [pool.apply_async(KERNEL, task) for task in tasks]]",
        },
        imports=(imported,),
        handle="pool",
        opening=f"with {opening}(WORKERS) as pool:",
    )


def _process_program(start_method: str) -> Program:
    opening = f'multiprocessing.get_context("{start_method}").Pool'
    return _program(opening, ", chunksize=1", "import multiprocessing")


class MultiprocessingThreads(Executor):
    """Runs tasks with ``multiprocessing.pool.ThreadPool.starmap``, one task at a time (rule 9)."""

    name = "multiprocessing-threads"
    kind = "local threads"
    ways: ClassVar[Mapping[str, str]] = {"tasks": "map", "map": "map", "submit": "submit"}
    program = _program("ThreadPool", ", chunksize=1", "from multiprocessing.pool import ThreadPool")
    chunksize: ClassVar[int | None] = 1
    """Tasks in one message to a worker; ``None`` leaves the number to Python."""
    pool: Pool
    processes: tuple[BaseProcess, ...] = ()
    """The workers that were started, where they are processes."""

    def start(self) -> Layout:
        from multiprocessing.pool import ThreadPool  # noqa: PLC0415

        self.pool = ThreadPool(self.workers)
        return Layout(1, self.workers, {"chunksize": self.chunksize})

    def stop(self) -> None:
        """Take the pool down, unless one of its processes was killed: the lock that it may have
        held is never released, and the block ends what is left."""
        if not self._ended():
            self.pool.terminate()
            self.pool.join()
            del self.pool
            gc.collect()  # the pool's semaphores are files until they are collected

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        results: list[Any] = self._got(self.pool.starmap_async(function, tasks, self.chunksize))
        return results

    def submit(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        """Call ``pool.apply_async`` for each task, then wait for each result."""
        made = [self.pool.apply_async(function, task) for task in tasks]
        return [self._got(result) for result in made]

    def unmeasured_parts(self, workload: Workload) -> dict[str, str]:
        return super().unmeasured_parts(workload) | {"optimise": "no graph"}

    def _got(self, result: AsyncResult[Any]) -> Any:
        """Wait as ``result.get()`` does, which ``map`` itself calls, but not for ever where a
        process was killed: the pool starts another and never tells that a task was lost.

        Raises
        ------
        multiprocessing.ProcessError
            Where a process of the pool has ended.
        """
        while not result.ready():
            result.wait(WATCH_SECONDS)
            if not result.ready() and (ended := self._ended()):
                raise multiprocessing.ProcessError(
                    f"a worker process was ended {_how(ended[0])}, and its task with it"
                )
        return result.get()

    def _ended(self) -> list[int]:
        """The exit codes of the processes that have ended; none does while the pool is up."""
        return [code for process in self.processes if (code := process.exitcode) is not None]


def _how(exit_code: int) -> str:
    return f"by {signal.Signals(-exit_code).name}" if exit_code < 0 else f"with {exit_code}"


class MultiprocessingFork(MultiprocessingThreads):
    """Runs tasks with ``multiprocessing.Pool.starmap`` on forked processes, one task at a time.

    They are copies of the process that starts them. ``chunksize=1`` keeps each task a task of its
    own (rule 9).
    """

    name = "multiprocessing-fork"
    kind = "local processes"
    plain_pickle = True
    start_method: ClassVar[str | None] = "fork"
    """How worker processes begin; ``None`` leaves it to Python."""
    program = _process_program("fork")

    def start(self) -> Layout:
        before = set(multiprocessing.active_children())
        context = multiprocessing.get_context(self.start_method)
        self.pool = context.Pool(self.workers)
        self.processes = tuple(set(multiprocessing.active_children()) - before)
        return Layout(
            self.workers,
            1,
            {
                "multiprocessing.start_method": context.get_start_method(),
                "chunksize": self.chunksize or DEFAULT_CHUNKSIZE,
            },
        )


class MultiprocessingSpawn(MultiprocessingFork):
    """Runs tasks with ``multiprocessing.Pool.starmap`` on fresh processes, one task at a time."""

    name = "multiprocessing-spawn"
    start_method = "spawn"
    program = _process_program("spawn")


class MultiprocessingForkserver(MultiprocessingFork):
    """Runs tasks with ``multiprocessing.Pool.starmap``, one at a time, on processes that are forked
    from a server which has nothing but Python loaded."""

    name = "multiprocessing-forkserver"
    start_method = "forkserver"
    program = _process_program("forkserver")


class MultiprocessingBatched(MultiprocessingFork):
    """Runs ``multiprocessing.Pool(workers).starmap(function, tasks)``, as most programs have it.

    Python chooses how processes begin, and puts several tasks into one message: ``chunksize`` is
    tasks / (4 x workers), rounded up, so that what a task costs is hardly seen (rule 9).
    """

    name = "multiprocessing-batched"
    tried = "processes"
    ways: ClassVar[Mapping[str, str]] = {"tasks": "map", "map": "map"}
    start_method = None
    chunksize = None
    program = _program("multiprocessing.Pool", "", "import multiprocessing")
