"""Dask's distributed scheduler on this machine: worker processes, one process with threads, and
actors."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any, ClassVar
from urllib.parse import urlsplit

from harness.running.executors import options
from harness.running.executors.base import Executor
from harness.running.executors.built_call import BuiltCall, Layout
from harness.running.executors.dask_adapt import least_workers, let_adapt
from harness.running.executors.dask_client import DaskClient
from harness.running.executors.dask_program import cluster_program
from harness.running.executors.noting import Notes, replaced
from harness.running.executors.options import LOOPBACK
from harness.running.executors.pages import Page, page_or_reason
from harness.running.executors.program import Program
from harness.running.workloads.base import Workload

DASHBOARD_PORT = 8787
_IN_PROCESSES = cluster_program(
    f'n_workers=WORKERS, threads_per_worker=1, processes=True, host="{LOOPBACK}"'
)


class DaskDistributedProcesses(DaskClient):
    """Starts ``LocalCluster(processes=True)`` with one thread in each worker.

    The client is the engine's own process of the block.
    """

    name = "dask-distributed-processes"
    tried = "cluster"
    program: ClassVar[Program | None] = _IN_PROCESSES
    scales: ClassVar[bool] = True
    """Whether ``cluster.adapt`` can start and end workers."""

    @classmethod
    def environment(cls, scratch: Path, pins: dict[str, str]) -> dict[str, str]:
        return super().environment(scratch, pins) | options.handed_on()

    def connect(self) -> Layout:
        from distributed import Client, LocalCluster  # noqa: PLC0415

        processes, threads = self.split
        least = least_workers(processes) if self.scales else None
        self.cluster = LocalCluster(
            n_workers=processes if least is None else least,
            threads_per_worker=threads,
            dashboard_address=f"{LOOPBACK}:{DASHBOARD_PORT if self.dashboard else 0}",
            worker_dashboard_address=f"{LOOPBACK}:0",
            local_directory=str(self.scratch),
            **self.where,
        )
        self.client = Client(self.cluster)
        settings: dict[str, object] = {"cluster": f"fixed: {self.workers} workers"}
        if least is not None:
            processes, settings = let_adapt(self.cluster, least, processes)
        self.client.wait_for_workers(processes, timeout=60)
        if self.dashboard:
            port = urlsplit(self.client.dashboard_link).port  # its host may be the machine's own
            settings["dashboard"] = f"http://{LOOPBACK}:{port}/status"
        return Layout(processes, threads, settings)

    @property
    def split(self) -> tuple[int, int]:
        """How many worker processes there are, and how many threads in each."""
        return self.workers, 1

    @property
    def where(self) -> dict[str, Any]:
        """The arguments of the cluster that say in which processes its workers are."""
        return {"processes": True, "host": LOOPBACK}

    def stop(self) -> None:
        super().stop()
        self.cluster.close()

    @contextmanager
    def scheduler_watched(
        self,
        notes: Notes,
        index: dict[Hashable, int],
        needs: dict[Hashable, set[Hashable]],
    ) -> Iterator[None]:
        from harness.running.executors.dask_tracing import cluster_watched  # noqa: PLC0415

        gathered = self.gathered

        def noting(futures: list[Any]) -> list[Any]:
            handed_over = perf_counter()
            notes.phases.append(("submit", began, handed_over))
            notes.ready.update(dict.fromkeys(range(len(futures)), handed_over))
            index.update((future.key, number) for number, future in enumerate(futures))
            return gathered(futures)

        with (
            replaced(self, gathered=noting),
            cluster_watched(self.cluster.scheduler, self.client, notes, index),
        ):
            began = perf_counter()
            yield

    def unmeasured_parts(self, workload: Workload) -> dict[str, str]:
        graph = {} if self.ways[workload.way] == "map" else {"optimise": "no graph"}
        return graph | {"serialise": "in submit"}

    def report(self, run: Callable[[], Any], folder: Path) -> dict[str, Page]:
        from harness.running.executors.dask_pages import performance_report  # noqa: PLC0415

        return {"performance report": page_or_reason(lambda: performance_report(run, folder))}


class DaskDistributedThreads(DaskDistributedProcesses):
    """Starts ``Client(processes=False, threads_per_worker=4, n_workers=1)`` as the lesson does.

    It has as many threads as workers; scheduler, worker and client share one process.
    """

    name = "dask-distributed-threads"
    central_scheduler = None
    certified = False  # its parts talk within their process: only its pages listen
    program = cluster_program("n_workers=1, threads_per_worker=WORKERS, processes=False")
    scales = False

    @property
    def split(self) -> tuple[int, int]:
        return 1, self.workers

    @property
    def where(self) -> dict[str, Any]:
        return {"processes": False}  # nothing listens for workers, and a host is refused


class DaskActors(DaskDistributedProcesses):
    """Makes actors by ``client.submit(Counter, actor=True)``: one in each worker process."""

    name = "dask-actors"
    central_scheduler = None  # calls of actors pass it by
    program = replace(
        _IN_PROCESSES,
        ways={},
        handle="actors",
        start=(
            'workers = client.scheduler_info(n_workers=-1)["workers"]\n'
            "futures = [\n"
            "    client.submit(ACTOR, actor=True, workers=[address], pure=False)\n"
            "    for address in workers\n"
            "]\n"
            "actors = [future.result() for future in futures]  # one in each worker process"
        ),
        call="actor.METHOD()",
    )
    scales = False  # an actor would end with its worker
    ways: ClassVar[Mapping[str, str]] = {"actors": "actors"}

    def host(self, actor: type) -> list[Any]:
        futures = [
            self.client.submit(actor, actor=True, workers=[address], pure=False)
            for address in self.client.scheduler_info(n_workers=-1)["workers"]
        ]
        return [future.result() for future in futures]

    def call(self, actor: Any, method: str, *arguments: Any) -> Any:
        return getattr(actor, method)(*arguments)

    def results(self, calls: list[Any]) -> list[Any]:
        return [call.result() for call in calls]

    @contextmanager
    def watched(self, built: BuiltCall, notes: Notes) -> Iterator[None]:
        with Executor.watched(self, built, notes):  # no listening to a scheduler that sees no call
            yield

    def unmeasured_parts(self, workload: Workload) -> dict[str, str]:
        return Executor.unmeasured_parts(self, workload)

    @classmethod
    def unlogged(cls) -> str | None:
        return "calls of actors are no tasks"

    def stop(self) -> None:
        self.hosted.clear()
        super().stop()
