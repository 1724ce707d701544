"""The standard library's pool of interpreters: threads of a process, each with its own lock."""

from __future__ import annotations

import re
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Executor as Pool
from typing import Any

from harness.core.records import WorkerProbe
from harness.running.executors.base import PROBE_HOLD_SECONDS
from harness.running.executors.built_call import Layout
from harness.running.executors.pools import (  # noqa: F401 - two are for scripts
    TO_POOL,
    ProcessPool,
    _call_resident,
    _move_in,
)
from harness.running.executors.program import Program
from harness.running.host.pins import probe_worker
from harness.running.host.subinterpreter import import_without
from harness.running.workloads.base import Task, Workload

ABSENT = ("numpy", "psutil")
"""What modules of this package import at their top, and only the first interpreter can have."""
_IMPORTS = ("from concurrent.futures import InterpreterPoolExecutor",)
_FOR_ONE = re.compile(r"module \S+ does not support loading in subinterpreters")
"""What Python says of a module in C that has one state for the whole process."""


class InterpreterPool(ProcessPool):
    """Runs tasks with ``concurrent.futures.InterpreterPoolExecutor.map``, one task at a time.

    Each worker is a thread with an interpreter of its own, which has its own lock and modules:
    threads that run Python at the same time. Arguments and results are copied from one to the
    other. NumPy does not load there, so that only tasks run which do without it.

    An actor is an object in an interpreter of its own.
    """

    name = "interpreter-pool"
    kind = "local interpreters"
    needs_python = (3, 14)
    in_suites = False
    program = Program(
        TO_POOL,
        imports=_IMPORTS,
        handle="pool",
        opening="with InterpreterPoolExecutor(WORKERS) as pool:",
    )
    actor_program = Program(
        {},
        imports=_IMPORTS,
        handle="actors",
        start=(
            "actors = [  # one interpreter for each\n"
            "    InterpreterPoolExecutor(1, initializer=_move_in, initargs=(ACTOR,))\n"
            "    for _ in range(WORKERS)\n"
            "]"
        ),
        end="for actor in actors:\n    actor.shutdown()",
        call='actor.submit(_call_resident, "METHOD")',
        helpers=("_move_in", "_call_resident"),
    )

    @classmethod
    def refuses(cls, workload: Workload) -> str | None:
        if refused := super().refuses(workload):
            return refused
        if workload.without_numpy:
            return None
        return (
            f"{workload.name} needs NumPy in its tasks, which does not load in the interpreters of "
            f"{cls.name}: measure it on thread-pool or process-pool"
        )

    def start(self) -> Layout:
        self.homes = []
        self.pool = self._pool(self.workers)
        return Layout(1, self.workers, {"interpreters": self.workers})

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        return _none_lost(super().map(function, tasks))

    def submit(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        return _none_lost(super().submit(function, tasks))

    def probe(self, layout: Layout, workloads: Sequence[Workload]) -> list[WorkerProbe]:
        """Read back what this process has, once every interpreter is up: they share the process,
        and have no native threads of their own, since NumPy does not load in them."""
        list(self.pool.map(time.sleep, [PROBE_HOLD_SECONDS] * self.workers))
        return [probe_worker()]

    def cause(self, error: BaseException) -> BaseException:
        """Return what Python says of a module that does not load, where that is the reason: NumPy
        puts pages around it, and the pool says that an argument cannot be shared."""
        found = _FOR_ONE.search("".join(traceback.format_exception(error)))
        return ImportError(found[0]) if found else error

    @staticmethod
    def _pool(workers: int, *initial: Any) -> Pool:
        from concurrent import futures  # noqa: PLC0415 - of Python 3.14

        pool: Pool = futures.InterpreterPoolExecutor(  # type: ignore[attr-defined, unused-ignore]
            workers, initializer=import_without, initargs=(ABSENT, ProcessPool.__module__)
        )
        if initial:
            function, arguments = initial
            pool.submit(function, *arguments).result()
        return pool


def _none_lost(results: list[Any]) -> list[Any]:
    """Return *results*, of which no task's is ``None``.

    Raises
    ------
    MemoryError
        For one that is: Python 3.14 loses this error between interpreters, and goes on as if the
        task had returned.
    """
    if any(result is None for result in results):
        raise MemoryError("a task returned nothing, as one does there that ran out of memory")
    return results
