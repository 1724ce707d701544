"""Clients of Dask's distributed scheduler: what they all do, whoever started the scheduler."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from harness.core.central_schedulers import DASK_DISTRIBUTED
from harness.core.run_options import KEPT_OUT
from harness.running.executors import options
from harness.running.executors.built_call import Layout
from harness.running.executors.dask_local import DaskThreads
from harness.running.executors.dask_locked import certificates, unmade, without_pages
from harness.running.host.machine import process_usage
from harness.running.workloads.base import Task, linked

if TYPE_CHECKING:
    from harness.running.executors.dask_logging import CallLog

MEMORY = tuple(
    f"distributed.worker.memory.{name}" for name in ("target", "spill", "pause", "terminate")
)
"""Settings of what a worker does as its memory fills up; each is a share of it, or ``False``."""
RECORDED = (
    "distributed.scheduler.worker-saturation",
    "distributed.scheduler.work-stealing",
    *MEMORY,
    "array.chunk-size",
)


class DaskClient(DaskThreads):
    """Uses a distributed scheduler through a client.

    A subclass says in :meth:`connect` where the scheduler and its workers come from.
    """

    kind = "cluster"
    needs: ClassVar[tuple[str, ...]] = ("distributed", "dask")
    packages: ClassVar[tuple[str, ...]] = ("dask", "distributed")
    central_scheduler: ClassVar[str | None] = DASK_DISTRIBUTED
    certified: ClassVar[bool] = True
    ways: ClassVar[Mapping[str, str]] = {
        **DaskThreads.ways,
        "submit": "submit",
        "one-by-one": "one_by_one",
        "map": "client_map",
        "dependencies": "submit_dependent",
    }
    client: Any
    locked: Mapping[str, Any] = MappingProxyType({})
    """Settings of Dask that keep others out of the cluster."""

    @classmethod
    def missing(cls) -> str | None:
        absent = super().missing()
        if absent or not cls.certified:
            return absent
        reason = unmade()
        return reason if reason and options.secured(among_jobs=cls.among_jobs) else None

    @classmethod
    def environment(cls, scratch: Path, pins: dict[str, str]) -> dict[str, str]:
        told = options.told_secured(among_jobs=cls.among_jobs)
        return {"DASK_TEMPORARY_DIRECTORY": str(scratch)} | told

    @abstractmethod
    def connect(self) -> Layout:
        """Bring the cluster up, set :attr:`client`, and wait until the workers are ready."""

    def start(self) -> Layout:
        ours = self.kind == "cluster"
        if ours and options.secured(among_jobs=self.among_jobs):
            self.lock()
        layout = self.connect()
        super().start()
        settings = self.recorded() | layout.settings
        if ours:
            settings[KEPT_OUT] = "on" if self.locked else "off"
        if self.locked and self.certified:
            settings["cluster"] = f"{settings['cluster']}, with certificates"
        return layout._replace(settings=settings)

    def lock(self) -> None:
        """Have Dask let nobody else into the cluster that it starts next.

        A dashboard that was asked for stays open to the users of this machine.
        """
        import dask  # noqa: PLC0415

        servers = ["worker"] if self.dashboard else ["scheduler", "worker"]
        self.locked = without_pages(*servers) | (certificates() if self.certified else {})
        dask.config.set(self.locked)

    def recorded(self) -> dict[str, object]:
        """Return the settings that can move a result, as they are in force.

        Workers on other machines need not have the client's configuration: there the settings of
        memory are asked of them, and given one by one where they differ.
        """
        import dask  # noqa: PLC0415

        in_force = {name: dask.config.get(name, None) for name in RECORDED}
        if self.spans_machines:
            for name in MEMORY:
                values = list(self.client.run(dask.config.get, name, None).values())
                alike = values.count(values[0]) == len(values)
                in_force[name] = values[0] if alike else values
        return in_force

    def stop(self) -> None:
        self.client.close()

    @property
    def options(self) -> dict[str, Any]:
        return {}  # the client registers itself as the default

    def submit(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        """Call ``client.submit`` for each task, then ``client.gather``."""
        futures = [self.client.submit(function, *task, pure=False) for task in tasks]
        return self.gathered(futures)

    def one_by_one(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        """Call ``client.submit(...).result()`` for each task, one after the other."""
        return [self.client.submit(function, *task, pure=False).result() for task in tasks]

    def submit_dependent(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        """Submit each task with the futures that it needs, then gather the last ones."""
        submit = partial(self.client.submit, function, pure=False)
        return list(self.client.gather(linked(submit, tasks)))

    def client_map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        """Call ``client.map`` over all tasks, then ``client.gather``."""
        futures = self.client.map(function, *zip(*tasks, strict=True), pure=False)
        return self.gathered(futures)

    def gathered(self, futures: list[Any]) -> list[Any]:
        """Return the results of *futures*, in order."""
        return list(self.client.gather(futures))

    @contextmanager
    def logged(self, folder: Path, fields: Mapping[str, Any]) -> Iterator[CallLog]:
        from harness.running.executors.dask_logging import client_logged  # noqa: PLC0415

        with super().logged(folder, fields) as log, client_logged(self.client, log):
            yield log

    def usage(self) -> list[tuple[str, int, float]] | None:
        return list(self.client.run(process_usage).values()) if self.spans_machines else None
