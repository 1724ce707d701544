"""How a program of one's own starts each engine and hands it the tasks: as its documentation does.

The texts are Python with names to fill in: ``KERNEL`` is the workload's function, ``ACTOR`` its
actors' class, ``METHOD`` a method of an actor. ``WORKERS`` is a constant of the script.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from harness.running.executors.dask_distributed import LOOPBACK
from harness.running.executors.dask_local import CHUNKSIZE
from harness.running.executors.pools import START_METHOD
from harness.running.executors.ray_tasks import LOOPBACK_ONLY


@dataclass(frozen=True)
class Engine:
    """What a script says to one executor.

    Attributes
    ----------
    handle : str or None
        Name of what ``opening`` brings up, if the calls need it.
    imports, environ
        Import lines, and variables to set before them.
    opening : str
        The head of a ``with`` statement, or ``""``.
    start, end : str
        Lines before the first call and after the last one.
    ways : mapping of str to str
        Way to the expression that gives the partial results of ``tasks``.
    compute : str
        Arguments of Dask's ``compute``.
    call, results : str
        A call of an ``actor``; how ``calls`` are waited for, by default by :data:`RESULTS`.
    helpers : tuple of str
        Functions of the executor's own module that ``start`` and ``call`` use.
    """

    ways: Mapping[str, str]
    imports: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    handle: str | None = None
    opening: str = ""
    start: str = ""
    end: str = ""
    compute: str = ""
    call: str = ""
    results: str = "results(calls)"
    helpers: tuple[str, ...] = ()


HELPERS = {"linked": "harness.running.workloads.base", "partial": "functools"}
"""Functions that :attr:`Engine.ways` may call, and their modules."""
RESULTS = "def results(calls):\n    return [call.result() for call in calls]"
LOOP = "[KERNEL(*task) for task in tasks]"
_SERIAL = Engine(
    dict.fromkeys(
        ("tasks", "submit", "one-by-one", "map", "delayed", "collections", "actors"), LOOP
    )
    | {"dependencies": "linked(KERNEL, tasks)"}
)

_MAP = "list(pool.map(KERNEL, *zip(*tasks)))"
_SUBMIT = "[future.result() for future in [pool.submit(KERNEL, *task) for task in tasks]]"
_THREADS = Engine(
    dict.fromkeys(("tasks", "map"), _MAP) | {"submit": _SUBMIT},
    imports=("from concurrent.futures import ThreadPoolExecutor",),
    handle="pool",
    opening="with ThreadPoolExecutor(WORKERS) as pool:",
)
_THREAD_ACTORS = Engine(
    {},
    imports=_THREADS.imports,
    handle="actors",
    start=(
        "homes = [ThreadPoolExecutor(1) for _ in range(WORKERS)]  # one thread for each actor\n"
        "actors = [(home, ACTOR()) for home in homes]"
    ),
    end="for home in homes:\n    home.shutdown()",
    call="actor[0].submit(actor[1].METHOD)",
)
_POOL_IMPORTS = (
    "import multiprocessing",
    "from concurrent.futures import ProcessPoolExecutor",
)
_CONTEXT = f'multiprocessing.get_context("{START_METHOD}")'
_POOL = f"with ProcessPoolExecutor(WORKERS, {_CONTEXT}) as pool:"
_PROCESSES = replace(_THREADS, imports=_POOL_IMPORTS, opening=_POOL)
_PROCESS_ACTORS = Engine(
    {},
    imports=_POOL_IMPORTS,
    handle="actors",
    start=(
        f"context = {_CONTEXT}\n"
        "actors = [  # one process for each\n"
        "    ProcessPoolExecutor(1, context, _move_in, (ACTOR,)) for _ in range(WORKERS)\n"
        "]"
    ),
    end="for actor in actors:\n    actor.shutdown()",
    call='actor.submit(_call_resident, "METHOD")',
    helpers=("_move_in", "_call_resident"),
)


def _dask(compute: str) -> Engine:
    options = f", {compute}" if compute else ""
    delayed = f"dask.compute(*[dask.delayed(KERNEL, pure=False)(*task) for task in tasks]{options})"
    linked = f"dask.compute(*linked(dask.delayed(KERNEL, pure=False), tasks){options})"
    ways = dict.fromkeys(("tasks", "delayed"), delayed) | {"dependencies": linked}
    return Engine(ways, compute=compute)


_LOCAL = "num_workers=WORKERS"
_DASK_PROCESSES = replace(
    _dask(f'scheduler="processes", {_LOCAL}, pool=pool, chunksize={CHUNKSIZE}'),
    imports=_POOL_IMPORTS,
    handle="pool",
    opening=_POOL,
)


def _cluster(arguments: str) -> Engine:
    delayed = _dask("")
    return replace(
        delayed,
        ways={
            **delayed.ways,
            "submit": "client.gather([client.submit(KERNEL, *task, pure=False) for task in tasks])",
            "one-by-one": ("[client.submit(KERNEL, *task, pure=False).result() for task in tasks]"),
            "map": "client.gather(client.map(KERNEL, *zip(*tasks), pure=False))",
            "dependencies": (
                "client.gather(linked(partial(client.submit, KERNEL, pure=False), tasks))"
            ),
        },
        imports=("from distributed import Client, LocalCluster",),
        handle="client",
        opening=(
            f"with LocalCluster(\n    {arguments},\n"
            f'    dashboard_address="{LOOPBACK}:0",\n) as cluster, Client(cluster) as client:'
        ),
    )


_CLUSTER_PROCESSES = _cluster(
    f'n_workers=WORKERS, threads_per_worker=1, processes=True, host="{LOOPBACK}"'
)
_DASK_ACTORS = replace(
    _CLUSTER_PROCESSES,
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

_RAY = Engine(
    {
        **dict.fromkeys(("tasks", "submit"), "ray.get([remote.remote(*task) for task in tasks])"),
        "one-by-one": "[ray.get(remote.remote(*task)) for task in tasks]",
        "dependencies": "ray.get(linked(remote.remote, tasks))",
    },
    imports=("import ray",),
    environ={"RAY_USAGE_STATS_ENABLED": "0", LOOPBACK_ONLY: "0"},
    handle="remote",
    start=(
        "ray.init(num_cpus=WORKERS, include_dashboard=False, log_to_driver=False)\n"
        "remote = ray.remote(KERNEL)"
    ),
    end="ray.shutdown()",
)
_RAY_ACTORS = replace(
    _RAY,
    ways={},
    handle="actors",
    start=(
        "ray.init(num_cpus=WORKERS, include_dashboard=False, log_to_driver=False)\n"
        "actors = [ray.remote(ACTOR).remote() for _ in range(WORKERS)]"
    ),
    call="actor.METHOD.remote()",
    results="ray.get(calls)",
)

ENGINES: dict[str, Engine] = {
    "numpy": _SERIAL,
    "numpy-threads": _SERIAL,
    "serial-replay": _SERIAL,
    "thread-pool": _THREADS,
    "process-pool": _PROCESSES,
    "dask-synchronous": _dask(f'scheduler="synchronous", {_LOCAL}'),
    "dask-threads": _dask(f'scheduler="threads", {_LOCAL}'),
    "dask-processes": _DASK_PROCESSES,
    "dask-distributed-threads": _cluster(
        "n_workers=1, threads_per_worker=WORKERS, processes=False"
    ),
    "dask-distributed-processes": _CLUSTER_PROCESSES,
    "dask-actors": _DASK_ACTORS,
    "ray-tasks": _RAY,
    "ray-actors": _RAY_ACTORS,
}
ACTORS: dict[str, Engine] = {
    "thread-pool": _THREAD_ACTORS,
    "process-pool": _PROCESS_ACTORS,
    "dask-actors": _DASK_ACTORS,
    "ray-actors": _RAY_ACTORS,
}
"""Those that give an actor a home; for every other executor an actor's work is a plain task."""
