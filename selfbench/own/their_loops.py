"""The loops by which systems are measured in their own documentation and benchmarks, on a watch.

``python -m selfbench.own.their_loops SYSTEM CHANGED ROUNDS`` prints, of each loop of a system, the
microseconds a task in each of so many calls. CHANGED is ``as-shown``, or what is done otherwise
than the documentation shows: names of :data:`CHANGES`, with ``+`` between them. Nothing of
chunkbench is imported.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from operator import pos
from time import perf_counter, sleep
from typing import Any

WARM, WORKERS = 2, 2
PAUSE_SECONDS = 0.1
Loops = dict[str, tuple[int, Callable[[], Any]]]
"""A loop's name to the number of its tasks and a call of it."""

CHANGES = {
    "pauses": "a pause of 0.1 s and `gc.collect()` before each call",
    "spawned": "worker processes started by `spawn`",
    "impure": "`pure=False`, which names tasks by chance and not by a hash",
    "locked": "connections by certificates",
    "imported": "`operator.pos` as the function, which workers import by its name",
    "counting": "an actor that adds to a count and returns it",
}
AS_SHOWN = "as-shown"


def nothing(x: object) -> None:
    """Take one argument, and do nothing."""


def increased(x: int) -> int:
    """Add 1, as Dask's pages do."""
    return x + 1


def small_value() -> bytes:
    """Return two bytes, as Ray's microbenchmark does."""
    return b"ok"


class Counting:
    """An actor that counts its calls."""

    count = 0

    def small_value(self) -> int:
        """Count one more."""
        self.count += 1
        return self.count


class Small:
    """The actor of Ray's microbenchmark."""

    def small_value(self) -> bytes:
        """Return two bytes."""
        return b"ok"


@contextmanager
def of_futures(changed: str) -> Iterator[Loops]:
    """Of the standard library's pages: ``executor.map``."""
    context = multiprocessing.get_context("spawn" if "spawned" in changed else None)
    with ThreadPoolExecutor(WORKERS) as threads, ProcessPoolExecutor(WORKERS, context) as processes:
        yield {
            "threads": (400, lambda: list(threads.map(nothing, range(400)))),
            "processes": (400, lambda: list(processes.map(nothing, range(400)))),
        }


@contextmanager
def of_joblib(changed: str) -> Iterator[Loops]:
    """Of joblib's pages: ``Parallel(n_jobs=2)(delayed(f)(i) for i in range(n))``."""
    joblib = import_module("joblib")
    function = pos if "imported" in changed else nothing

    def run(**options: int) -> Any:
        parallel = joblib.Parallel(n_jobs=WORKERS, **options)
        return parallel(joblib.delayed(function)(i) for i in range(400))

    yield {"batches": (400, run), "one by one": (400, lambda: run(batch_size=1))}


@contextmanager
def of_dask(changed: str) -> Iterator[Loops]:
    """Of Dask's pages: ``client.gather(client.map(inc, range(n)))`` and ``client.submit``."""
    distributed = import_module("distributed")
    security = {"security": distributed.Security.temporary()} if "locked" in changed else {}
    how = {"pure": False} if "impure" in changed else {}
    function = pos if "imported" in changed else increased
    cluster = distributed.LocalCluster(
        n_workers=WORKERS,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=None,
        **security,
    )
    with cluster, distributed.Client(cluster) as client:

        def mapped() -> Any:
            return client.gather(client.map(function, range(400), **how))

        def submitted() -> Any:
            return client.gather([client.submit(function, x, **how) for x in range(400)])

        yield {"map": (400, mapped), "submit": (400, submitted)}


@contextmanager
def of_ray(changed: str) -> Iterator[Loops]:
    """Of ``ray microbenchmark``, by the names that it prints."""
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
    ray = import_module("ray")
    ray.init(num_cpus=WORKERS, include_dashboard=False, log_to_driver=False)
    of_actor = Counting if "counting" in changed else Small
    value, actor = ray.remote(small_value), ray.remote(of_actor).remote()

    def tasks_sync() -> None:
        for _ in range(200):
            ray.get(value.remote())

    def calls_sync() -> None:
        for _ in range(200):
            ray.get(actor.small_value.remote())

    try:
        yield {
            "single client tasks sync": (200, tasks_sync),
            "single client tasks async": (
                1000,
                lambda: ray.get([value.remote() for _ in range(1000)]),
            ),
            "1:1 actor calls sync": (200, calls_sync),
            "1:1 actor calls async": (
                1000,
                lambda: ray.get([actor.small_value.remote() for _ in range(1000)]),
            ),
        }
    finally:
        ray.shutdown()


@contextmanager
def of_ipyparallel(_changed: str) -> Iterator[Loops]:
    """Of IPython Parallel's pages: ``view.map_sync`` on a view that balances the load."""
    ipyparallel = import_module("ipyparallel")
    with ipyparallel.Cluster(n=WORKERS, controller_ip="127.0.0.1", log_level=40) as client:
        view = client.load_balanced_view()
        yield {
            "map_sync": (400, lambda: view.map_sync(nothing, range(400))),
            "apply_async": (
                400,
                lambda: [sent.get() for sent in [view.apply_async(nothing, i) for i in range(400)]],
            ),
        }


SYSTEMS: dict[str, Callable[[str], AbstractContextManager[Loops]]] = {
    "concurrent.futures": of_futures,
    "joblib": of_joblib,
    "dask": of_dask,
    "ray": of_ray,
    "ipyparallel": of_ipyparallel,
}


def timed(call: Callable[[], Any], tasks: int, changed: str) -> float:
    """Microseconds a task in one call."""
    if "pauses" in changed:
        gc.collect()
        sleep(PAUSE_SECONDS)
    began = perf_counter()
    call()
    return (perf_counter() - began) / tasks * 1e6


def main() -> None:
    """Time each loop of a system so many times, loops by turns, and print what each took."""
    system, changed, rounds = sys.argv[1:]
    with SYSTEMS[system](changed) as loops:
        for _, call in loops.values():
            for _ in range(WARM):
                call()
        found: dict[str, list[float]] = {name: [] for name in loops}
        for _ in range(int(rounds)):
            for name, (tasks, call) in loops.items():
                found[name].append(timed(call, tasks, changed))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
