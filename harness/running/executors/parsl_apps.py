"""Parsl: functions as apps, on the worker processes of its ``HighThroughputExecutor``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from harness.core.extras import installing
from harness.running.executors.base import Executor
from harness.running.executors.built_call import Layout
from harness.running.executors.options import LOOPBACK
from harness.running.executors.program import Program
from harness.running.workloads.base import Task, Workload

_CALLED = "[made.result() for made in [app(*task) for task in tasks]]"


class ParslApps(Executor):
    """Runs ``parsl.python_app(f)(x)`` for each task, then waits for each result.

    The tasks go by way of an interchange, a process of its own, to worker processes that it starts
    by a pool on this machine. Connections are encrypted, by keys in files of this user alone.
    """

    name = "parsl"
    kind = "cluster"
    needs = ("parsl",)
    packages = ("parsl",)
    install = installing("parsl")
    in_suites = False
    ways: ClassVar[Mapping[str, str]] = {"tasks": "map", "submit": "map"}
    program = Program(
        dict.fromkeys(("tasks", "submit"), _CALLED),
        imports=(
            "import parsl",
            "from parsl.config import Config",
            "from parsl.executors import HighThroughputExecutor",
        ),
        handle="app",
        opening=(
            "with parsl.load(Config(executors=[HighThroughputExecutor(\n"
            f'    address="{LOOPBACK}", max_workers_per_node=WORKERS, encrypted=True,\n'
            ")])):"
        ),
        start="app = parsl.python_app(KERNEL)",
    )

    def start(self) -> Layout:
        import parsl  # noqa: PLC0415
        from parsl.config import Config  # noqa: PLC0415
        from parsl.executors import HighThroughputExecutor  # noqa: PLC0415
        from parsl.providers import LocalProvider  # noqa: PLC0415

        programs = Path(sys.executable).parent  # of Parsl's, which it starts by their names
        os.environ["PATH"] = os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath)])
        pool = HighThroughputExecutor(
            address=LOOPBACK,
            loopback_address=LOOPBACK,
            max_workers_per_node=self.workers,
            encrypted=True,
            provider=LocalProvider(init_blocks=1, min_blocks=1, max_blocks=1),
        )
        self.kernel = parsl.load(
            Config(
                executors=[pool],
                strategy="none",
                run_dir=str(self.scratch / "parsl"),
                initialize_logging=False,
                usage_tracking=0,
            )
        )
        self.apps: dict[Callable[..., Any], Callable[..., Any]] = {}
        settings: dict[str, object] = {
            "parsl.prefetch_capacity": pool.prefetch_capacity,
            "parsl.encrypted": pool.encrypted,
        }
        return Layout(self.workers, 1, settings)

    def stop(self) -> None:
        self.kernel.cleanup()

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        app = self._app(function)
        return [made.result() for made in [app(*task) for task in tasks]]

    def _app(self, function: Callable[..., Any]) -> Callable[..., Any]:
        import parsl  # noqa: PLC0415

        if function not in self.apps:  # decorated once, as in a program
            self.apps[function] = parsl.python_app(function)
        return self.apps[function]

    def unmeasured_parts(self, workload: Workload) -> dict[str, str]:
        return super().unmeasured_parts(workload) | {"optimise": "no graph"}
