"""Ray on this machine: tasks and actors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from harness.core.records import Status
from harness.running.executors.base import Executor, Layout, Page, Plan, page
from harness.running.executors.noting import Notes
from harness.running.workloads.base import ActorWorkload, Task, Workload, linked

LOOPBACK_ONLY = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
"""Off, this variable makes Ray take the loopback as its node's address, as it does by default on
macOS; with its default on Linux every server of Ray listens on all interfaces."""


class RayTasks(Executor):
    """``ray.get([f.remote(x) for x in ...])`` as the lesson writes it."""

    name = "ray-tasks"
    kind = "cluster"
    needs = ("ray",)
    ways: ClassVar[Mapping[str, str]] = {
        "tasks": "map",
        "submit": "map",
        "one-by-one": "one_by_one",
        "dependencies": "dependent",
    }

    @classmethod
    def environment(cls, scratch: Path, pins: dict[str, str]) -> dict[str, str]:
        return {
            "RAY_USAGE_STATS_ENABLED": "0",
            LOOPBACK_ONLY: "0",
            "RAY_AUTH_TOKEN_PATH": str(scratch / "ray_auth_token"),
        }

    def start(self) -> Layout:
        import secrets  # noqa: PLC0415

        import ray  # noqa: PLC0415

        token = self.scratch / "ray_auth_token"
        token.touch(mode=0o600)
        token.write_text(secrets.token_hex(32))
        ray.init(
            num_cpus=self.workers,
            include_dashboard=False,
            log_to_driver=False,
            logging_level="ERROR",
            _temp_dir=str(self.scratch / "ray"),
        )
        self.remote: dict[Callable[..., Any], Any] = {}
        return Layout(self.workers, 1, {"include_dashboard": False, "num_cpus": self.workers})

    def stop(self) -> None:
        import ray  # noqa: PLC0415

        ray.shutdown()

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        remote = self._remote(function)
        return self.results([remote.remote(*task) for task in tasks])

    def one_by_one(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        """``ray.get(f.remote(x))`` for each task, one after the other."""
        import ray  # noqa: PLC0415

        remote = self._remote(function)
        return [ray.get(remote.remote(*task)) for task in tasks]

    def dependent(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        """Each task is called with the references that it needs."""
        return self.results(linked(self._remote(function).remote, tasks))

    def _remote(self, function: Callable[..., Any]) -> Any:
        import ray  # noqa: PLC0415

        if function not in self.remote:  # decorated once, as in a program; it is shipped only once
            self.remote[function] = ray.remote(function)
        return self.remote[function]

    def results(self, calls: list[Any]) -> list[Any]:
        import ray  # noqa: PLC0415

        return list(ray.get(calls))

    @contextmanager
    def watched(self, plan: Plan, notes: Notes) -> Iterator[None]:
        from harness.running.executors.ray_tracing import tasks_watched  # noqa: PLC0415

        if plan.tasks:
            with tasks_watched(self, notes):
                yield
        else:
            with super().watched(plan, notes):
                yield

    def untold(self, workload: Workload) -> dict[str, str]:
        if isinstance(workload, ActorWorkload):
            return super().untold(workload)
        return {"optimise": "no graph", "schedule": "in transfer"}

    def pages(self, workload: Workload, chunk: int, seed: int, folder: Path) -> dict[str, Page]:
        from harness.running.executors.ray_tracing import timeline  # noqa: PLC0415

        self.run(self.build(workload, chunk, seed))
        made = super().pages(workload, chunk, seed, folder)
        return made | {"timeline": page(lambda: timeline(folder))}

    def cause(self, error: BaseException) -> BaseException:
        found = getattr(error, "cause", None)  # its own text begins with the worker's address
        return found if isinstance(found, BaseException) else error

    def status_of(self, error: BaseException) -> Status:
        import ray  # noqa: PLC0415

        if isinstance(error, ray.exceptions.OutOfMemoryError):
            return Status.OUT_OF_MEMORY
        return super().status_of(error)


class RayActors(RayTasks):
    """``Counter.remote()`` as the lesson writes it: one actor a worker, each in its own process."""

    name = "ray-actors"
    ways: ClassVar[Mapping[str, str]] = {"actors": "actors"}

    def host(self, actor: type) -> list[Any]:
        import ray  # noqa: PLC0415

        remote = ray.remote(actor)
        return [remote.remote() for _ in range(self.workers)]

    def call(self, actor: Any, method: str) -> Any:
        return getattr(actor, method).remote()

    def stop(self) -> None:
        self.hosted.clear()
        super().stop()
