"""joblib: ``Parallel(n_jobs=...)(delayed(f)(x) for x in xs)``, on its processes or on threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from harness.core.extras import installing
from harness.running.executors.base import Executor
from harness.running.executors.built_call import Layout
from harness.running.executors.program import Program
from harness.running.workloads.base import Task, Workload

PRE_DISPATCH = "2 * n_jobs"
"""Messages that joblib hands over before the first is done. This is its own default; it is given
to joblib all the same, so that the recorded one is in force (rule 9)."""


def _program(backend: str, batch_size: str) -> Program:
    options = f'n_jobs=WORKERS, backend="{backend}"{batch_size}'
    call = f"Parallel({options})(delayed(KERNEL)(*task) for task in tasks)"
    return Program({"tasks": call, "map": call}, imports=("from joblib import Parallel, delayed",))


class JoblibLoky(Executor):
    """Runs tasks with ``joblib.Parallel`` on loky's processes, its default, one task at a time.

    ``batch_size=1`` keeps each task a task of its own (rule 9). Each call makes a ``Parallel`` of
    its own, as programs do; the processes stay from one call to the next. It looks for results
    every 10 ms, so that few calls are shorter. One worker is the caller itself.
    """

    name = "joblib-loky"
    kind = "local processes"
    tried = "processes"
    needs: ClassVar[tuple[str, ...]] = ("joblib",)
    packages: ClassVar[tuple[str, ...]] = ("joblib",)
    install = installing("joblib")
    ways: ClassVar[Mapping[str, str]] = {"tasks": "map", "map": "map"}
    program = _program("loky", ", batch_size=1")
    backend: ClassVar[str | None] = "loky"
    """What every ``Parallel`` is told to run on; ``None`` for what ``parallel_config`` said."""
    batch_size: ClassVar[int | str] = 1
    """Tasks in one message to a worker; ``"auto"`` lets joblib put so many into one that it lasts
    0.2 s at the least."""

    def start(self) -> Layout:
        import joblib  # noqa: F401, PLC0415 - part of start-up, not of a call

        settings: dict[str, object] = {
            "joblib.batch_size": self.batch_size,
            "joblib.pre_dispatch": PRE_DISPATCH,
        }
        return Layout(self.workers, 1, settings)

    def stop(self) -> None:
        from joblib.externals.loky import get_reusable_executor  # noqa: PLC0415

        get_reusable_executor().shutdown(wait=True, kill_workers=True)

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        from joblib import Parallel, delayed  # noqa: PLC0415

        parallel = Parallel(
            n_jobs=self.workers,
            backend=self.backend,
            batch_size=self.batch_size,
            pre_dispatch=PRE_DISPATCH,
        )
        results: list[Any] = parallel(delayed(function)(*task) for task in tasks)
        return results

    def unmeasured_parts(self, workload: Workload) -> dict[str, str]:
        return super().unmeasured_parts(workload) | {"optimise": "no graph"}


class JoblibLokyBatched(JoblibLoky):
    """Runs ``joblib.Parallel(n_jobs=workers)`` as most programs have it, on loky's processes.

    ``batch_size="auto"``: joblib puts several short tasks into one message, so that what a task
    costs is hardly seen (rule 9).
    """

    name = "joblib-loky-batched"
    batch_size = "auto"
    program = _program("loky", "")


class JoblibThreading(JoblibLoky):
    """Runs tasks with ``joblib.Parallel`` on threads, one task at a time.

    joblib starts its threads anew for every call.
    """

    name = "joblib-threading"
    kind = "local threads"
    backend = "threading"
    program = _program("threading", ", batch_size=1")

    def start(self) -> Layout:
        return super().start()._replace(processes=1, threads_per_process=self.workers)

    def stop(self) -> None:
        """The threads ended with the last call."""


class JoblibThreadingBatched(JoblibThreading):
    """Runs ``joblib.Parallel(n_jobs=workers, backend="threading")``; joblib puts several short
    tasks into one message (rule 9)."""

    name = "joblib-threading-batched"
    batch_size = "auto"
    program = _program("threading", "")
