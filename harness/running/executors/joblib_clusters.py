"""joblib on a cluster of this machine: ``parallel_config(backend="dask")``, ``register_ray()``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from harness.core.central_schedulers import DASK_DISTRIBUTED
from harness.core.records import Status
from harness.running.executors.base import Executor
from harness.running.executors.built_call import Layout
from harness.running.executors.dask_distributed import DaskDistributedProcesses
from harness.running.executors.joblib_parallel import PRE_DISPATCH, JoblibLoky
from harness.running.executors.pages import Page
from harness.running.executors.program import Program
from harness.running.executors.ray_tasks import RayTasks, RayTimeline
from harness.running.workloads.base import Task, Workload

_CALL = "(delayed(KERNEL)(*task) for task in tasks)"
_IMPORT = "from joblib import Parallel, delayed, parallel_config"


def _program(cluster: Program | None, backend: str, batch_size: str = ", batch_size=1") -> Program:
    """What starts *cluster*, and joblib's call on it in place of its own."""
    assert cluster is not None  # noqa: S101 - both have one
    register = ("register_ray()",) if backend == "ray" else ()
    imports = ("from ray.util.joblib import register_ray",) if backend == "ray" else ()
    call = f"Parallel(n_jobs=WORKERS{batch_size}){_CALL}"
    start = cluster.start.partition("\nremote")[0]
    return replace(
        cluster,
        ways={"tasks": call, "map": call},
        imports=(*cluster.imports, *imports, _IMPORT),
        handle=None,
        start="\n".join(filter(None, (start, *register, f'parallel_config(backend="{backend}")'))),
    )


class JoblibCluster(JoblibLoky):
    """Runs tasks with ``joblib.Parallel`` on the workers of another engine, one task at a time.

    A subclass names the engine, which is started, kept to itself and ended as it is alone.
    """

    kind = "cluster"
    in_suites = False
    engine: ClassVar[type[Executor]]
    """Who has the workers."""

    def __init__(self, workers: int, scratch: Path, *, dashboard: bool = False) -> None:
        super().__init__(workers, scratch, dashboard=dashboard)
        self.cluster = self.engine(workers, scratch, dashboard=dashboard)

    @classmethod
    def missing(cls) -> str | None:
        return super().missing() or cls.engine.missing()

    @classmethod
    def environment(cls, scratch: Path, pins: dict[str, str]) -> dict[str, str]:
        return super().environment(scratch, pins) | cls.engine.environment(scratch, pins)

    def start(self) -> Layout:
        settings = super().start().settings
        layout = self.cluster.start()
        return layout._replace(settings=layout.settings | settings)

    def stop(self) -> None:
        self.cluster.stop()

    def cause(self, error: BaseException) -> BaseException:
        return self.cluster.cause(error)

    def status_of(self, error: BaseException) -> Status:
        return self.cluster.status_of(error)


class JoblibDask(JoblibCluster):
    """Runs tasks with ``joblib.Parallel`` on Dask's worker processes, one task at a time.

    joblib looks for results every 10 ms and ends each call with a pause of 10 ms, so that no call
    is shorter. One worker is the caller itself.
    """

    name = "joblib-dask"
    needs = ("joblib", "distributed", "dask")
    packages = ("joblib", "dask", "distributed")
    central_scheduler = DASK_DISTRIBUTED
    certified = True
    backend = None
    engine = DaskDistributedProcesses
    program = _program(DaskDistributedProcesses.program, "dask")
    cluster: DaskDistributedProcesses

    def start(self) -> Layout:
        from joblib import parallel_config  # noqa: PLC0415

        layout = super().start()
        parallel_config(backend="dask")  # which also makes the name known to joblib
        return layout

    def pages(self, workload: Workload, chunk: int, seed: int, folder: Path) -> dict[str, Page]:
        made = super().pages(workload, chunk, seed, folder)
        return made | self.cluster.report(
            lambda: self.run(self.build(workload, chunk, seed)), folder
        )


class JoblibDaskBatched(JoblibDask):
    """Runs ``joblib.Parallel(n_jobs=workers)`` on Dask's worker processes as most programs have it:
    joblib puts several short tasks into one message (rule 9)."""

    name = "joblib-dask-batched"
    batch_size = "auto"
    program = _program(DaskDistributedProcesses.program, "dask", "")


class JoblibRay(RayTimeline, JoblibCluster):
    """Runs tasks with ``joblib.Parallel`` on actors of Ray, one task at a time.

    A ``Parallel`` of its own for every call would start its actors anew; here one is kept, as
    joblib has it for many calls, and the time that takes counts as start-up. One worker is the
    caller itself.
    """

    name = "joblib-ray"
    needs = ("joblib", "ray")
    packages = ("joblib", "ray")
    longest_socket = RayTasks.longest_socket
    backend = "ray"
    engine = RayTasks
    program = _program(RayTasks.program, "ray")

    def start(self) -> Layout:
        from joblib import Parallel  # noqa: PLC0415
        from ray.util.joblib import register_ray  # noqa: PLC0415

        layout = super().start()
        register_ray()
        self.parallel = Parallel(
            n_jobs=self.workers,
            backend=self.backend,
            batch_size=self.batch_size,
            pre_dispatch=PRE_DISPATCH,
        )
        self.parallel.__enter__()
        return layout

    def stop(self) -> None:
        self.parallel.__exit__(None, None, None)
        super().stop()

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        from joblib import delayed  # noqa: PLC0415

        results: list[Any] = self.parallel(delayed(function)(*task) for task in tasks)
        return results


class JoblibRayBatched(JoblibRay):
    """Runs ``joblib.Parallel(n_jobs=workers)`` on actors of Ray as most programs have it: joblib
    puts several short tasks into one message (rule 9)."""

    name = "joblib-ray-batched"
    batch_size = "auto"
    program = _program(RayTasks.program, "ray", "")
