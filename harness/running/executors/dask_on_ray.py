"""Dask's graphs on Ray's workers: ``compute(scheduler=ray_dask_get)`` of ``ray.util.dask``."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from harness.core.central_schedulers import RAY
from harness.core.records import Status
from harness.running.executors.base import Executor
from harness.running.executors.built_call import Layout
from harness.running.executors.dask_local import DaskThreads
from harness.running.executors.dask_program import local_program
from harness.running.executors.noting import Notes
from harness.running.executors.pages import Page
from harness.running.executors.ray_tasks import RAY_PROGRAM, RayTasks, RayTimeline
from harness.running.workloads.base import Workload


class DaskOnRay(RayTimeline, DaskThreads):
    """Runs ``x.compute(scheduler=ray_dask_get)``: Dask makes the graph, Ray runs each task of it.

    Ray itself works on it no longer, and asks for Dask 2024.11.0 or later; it was run here with the
    Dask and the Ray of ``constraints.txt``.
    """

    name = "dask-on-ray"
    kind = "cluster"
    needs: ClassVar[tuple[str, ...]] = ("ray", "dask")
    packages: ClassVar[tuple[str, ...]] = ("dask", "ray")
    central_scheduler = RAY
    longest_socket = RayTasks.longest_socket
    in_suites = False
    ways: ClassVar[Mapping[str, str]] = DaskThreads.ways
    program = replace(
        local_program("scheduler=ray_dask_get"),
        imports=("import dask", "import ray", "from ray.util.dask import ray_dask_get"),
        environ=RAY_PROGRAM.environ,
        start=RAY_PROGRAM.start.partition("\n")[0],
        end=RAY_PROGRAM.end,
    )

    def __init__(self, workers: int, scratch: Path, *, dashboard: bool = False) -> None:
        super().__init__(workers, scratch, dashboard=dashboard)
        self.cluster = RayTasks(workers, scratch, dashboard=dashboard)

    @classmethod
    def environment(cls, scratch: Path, pins: dict[str, str]) -> dict[str, str]:
        return RayTasks.environment(scratch, pins)

    @property
    def options(self) -> dict[str, Any]:
        from ray.util.dask import ray_dask_get  # noqa: PLC0415

        return {"scheduler": ray_dask_get}

    def start(self) -> Layout:
        layout = self.cluster.start()
        super().start()
        return layout

    def stop(self) -> None:
        self.cluster.stop()

    def cause(self, error: BaseException) -> BaseException:
        return self.cluster.cause(error)

    def status_of(self, error: BaseException) -> Status:
        return self.cluster.status_of(error)

    def scheduler_watched(
        self, notes: Notes, index: dict[Hashable, int], needs: dict[Hashable, set[Hashable]]
    ) -> AbstractContextManager[Any]:
        return nullcontext()  # its scheduler tells Dask's listeners nothing

    def unmeasured_parts(self, workload: Workload) -> dict[str, str]:
        return Executor.unmeasured_parts(self, workload)

    def report(self, run: Callable[[], Any], folder: Path) -> dict[str, Page]:
        return {}  # Dask's profile knows its own schedulers alone
