"""Dask's schedulers that need no cluster: synchronous, threads, processes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Hashable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from harness.running.executors.base import Executor
from harness.running.executors.built_call import BuiltCall, Layout
from harness.running.executors.dask_collections import DaskCollections
from harness.running.executors.dask_program import local_program
from harness.running.executors.noting import Notes, replaced
from harness.running.executors.pages import Page, page_or_reason
from harness.running.executors.pools import OPEN_PROCESSES, PROCESS_IMPORTS
from harness.running.executors.program import Program
from harness.running.workloads.base import Task, Workload, linked

if TYPE_CHECKING:
    from harness.running.executors.dask_logging import CallLog

CHUNKSIZE = 6
"""Tasks that Dask hands to a process at a time. This is Dask's own default; it is given to Dask
all the same, so that the recorded number is the one in force (rule 9)."""

_WORKERS = "num_workers=WORKERS"


class DaskThreads(Executor):
    """Runs ``x.compute()`` as the lesson writes it: on threads, Dask's default for arrays."""

    name = "dask-threads"
    tried = "threads"
    kind = "local threads"
    needs: ClassVar[tuple[str, ...]] = ("dask",)
    packages: ClassVar[tuple[str, ...]] = ("dask",)
    ways: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("tasks", "delayed", "collections", "whole"), "map"),
        "dependencies": "dependent",
    }
    scheduler: ClassVar[str | None] = "threads"
    """What ``compute`` is told to run on."""
    program: ClassVar[Program | None] = local_program(f'scheduler="threads", {_WORKERS}')

    def start(self) -> Layout:
        self.collections = DaskCollections(self.options)  # imports: part of start-up, not of a call
        return Layout(1, self.workers, {})

    def stop(self) -> None:
        """Dask's own thread pool ends with the process."""

    @property
    def options(self) -> dict[str, Any]:
        """The arguments of every ``compute``."""
        return {"scheduler": self.scheduler, "num_workers": self.workers}

    @classmethod
    def native(cls, workload: Workload) -> bool:
        written = type(workload).expression is not Workload.expression
        return written and workload.way in ("tasks", "collections", "whole")

    @property
    def _makers(self) -> dict[str, Callable[..., Any]]:
        """The names of methods that run tasks; each with a function that makes the graph of the
        tasks beforehand."""
        return {"map": self._delayed, "dependent": self._linked}

    def build(self, workload: Workload, chunk: int, seed: int) -> BuiltCall:
        if self.native(workload):
            expression = workload.expression(self.collections, chunk, seed)
            return BuiltCall(workload, chunk, [], expression)
        built = super().build(workload, chunk, seed)
        make = self._makers.get(self.ways[workload.way])
        return built._replace(graph=make(workload.kernel, built.tasks)) if make else built

    def run(self, built: BuiltCall) -> Any:
        if built.graph is None or self.ways[built.workload.way] not in self._makers:
            return super().run(built)
        if built.tasks:
            return built.workload.combine(list(self.collections.compute(*built.graph)))
        return built.workload.evaluate(self.collections, built.graph)

    def n_tasks(self, built: BuiltCall) -> int:
        """Count the tasks of the optimised graph, which is what the scheduler gets."""
        from harness.running.executors.dask_graph import optimised_keys  # noqa: PLC0415

        if not self.native(built.workload):
            return super().n_tasks(built)
        return len(optimised_keys(built.graph))

    def n_chunks(self, built: BuiltCall) -> int:
        """Count the tasks that the widest layer of the optimised graph has, where a function of
        the user's own decides how the work is cut."""
        from harness.running.executors.dask_graph import (  # noqa: PLC0415
            optimised_keys,
            widest_layer,
        )

        if built.workload.way != "whole":
            return super().n_chunks(built)
        return widest_layer(optimised_keys(built.graph))

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        return list(self.collections.compute(*self._delayed(function, tasks)))

    def dependent(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        """Compute delayed tasks that take one another's results, all in one graph."""
        return list(self.collections.compute(*self._linked(function, tasks)))

    @staticmethod
    def _linked(function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        import dask  # noqa: PLC0415

        return linked(dask.delayed(function, pure=False), tasks)

    @contextmanager
    def watched(self, built: BuiltCall, notes: Notes) -> Iterator[None]:
        from harness.running.executors.dask_tracing import NotingCollections  # noqa: PLC0415

        index: dict[Hashable, int] = {}
        if built.tasks and built.graph is not None:
            index.update((delayed.key, number) for number, delayed in enumerate(built.graph))
        collections = NotingCollections(self.noting_options(notes), notes, index)
        with (
            super().watched(built, notes),
            replaced(self, collections=collections),
            self.scheduler_watched(notes, index, collections.needs),
        ):
            yield

    def noting_options(self, notes: Notes) -> dict[str, Any]:
        """Return the arguments of every ``compute`` that is watched."""
        return self.options

    def scheduler_watched(
        self,
        notes: Notes,
        index: dict[Hashable, int],
        needs: dict[Hashable, set[Hashable]],
    ) -> AbstractContextManager[Any]:
        """Listen to the scheduler inside the ``with`` block.

        *index* has each task's index by its key, *needs* the keys that each key needs.
        """
        from harness.running.executors.dask_tracing import LocalWatch  # noqa: PLC0415

        watch: AbstractContextManager[Any] = LocalWatch(notes, index, needs)
        return watch

    def unmeasured_parts(self, workload: Workload) -> dict[str, str]:
        return {"serialise": "nothing of the kind happens", "submit": "in schedule"}

    @classmethod
    def unlogged(cls) -> str | None:
        return "its workers may be on other machines" if cls.spans_machines else None

    @contextmanager
    def logged(self, folder: Path, fields: Mapping[str, Any]) -> Iterator[CallLog]:
        from harness.running.executors import dask_logging  # noqa: PLC0415

        with dask_logging.call_logged(folder, fields) as log:
            collections = dask_logging.LoggedCollections(self.options, log)
            with replaced(self, collections=collections):
                yield log

    def pages(self, workload: Workload, chunk: int, seed: int, folder: Path) -> dict[str, Page]:
        from harness.running.executors import dask_pages  # noqa: PLC0415

        made = super().pages(workload, chunk, seed, folder)
        built = self.build(workload, chunk, seed)
        if built.graph is not None and self.ways[workload.way] == "map":
            collections = _collections_of(built.graph)
            made["task graph"] = page_or_reason(
                lambda: dask_pages.graph_picture(collections, folder)
            )
        return made | self.report(lambda: self.run(built), folder)

    def report(self, run: Callable[[], Any], folder: Path) -> dict[str, Page]:
        """Return the page that the scheduler makes of *run*, by its kind."""
        from harness.running.executors.dask_pages import profile_page  # noqa: PLC0415

        return {"profile": page_or_reason(lambda: profile_page(run, folder))}

    @staticmethod
    def _delayed(function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        import dask  # noqa: PLC0415

        make = dask.delayed(function, pure=False)
        return [make(*task) for task in tasks]


class AsWritten(DaskThreads):
    """Calls a function of the user's own as the user does, whatever it starts by itself.

    A Dask collection that it returns is computed by ``compute()`` without arguments: on the
    scheduler that Dask takes for such a collection, with as many workers as Dask likes. For a bag
    these are processes, started for every call.
    """

    name = "as-written"
    tried = "dask"
    named_only = True  # it runs nothing but what a user hands it
    ways: ClassVar[Mapping[str, str]] = {"whole": "map"}

    @property
    def options(self) -> dict[str, Any]:
        return {}

    def run(self, built: BuiltCall) -> Any:
        from harness.running.executors.dask_graph import is_collection  # noqa: PLC0415

        return super().run(built) if is_collection(built.graph) else built.graph

    def n_tasks(self, built: BuiltCall) -> int:
        from harness.running.executors.dask_graph import is_collection  # noqa: PLC0415

        return super().n_tasks(built) if is_collection(built.graph) else 1

    def n_chunks(self, built: BuiltCall) -> int:
        from harness.running.executors.dask_graph import is_collection  # noqa: PLC0415

        return super().n_chunks(built) if is_collection(built.graph) else 1


class DaskSynchronous(DaskThreads):
    """Runs Dask's single-threaded scheduler: it shows what the graph costs without parallelism."""

    name = "dask-synchronous"
    kind = "control"
    max_workers = 1
    scheduler = "synchronous"
    program = local_program(f'scheduler="synchronous", {_WORKERS}')


class DaskProcesses(DaskThreads):
    """Runs ``compute(scheduler="processes")``, the default for bags, on one pool that it keeps.

    Dask alone would start a pool for every ``compute``; here the pool is started once, and the time
    that takes counts as start-up.
    """

    name = "dask-processes"
    tried = "dask"
    kind = "local processes"
    scheduler = "processes"
    program = replace(
        local_program(f'scheduler="processes", {_WORKERS}, pool=pool, chunksize={CHUNKSIZE}'),
        imports=PROCESS_IMPORTS,
        handle="pool",
        opening=OPEN_PROCESSES,
    )
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

    def unmeasured_parts(self, workload: Workload) -> dict[str, str]:
        return {"submit": "in schedule"}


def _collections_of(expression: Any) -> tuple[Any, ...]:
    """Return the collections that *expression* holds: itself, or several in a tuple or list."""
    return tuple(expression) if isinstance(expression, tuple | list) else (expression,)
