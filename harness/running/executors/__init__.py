"""The executors by name; a new one is one file in this folder and one row of :data:`OURS`.

Other packages add theirs by an entry point in the group ``chunkbench.executors``. A class is
imported when it is looked up, and its engine when it is started.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from harness.core.errors import ExecutorUnavailableError
from harness.core.registry import Registry
from harness.running.executors.base import Executor

OURS = {
    "numpy": "serial:Numpy",
    "numpy-threads": "serial:NumpyThreads",
    "serial": "serial:Serial",
    "serial-replay": "serial:SerialReplay",
    "thread-pool": "pools:ThreadPool",
    "process-pool": "pools:ProcessPool",
    "interpreter-pool": "interpreter_pool:InterpreterPool",
    "multiprocessing-threads": "multiprocessing_pools:MultiprocessingThreads",
    "multiprocessing-fork": "multiprocessing_pools:MultiprocessingFork",
    "multiprocessing-spawn": "multiprocessing_pools:MultiprocessingSpawn",
    "multiprocessing-forkserver": "multiprocessing_pools:MultiprocessingForkserver",
    "multiprocessing-batched": "multiprocessing_pools:MultiprocessingBatched",
    "asyncio-threads": "asyncio_threads:AsyncioThreads",
    "asyncio-tasks": "asyncio_tasks:AsyncioTasks",
    "joblib-loky": "joblib_parallel:JoblibLoky",
    "joblib-loky-batched": "joblib_parallel:JoblibLokyBatched",
    "joblib-threading": "joblib_parallel:JoblibThreading",
    "joblib-threading-batched": "joblib_parallel:JoblibThreadingBatched",
    "joblib-dask": "joblib_clusters:JoblibDask",
    "joblib-dask-batched": "joblib_clusters:JoblibDaskBatched",
    "joblib-ray": "joblib_clusters:JoblibRay",
    "joblib-ray-batched": "joblib_clusters:JoblibRayBatched",
    "numba-omp": "numba_loops:NumbaOmp",
    "numba-workqueue": "numba_loops:NumbaWorkqueue",
    "numexpr": "numexpr_threads:Numexpr",
    "as-written": "dask_local:AsWritten",
    "dask-synchronous": "dask_local:DaskSynchronous",
    "dask-threads": "dask_local:DaskThreads",
    "dask-processes": "dask_local:DaskProcesses",
    "dask-distributed-threads": "dask_distributed:DaskDistributedThreads",
    "dask-distributed-processes": "dask_distributed:DaskDistributedProcesses",
    "dask-actors": "dask_distributed:DaskActors",
    "dask-on-ray": "dask_on_ray:DaskOnRay",
    "dask-mpi": "dask_ranks:DaskMpi",
    "mpi-pool": "mpi_pools:MpiPool",
    "mpi-spmd": "mpi_pools:MpiSpmd",
    "dask-slurm": "dask_batch:DaskSlurm",
    "dask-sge": "dask_batch:DaskSge",
    "dask-attached": "attached:DaskAttached",
    "ipyparallel": "ipyparallel_views:IPythonParallel",
    "parsl": "parsl_apps:ParslApps",
    "ray-tasks": "ray_tasks:RayTasks",
    "ray-actors": "ray_tasks:RayActors",
    "ray-attached": "attached:RayAttached",
    "dask-dataframe": "dask_frames:DaskDataFrame",
    "duckdb": "duckdb_query:DuckDB",
    "modin-dask": "modin_frames:ModinDask",
    "modin-ray": "modin_frames:ModinRay",
    "executorlib": "executorlib_blocks:ExecutorlibBlocks",
    "hyperqueue": "hyperqueue_jobs:HyperQueueJobs",
    "mrjob": "mrjob_mappers:MrJob",
    "polars": "polars_query:Polars",
    "polars-streaming": "polars_query:PolarsStreaming",
    "pyspark": "pyspark_jobs:PySpark",
}
"""Name to ``file:Class`` of the executors in this folder."""

SHORT_NAMES = {"joblib": "joblib-loky"}
TOLD_BY = {
    "dask": ("dask-threads", "dask-distributed-processes"),
    "ray": ("ray-tasks",),
    "joblib": ("joblib-loky",),
}
"""Package to the executors by which it is told what a task costs, where none is named."""
"""What users may write for the executor that they most likely mean."""

GROUP = "chunkbench.executors"
"""The entry-point group of other packages' executors."""
REGISTRY = Registry(
    "executor", GROUP, {name: f"{__name__}.{place}" for name, place in OURS.items()}
)


def full_name(name: str) -> str:
    """Return the executor's name that the short *name* stands for, or *name* itself."""
    return SHORT_NAMES.get(name, name)


def lookup(name: str) -> type[Executor]:
    """Return the class of the executor *name* without importing its engine.

    Raises
    ------
    UnknownNameError
        Names the executors that exist.
    """
    executor: type[Executor] = REGISTRY.lookup(name)
    return executor


def require(
    name: str, missing: Callable[[type[Executor]], str | None] | None = None
) -> type[Executor]:
    """Return the class of the executor *name*, whose engine is installed, or which *missing* gives
    no reason against where it is to run elsewhere.

    Raises
    ------
    UnknownNameError
        Names the executors that exist.
    ExecutorUnavailableError
        Names the package to install.
    """
    executor = lookup(name)
    reason = missing(executor) if missing else executor.missing()
    if reason:
        raise ExecutorUnavailableError(f"executor {name!r} is not available: {reason}")
    return executor


def engine_packages(names: Iterable[str] = ()) -> list[str]:
    """Return the packages whose versions a run line records: those of all executors of this folder
    that suites sweep in chunkbench's own Python, and those of the executors *names*."""
    executors = [cls for cls in map(lookup, OURS) if cls.in_suites and cls.lives_in is None]
    executors += map(lookup, names)
    return list(dict.fromkeys(package for cls in executors for package in cls.packages))


def central_schedulers(names: Iterable[str]) -> dict[str, str | None]:
    """Return the central scheduler of each of the executors *names*, ``None`` for those without."""
    return {name: lookup(name).central_scheduler for name in sorted(set(names))}


def systems() -> list[dict[str, object]]:
    """Describe every executor in a row, without importing an engine.

    A row has ``name``, ``kind``, ``available`` (whether it can run here), the engine's ``version``,
    the ``reason`` why it cannot run, and ``spans_machines``.
    """
    rows = []
    for name in sorted(REGISTRY.names()):
        executor = lookup(name)
        reason = executor.missing()
        rows.append(
            {
                "name": name,
                "kind": executor.kind,
                "available": reason is None,
                "version": executor.version(),
                "reason": reason,
                "spans_machines": executor.spans_machines,
            }
        )
    return rows
