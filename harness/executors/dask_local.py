"""Dask's schedulers that run in the calling process: synchronous and threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from harness.executors.base import Executor, Layout, Plan
from harness.workloads.base import Task, Workload


class DaskThreads(Executor):
    """``x.compute()`` as the lesson writes it: the threaded scheduler, the default for arrays."""

    name = "dask-threads"
    kind = "local threads"
    needs: ClassVar[tuple[str, ...]] = ("dask",)
    scheduler: ClassVar[str | None] = "threads"

    def start(self) -> Layout:
        import dask.array  # noqa: PLC0415, F401 - part of start-up, never of a call

        return Layout(1, self.workers, {})

    def stop(self) -> None:
        """Dask's own thread pool ends with the process."""

    @property
    def options(self) -> dict[str, Any]:
        """Arguments of every ``compute``."""
        return {"scheduler": self.scheduler, "num_workers": self.workers}

    def native(self, workload: Workload) -> bool:
        import dask.array as da  # noqa: PLC0415

        return workload.array_expression(da, workload.size) is not None

    def build(self, workload: Workload, chunk: int, seed: int) -> Plan:
        import dask.array as da  # noqa: PLC0415

        expression = workload.array_expression(da, chunk)
        if expression is not None:
            return Plan(workload, [], expression)
        tasks = workload.tasks(chunk, seed)
        return Plan(workload, tasks, self._delayed(workload.kernel, tasks))

    def run(self, plan: Plan) -> Any:
        import dask  # noqa: PLC0415

        if plan.tasks:
            return plan.workload.combine(list(dask.compute(*plan.graph, **self.options)))
        return plan.graph.compute(**self.options)

    def n_tasks(self, plan: Plan) -> int:
        """Tasks of the optimised graph, which is what the scheduler gets."""
        import dask  # noqa: PLC0415

        if plan.tasks:
            return len(plan.tasks)
        (optimised,) = dask.optimize(plan.graph)
        return len(optimised.__dask_graph__())

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        import dask  # noqa: PLC0415

        return list(dask.compute(*self._delayed(function, tasks), **self.options))

    @staticmethod
    def _delayed(function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        import dask  # noqa: PLC0415

        make = dask.delayed(function, pure=False)
        return [make(*task) for task in tasks]


class DaskSynchronous(DaskThreads):
    """Dask's single-threaded scheduler: the cost of the graph without any parallelism."""

    name = "dask-synchronous"
    kind = "control"
    max_workers = 1
    scheduler = "synchronous"
