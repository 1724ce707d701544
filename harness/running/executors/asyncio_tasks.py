"""asyncio's tasks: coroutines that take turns in one thread, each while the others wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from harness.running.executors.asyncio_threads import AsyncioThreads
from harness.running.executors.built_call import Layout
from harness.running.executors.program import Program
from harness.running.workloads.base import Task

_CALL = "runner.run(taking_turns(KERNEL, tasks, WORKERS))"


async def taking_turns(function: Callable[..., Any], tasks: list[Task], at_once: int) -> list[Any]:
    """Call *function* with each of *tasks*, and let others run while one waits; no more than
    *at_once* have begun and not ended. Results in order."""
    turn = asyncio.Semaphore(at_once)

    async def one(task: Task) -> Any:
        async with turn:
            result = function(*task)
            return await result if asyncio.iscoroutine(result) else result

    return await asyncio.gather(*(one(task) for task in tasks))


class AsyncioTasks(AsyncioThreads):
    """Runs tasks as coroutines, gathered, on one event loop that it keeps.

    All of them share one thread: a function that computes gains nothing, and one that waits, as
    those of ``io-wait`` do, lets the others run. As many have begun at a time as there are workers.
    """

    name = "asyncio-tasks"
    awaits = True
    in_suites = False
    program = Program(
        {"tasks": _CALL, "map": _CALL},
        imports=("import asyncio",),
        handle="runner",
        opening="with asyncio.Runner() as runner:",
        helpers=("taking_turns",),
    )

    def start(self) -> Layout:
        self.runner = asyncio.Runner()
        self.runner.get_loop()
        return Layout(1, self.workers, {"asyncio.tasks_at_once": self.workers, "threads": 1})

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        return self.runner.run(taking_turns(function, tasks, self.workers))
