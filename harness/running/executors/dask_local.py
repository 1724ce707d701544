"""Dask's schedulers that need no cluster: synchronous, threads, processes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Hashable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, ClassVar

from harness.running.executors.base import Executor, Layout, Page, Plan, page
from harness.running.executors.noting import Notes, replaced
from harness.running.workloads.base import Task, Workload, linked

CHUNKSIZE = 6
"""Tasks that Dask hands to a process at a time: its own default, said so that it can be recorded
(rule 9)."""


class DaskCollections:
    """What a workload written with Dask's collections is handed (the port ``Collections``)."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        import dask.array  # noqa: PLC0415
        import dask.bag  # noqa: PLC0415

        self.array, self.bag = dask.array, dask.bag
        self.options = dict(options)

    def compute(self, *collections: Any) -> tuple[Any, ...]:
        """``dask.compute`` on this scheduler."""
        import dask  # noqa: PLC0415

        return tuple(dask.compute(*collections, **self.options))

    def persist(self, collection: Any) -> Any:
        """``collection.persist()`` on this scheduler, once it is done."""
        kept = collection.persist(**self.options)
        if "scheduler" not in self.options:  # the cluster's own: persist returns at once
            from distributed import wait  # noqa: PLC0415

            wait(kept)
        return kept


class DaskThreads(Executor):
    """``x.compute()`` as the lesson writes it: the threaded scheduler, the default for arrays."""

    name = "dask-threads"
    kind = "local threads"
    needs: ClassVar[tuple[str, ...]] = ("dask",)
    ways: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("tasks", "delayed", "collections"), "map"),
        "dependencies": "dependent",
    }
    scheduler: ClassVar[str | None] = "threads"

    def start(self) -> Layout:
        self.collections = DaskCollections(self.options)  # imports: part of start-up, not of a call
        return Layout(1, self.workers, {})

    def stop(self) -> None:
        """Dask's own thread pool ends with the process."""

    @property
    def options(self) -> dict[str, Any]:
        """Arguments of every ``compute``."""
        return {"scheduler": self.scheduler, "num_workers": self.workers}

    def native(self, workload: Workload) -> bool:
        written = type(workload).expression is not Workload.expression
        return written and workload.way in ("tasks", "collections")

    @property
    def _makers(self) -> dict[str, Callable[..., Any]]:
        """Methods that run a workload's tasks, and what makes a graph of them beforehand."""
        return {"map": self._delayed, "dependent": self._linked}

    def build(self, workload: Workload, chunk: int, seed: int) -> Plan:
        if self.native(workload):
            expression = workload.expression(self.collections, chunk, seed)
            return Plan(workload, chunk, [], expression)
        plan = super().build(workload, chunk, seed)
        make = self._makers.get(self.ways[workload.way])
        return plan._replace(graph=make(workload.kernel, plan.tasks)) if make else plan

    def run(self, plan: Plan) -> Any:
        if plan.graph is None or self.ways[plan.workload.way] not in self._makers:
            return super().run(plan)
        if plan.tasks:
            return plan.workload.combine(list(self.collections.compute(*plan.graph)))
        return plan.workload.evaluate(self.collections, plan.graph)

    def n_tasks(self, plan: Plan) -> int:
        """Tasks of the optimised graph, which is what the scheduler gets."""
        import dask  # noqa: PLC0415

        if not self.native(plan.workload):
            return super().n_tasks(plan)
        optimised = dask.optimize(*_collections_of(plan.graph))
        return len({key for one in optimised for key in one.__dask_graph__()})

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        return list(self.collections.compute(*self._delayed(function, tasks)))

    def dependent(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        """Delayed tasks that take one another's results, all in one graph."""
        return list(self.collections.compute(*self._linked(function, tasks)))

    @staticmethod
    def _linked(function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        import dask  # noqa: PLC0415

        return linked(dask.delayed(function, pure=False), tasks)

    @contextmanager
    def watched(self, plan: Plan, notes: Notes) -> Iterator[None]:
        from harness.running.executors.dask_tracing import NotingCollections  # noqa: PLC0415

        index: dict[Hashable, int] = {}
        if plan.tasks and plan.graph is not None:
            index.update((one.key, number) for number, one in enumerate(plan.graph))
        collections = NotingCollections(self.noting_options(notes), notes, index)
        with (
            super().watched(plan, notes),
            replaced(self, collections=collections),
            self.scheduler_watched(notes, index, collections.needs),
        ):
            yield

    def noting_options(self, notes: Notes) -> dict[str, Any]:
        """Arguments of every ``compute`` that is watched."""
        return self.options

    def scheduler_watched(
        self,
        notes: Notes,
        index: dict[Hashable, int],
        needs: dict[Hashable, set[Hashable]],
    ) -> AbstractContextManager[Any]:
        """Listen to the scheduler; *index* has the tasks' indices by their keys, *needs* the keys
        that each needs."""
        from harness.running.executors.dask_tracing import LocalWatch  # noqa: PLC0415

        watch: AbstractContextManager[Any] = LocalWatch(notes, index, needs)
        return watch

    def untold(self, workload: Workload) -> dict[str, str]:
        return {"serialise": "nothing of the kind happens", "submit": "in schedule"}

    def pages(self, workload: Workload, chunk: int, seed: int, folder: Path) -> dict[str, Page]:
        from harness.running.executors import dask_tracing  # noqa: PLC0415

        made = super().pages(workload, chunk, seed, folder)
        plan = self.build(workload, chunk, seed)
        if plan.graph is not None and self.ways[workload.way] == "map":
            collections = _collections_of(plan.graph)
            made["task graph"] = page(lambda: dask_tracing.graph_picture(collections, folder))
        return made | self.report(lambda: self.run(plan), folder)

    def report(self, run: Callable[[], Any], folder: Path) -> dict[str, Page]:
        """The page that the scheduler makes of *run*."""
        from harness.running.executors.dask_tracing import profile_page  # noqa: PLC0415

        return {"profile": page(lambda: profile_page(run, folder))}

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


class DaskProcesses(DaskThreads):
    """``compute(scheduler="processes")``, the default for bags, on a pool that is kept.

    Without a pool of the user's own, Dask starts one for every ``compute``; what that takes is in
    this executor's start-up.
    """

    name = "dask-processes"
    kind = "local processes"
    scheduler = "processes"
    bundle = CHUNKSIZE

    def start(self) -> Layout:
        import dask  # noqa: PLC0415

        method = dask.config.get("multiprocessing.context", "spawn")
        self.pool = ProcessPoolExecutor(
            self.workers, mp_context=multiprocessing.get_context(method)
        )
        super().start()
        return Layout(
            self.workers, 1, {"multiprocessing.start_method": method, "chunksize": CHUNKSIZE}
        )

    def stop(self) -> None:
        self.pool.shutdown(cancel_futures=True)

    @property
    def options(self) -> dict[str, Any]:
        return super().options | {"pool": self.pool, "chunksize": CHUNKSIZE}

    def noting_options(self, notes: Notes) -> dict[str, Any]:
        from harness.running.executors.dask_tracing import NotingDumps  # noqa: PLC0415

        return self.options | {"func_dumps": NotingDumps(notes.folder)}

    def untold(self, workload: Workload) -> dict[str, str]:
        return {"submit": "in schedule"}


def _collections_of(expression: Any) -> tuple[Any, ...]:
    """The collections that one evaluation computes: one, or several in a tuple or list."""
    return tuple(expression) if isinstance(expression, tuple | list) else (expression,)
