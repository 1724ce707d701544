"""asyncio's way to run functions that block: ``asyncio.to_thread`` on the loop's own threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

from harness.running.executors.base import Executor
from harness.running.executors.built_call import Layout
from harness.running.executors.program import Program
from harness.running.workloads.base import Task, Workload

_CALL = "runner.run(in_threads(KERNEL, tasks))"


async def in_threads(function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
    """Call *function* with each of *tasks* in threads of the running loop; results in order."""
    return await asyncio.gather(*(asyncio.to_thread(function, *task) for task in tasks))


class AsyncioThreads(Executor):
    """Runs tasks with ``asyncio.to_thread``, gathered, on one event loop that it keeps.

    The loop's pool has as many threads as there are workers; asyncio alone would take up to 32.
    """

    name = "asyncio-threads"
    kind = "local threads"
    needs_python = (3, 11)  # asyncio.Runner
    ways: ClassVar[Mapping[str, str]] = {"tasks": "map", "map": "map"}
    program = Program(
        {"tasks": _CALL, "map": _CALL},
        imports=("import asyncio", "from concurrent.futures import ThreadPoolExecutor"),
        handle="runner",
        opening="with asyncio.Runner() as runner:",
        start="runner.get_loop().set_default_executor(ThreadPoolExecutor(WORKERS))",
        helpers=("in_threads",),
    )

    def start(self) -> Layout:
        self.runner = asyncio.Runner()
        self.runner.get_loop().set_default_executor(ThreadPoolExecutor(self.workers))
        return Layout(1, self.workers, {})

    def stop(self) -> None:
        self.runner.close()

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        return self.runner.run(in_threads(function, tasks))

    def unmeasured_parts(self, workload: Workload) -> dict[str, str]:
        return super().unmeasured_parts(workload) | {"optimise": "no graph"}
