"""Dask's distributed scheduler: what every client of it does, and clusters on this machine."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, ClassVar
from urllib.parse import urlsplit

from harness.core.errors import UsageError
from harness.running.executors import options
from harness.running.executors.base import Executor, Layout, Page, Plan, page
from harness.running.executors.dask_local import DaskThreads
from harness.running.executors.noting import Notes, replaced
from harness.running.host.machine import process_usage
from harness.running.workloads.base import Task, Workload, linked

LOOPBACK = "127.0.0.1"
DASHBOARD_PORT = 8787
MEMORY = tuple(
    f"distributed.worker.memory.{name}" for name in ("target", "spill", "pause", "terminate")
)
"""What a worker does when so much of its memory is full: a share of it, or ``False``."""
RECORDED = (
    "distributed.scheduler.worker-saturation",
    "distributed.scheduler.work-stealing",
    *MEMORY,
    "array.chunk-size",
)


class DaskClient(DaskThreads):
    """A client of a distributed scheduler, whoever started that."""

    kind = "cluster"
    needs: ClassVar[tuple[str, ...]] = ("distributed", "dask")
    ways: ClassVar[Mapping[str, str]] = {
        **DaskThreads.ways,
        "submit": "submit",
        "one-by-one": "one_by_one",
        "map": "client_map",
        "dependencies": "submit_dependent",
    }
    client: Any

    @classmethod
    def environment(cls, scratch: Path, pins: dict[str, str]) -> dict[str, str]:
        return {"DASK_TEMPORARY_DIRECTORY": str(scratch)}

    @abstractmethod
    def connect(self) -> Layout:
        """Bring the cluster up and set :attr:`client`, its workers ready."""

    def start(self) -> Layout:
        layout = self.connect()
        super().start()
        return layout._replace(settings=self.recorded() | layout.settings)

    def recorded(self) -> dict[str, object]:
        """The settings that move the answer, as they are in force; those of memory as the workers
        say, where their configuration need not be the client's."""
        import dask  # noqa: PLC0415

        found = {name: dask.config.get(name, None) for name in RECORDED}
        if self.spans_machines:
            for name in MEMORY:
                said = list(self.client.run(dask.config.get, name, None).values())
                found[name] = said[0] if said.count(said[0]) == len(said) else said
        return found

    def stop(self) -> None:
        self.client.close()

    @property
    def options(self) -> dict[str, Any]:
        return {}  # the client registers itself as the default

    def submit(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        """``client.submit`` for each task, then ``client.gather``."""
        futures = [self.client.submit(function, *task, pure=False) for task in tasks]
        return self.gathered(futures)

    def one_by_one(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        """``client.submit(...).result()`` for each task, one after the other."""
        return [self.client.submit(function, *task, pure=False).result() for task in tasks]

    def submit_dependent(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        """``client.submit`` for each task with the futures that it needs, then gather the last."""
        submit = partial(self.client.submit, function, pure=False)
        return list(self.client.gather(linked(submit, tasks)))

    def client_map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        """``client.map`` over all tasks, then ``client.gather``."""
        futures = self.client.map(function, *zip(*tasks, strict=True), pure=False)
        return self.gathered(futures)

    def gathered(self, futures: list[Any]) -> list[Any]:
        """The results of *futures*, in order."""
        return list(self.client.gather(futures))

    def usage(self) -> list[tuple[str, int, float]] | None:
        return list(self.client.run(process_usage).values()) if self.spans_machines else None


class DaskDistributedProcesses(DaskClient):
    """``LocalCluster(processes=True)``, one thread a worker; the client is the block's process."""

    name = "dask-distributed-processes"

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
            processes, settings = adaptive(self.cluster, least, processes)
        self.client.wait_for_workers(processes, timeout=60)
        if self.dashboard:
            port = urlsplit(self.client.dashboard_link).port  # its host may be the machine's own
            settings["dashboard"] = f"http://{LOOPBACK}:{port}/status"
        return Layout(processes, threads, settings)

    scales: ClassVar[bool] = True
    """Whether ``cluster.adapt`` can start and end workers."""

    @property
    def split(self) -> tuple[int, int]:
        """Worker processes, and threads in each."""
        return self.workers, 1

    @property
    def where(self) -> dict[str, Any]:
        """The cluster's arguments that say in which processes the workers are."""
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

    def untold(self, workload: Workload) -> dict[str, str]:
        graph = {} if self.ways[workload.way] == "map" else {"optimise": "no graph"}
        return graph | {"serialise": "in submit"}

    def report(self, run: Callable[[], Any], folder: Path) -> dict[str, Page]:
        from harness.running.executors.dask_tracing import performance_report  # noqa: PLC0415

        return {"performance report": page(lambda: performance_report(run, folder))}


def least_workers(most: int) -> int | None:
    """What ``cluster.adapt`` is to keep of *most* workers, or ``None`` for a fixed size.

    Raises
    ------
    UsageError
        Where it is more than *most*.
    """
    least = options.adapt()
    if least is not None and least > most:
        raise UsageError(f"{options.ADAPT} is {least}, of at most {most} workers: give fewer")
    return least


def adaptive(cluster: Any, least: int, most: int) -> tuple[int, dict[str, object]]:
    """Let *cluster* choose its size; the workers that are there from the start, and what the block
    says of it."""
    cluster.adapt(minimum=least, maximum=most)
    return least, {
        "adapt.minimum": least,
        "adapt.maximum": most,
        "cluster": f"adaptive: {least} to {most} workers",
    }


class DaskDistributedThreads(DaskDistributedProcesses):
    """``Client(processes=False, threads_per_worker=4, n_workers=1)`` of the lesson, with as many
    threads as workers: scheduler, worker and client share one process."""

    name = "dask-distributed-threads"
    scales = False

    @property
    def split(self) -> tuple[int, int]:
        return 1, self.workers

    @property
    def where(self) -> dict[str, Any]:
        return {"processes": False}  # nothing listens for workers, and a host is refused


class DaskActors(DaskDistributedProcesses):
    """``client.submit(Counter, actor=True)``: one actor at home in each worker process."""

    name = "dask-actors"
    scales = False  # an actor would end with its worker
    ways: ClassVar[Mapping[str, str]] = {"actors": "actors"}

    def host(self, actor: type) -> list[Any]:
        futures = [
            self.client.submit(actor, actor=True, workers=[address], pure=False)
            for address in self.client.scheduler_info(n_workers=-1)["workers"]
        ]
        return [future.result() for future in futures]

    def call(self, actor: Any, method: str) -> Any:
        return getattr(actor, method)()

    def results(self, calls: list[Any]) -> list[Any]:
        return [call.result() for call in calls]

    @contextmanager
    def watched(self, plan: Plan, notes: Notes) -> Iterator[None]:
        with Executor.watched(self, plan, notes):  # calls of actors pass the scheduler by
            yield

    def untold(self, workload: Workload) -> dict[str, str]:
        return Executor.untold(self, workload)

    def stop(self) -> None:
        self.hosted.clear()
        super().stop()
