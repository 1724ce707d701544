"""The executors, looked up lazily by name; a new one is one file and one row here.

Third parties add theirs under the entry-point group ``chunkbench.executors``.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module, metadata

from harness.core.errors import ExecutorUnavailableError, UnknownNameError
from harness.running.executors.base import Executor

OURS = {
    "numpy": "serial:Numpy",
    "numpy-threads": "serial:NumpyThreads",
    "serial-replay": "serial:SerialReplay",
    "thread-pool": "pools:ThreadPool",
    "process-pool": "pools:ProcessPool",
    "dask-synchronous": "dask_local:DaskSynchronous",
    "dask-threads": "dask_local:DaskThreads",
    "dask-processes": "dask_local:DaskProcesses",
    "dask-distributed-threads": "dask_distributed:DaskDistributedThreads",
    "dask-distributed-processes": "dask_distributed:DaskDistributedProcesses",
    "dask-actors": "dask_distributed:DaskActors",
    "dask-mpi": "dask_ranks:DaskMpi",
    "dask-slurm": "dask_batch:DaskSlurm",
    "dask-sge": "dask_batch:DaskSge",
    "dask-attached": "attached:DaskAttached",
    "ray-tasks": "ray_tasks:RayTasks",
    "ray-actors": "ray_tasks:RayActors",
    "ray-attached": "attached:RayAttached",
}
"""Name to ``file:Class`` of the executors in this folder."""

EXECUTORS = {name: f"{__name__}.{place}" for name, place in OURS.items()}
GROUP = "chunkbench.executors"


def registry() -> dict[str, str]:
    """Name to ``module:Class`` of every executor, those of third parties included."""
    return _third_parties() | EXECUTORS


@cache
def _third_parties() -> dict[str, str]:
    """Read once: it looks into every installed distribution, and every case looks its executor
    up."""
    return {entry.name: entry.value for entry in metadata.entry_points(group=GROUP)}


def forget_third_parties() -> None:
    """Look for them again: something was installed in the meantime."""
    _third_parties.cache_clear()


def lookup(name: str) -> type[Executor]:
    """The class of executor *name*; no engine is imported.

    Raises
    ------
    UnknownNameError
        With the names that exist.
    """
    known = registry()
    if name not in known:
        raise UnknownNameError("executor", name, list(known))
    module, _, attribute = known[name].partition(":")
    found: type[Executor] = getattr(import_module(module), attribute)
    return found


def require(name: str) -> type[Executor]:
    """Like :func:`lookup`, and its engine is installed.

    Raises
    ------
    ExecutorUnavailableError
        With the package to install.
    """
    executor = lookup(name)
    reason = executor.missing()
    if reason:
        raise ExecutorUnavailableError(f"executor {name!r} is not available: {reason}")
    return executor


def systems() -> list[dict[str, object]]:
    """Every executor: name, kind, whether it can run here, version or reason; imports no engine."""
    rows = []
    for name in sorted(registry()):
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
