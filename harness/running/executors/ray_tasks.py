"""Ray on this machine: tasks and actors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from harness.core.central_schedulers import RAY
from harness.core.extras import installing
from harness.core.records import Status
from harness.running.executors.base import Executor
from harness.running.executors.built_call import BuiltCall, Layout
from harness.running.executors.noting import Notes, replaced
from harness.running.executors.pages import Page, page_or_reason
from harness.running.executors.program import Program
from harness.running.workloads.base import ActorWorkload, Task, Workload, linked

LOOPBACK_ONLY = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
"""Set to 0, this variable makes Ray take the loopback as its node's address, as it does by default
on macOS. Without it, every server of Ray on Linux listens on all interfaces."""
_START = "ray.init(num_cpus=WORKERS, include_dashboard=False, log_to_driver=False)"
RAY_PROGRAM = Program(
    {
        **dict.fromkeys(("tasks", "submit"), "ray.get([remote.remote(*task) for task in tasks])"),
        "one-by-one": "[ray.get(remote.remote(*task)) for task in tasks]",
        "dependencies": "ray.get(linked(remote.remote, tasks))",
    },
    imports=("import ray",),
    environ={"RAY_USAGE_STATS_ENABLED": "0", LOOPBACK_ONLY: "0"},
    handle="remote",
    start=f"{_START}\nremote = ray.remote(KERNEL)",
    end="ray.shutdown()",
)


class RayTimeline(Executor):
    """An executor whose tasks Ray runs, however they come to it: Ray draws when that was."""

    install = installing("ray")

    def pages(self, workload: Workload, chunk: int, seed: int, folder: Path) -> dict[str, Page]:
        from harness.running.executors.ray_tracing import timeline  # noqa: PLC0415

        self.run(self.build(workload, chunk, seed))
        made = super().pages(workload, chunk, seed, folder)
        return made | {"timeline": page_or_reason(lambda: timeline(folder))}


class RayTasks(RayTimeline):
    """Runs ``ray.get([f.remote(x) for x in ...])`` as the lesson writes it."""

    name = "ray-tasks"
    tried = "cluster"
    kind = "cluster"
    needs: ClassVar[tuple[str, ...]] = ("ray",)
    packages: ClassVar[tuple[str, ...]] = ("ray",)
    central_scheduler: ClassVar[str | None] = RAY
    longest_socket = "ray/session_2026-11-29_14-00-00_123456_4194304/sockets/plasma_store"
    program: ClassVar[Program | None] = RAY_PROGRAM
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
            "RAY_AUTH_MODE": "token",
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
        """Call ``ray.get(f.remote(x))`` for each task, one after the other."""
        import ray  # noqa: PLC0415

        remote = self._remote(function)
        return [ray.get(remote.remote(*task)) for task in tasks]

    def dependent(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        """Call each task with the references that it needs."""
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
    def watched(self, built: BuiltCall, notes: Notes) -> Iterator[None]:
        from harness.running.executors.ray_tracing import tasks_watched  # noqa: PLC0415

        if built.tasks:
            with tasks_watched(self.results, notes) as results, replaced(self, results=results):
                yield
        else:
            with super().watched(built, notes):
                yield

    def unmeasured_parts(self, workload: Workload) -> dict[str, str]:
        if isinstance(workload, ActorWorkload):
            return super().unmeasured_parts(workload)
        return {"optimise": "no graph", "schedule": "in transfer"}

    def cause(self, error: BaseException) -> BaseException:
        raised = getattr(error, "cause", None)  # the text of *error* begins with a worker's address
        return raised if isinstance(raised, BaseException) else error

    def status_of(self, error: BaseException) -> Status:
        import ray  # noqa: PLC0415

        if isinstance(error, ray.exceptions.OutOfMemoryError):
            return Status.OUT_OF_MEMORY
        return super().status_of(error)


class RayActors(RayTasks):
    """Makes actors as the lesson writes it, ``ray.remote(Counter).remote()``: one a worker, each
    in a process."""

    name = "ray-actors"
    central_scheduler = None  # calls go to the actors' own processes
    program = replace(
        RAY_PROGRAM,
        ways={},
        handle="actors",
        start=f"{_START}\nactors = [ray.remote(ACTOR).remote() for _ in range(WORKERS)]",
        call="actor.METHOD.remote()",
        results="ray.get(calls)",
    )
    ways: ClassVar[Mapping[str, str]] = {"actors": "actors"}

    def host(self, actor: type) -> list[Any]:
        import ray  # noqa: PLC0415

        remote = ray.remote(actor)
        return [remote.remote() for _ in range(self.workers)]

    def call(self, actor: Any, method: str, *arguments: Any) -> Any:
        return getattr(actor, method).remote(*arguments)

    def stop(self) -> None:
        self.hosted.clear()
        super().stop()
