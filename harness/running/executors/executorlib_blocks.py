"""executorlib: futures on worker processes that stay, its block allocation, on this machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from harness.running.executors.base import Executor
from harness.running.executors.built_call import Layout
from harness.running.executors.options import LOOPBACK
from harness.running.executors.program import Program
from harness.running.workloads.base import Task, Workload

_CRASHED = "ExecutorlibSocketError"
_SUBMITTED = "[future.result() for future in [exe.submit(KERNEL, *task) for task in tasks]]"


class ExecutorlibBlocks(Executor):
    """Runs ``exe.submit(f, x)`` for each task on a ``SingleNodeExecutor``, then waits for each.

    With ``block_allocation`` its workers stay, each a Python process with a socket of its own; by
    default it would start a process for each task. Its sockets know no password: chunkbench has
    them listen on the loopback, where executorlib itself has all interfaces.
    """

    name = "executorlib"
    kind = "local processes"
    needs = ("executorlib",)
    packages = ("executorlib", "pyzmq")
    install = "chunkbench systems --install executorlib"
    lives_in = "executorlib"
    in_suites = False
    ways: ClassVar[Mapping[str, str]] = {"tasks": "map", "submit": "map"}
    program = Program(
        dict.fromkeys(("tasks", "submit"), _SUBMITTED),
        imports=("from executorlib import SingleNodeExecutor",),
        handle="exe",
        opening="with SingleNodeExecutor(max_cores=WORKERS, block_allocation=True) as exe:",
    )

    def start(self) -> Layout:
        from executorlib import SingleNodeExecutor  # noqa: PLC0415
        from executorlib.standalone.interactive.communication import SocketInterface  # noqa: PLC0415

        SocketInterface.bind_to_random_port = _bind_on_the_loopback
        self.pool = SingleNodeExecutor(
            max_cores=self.workers, block_allocation=True, hostname_localhost=True
        )
        self.pool.submit(_nothing).result()  # they start one after the other
        return Layout(self.workers, 1, {"executorlib.block_allocation": True})

    def stop(self) -> None:
        self.pool.shutdown()

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        return [made.result() for made in [self.pool.submit(function, *task) for task in tasks]]

    def cause(self, error: BaseException) -> BaseException:
        """Say of a lost worker what every engine says."""
        if type(error).__name__ == _CRASHED:
            return RuntimeError(f"a worker was terminated: {error}")
        return error

    def unmeasured_parts(self, workload: Workload) -> dict[str, str]:
        return super().unmeasured_parts(workload) | {"optimise": "no graph"}


def _nothing() -> None:
    """What is submitted to see that the workers are up."""


def _bind_on_the_loopback(self: Any) -> Any:
    return self._socket.bind_to_random_port(f"tcp://{LOOPBACK}")
