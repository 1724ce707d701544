"""Time one of the works as its user would: the engine up and warm, both ways by turns, on a watch.

``python -m selfbench.own.by_hand WORK WAY CHUNK SECONDS`` prints ``{"serial": [...], "parallel":
[...]}``, in s. It takes nine turns or more, for at least so many seconds: a shared machine is
slower in one second and not in the next. Nothing of chunkbench is imported.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from time import perf_counter
from typing import Any

from selfbench.own import posted_works as posted

WARM, TIMES = 2, 9
Call = Callable[[], Any]


def mapped(name: str) -> tuple[Callable[[Any], Any], list[Any]]:
    """The function and the items of a work that maps one over the others."""
    return {
        "slow items": (posted.slow_item, posted.slow_items),
        "ray loop": (posted.millisecond, posted.milliseconds),
    }[name]


WHOLES: dict[str, tuple[Callable[[int], Any], Call]] = {
    "tiny bag": (posted.tiny_bag, posted.tiny_loop),
    "product": (posted.product, posted.plain_product),
    "climatology": (posted.climatology, posted.loaded_climatology),
    "group-by": (posted.grouped, posted.pandas_grouped),
}


@contextmanager
def both_ways(name: str, way: str, chunk: int) -> Iterator[tuple[Call, Call]]:
    """The serial way and the parallel one of a work, while what it needs is up."""
    if name in WHOLES:
        function, serial = WHOLES[name]
        scheduler = None if way == "as-written" else way.removeprefix("dask-")
        yield serial, lambda: function(chunk).compute(scheduler=scheduler)
        return
    task, items = mapped(name)
    with mapping(way, task, chunk) as parallel:
        yield lambda: [task(x) for x in items], lambda: parallel(items)


@contextmanager
def mapping(way: str, task: Callable[[Any], Any], chunk: int) -> Iterator[Callable[[Any], Any]]:
    """What maps *task* over items, *chunk* of them to a task of the engine."""
    workers = len(os.sched_getaffinity(0))
    if way == "ray-tasks":
        ray = import_module("ray")  # slow to import, and one work alone needs it
        ray.init(num_cpus=workers, include_dashboard=False, log_to_driver=False)
        remote = ray.remote(lambda part: [task(x) for x in part])
        try:
            yield lambda items: ray.get([remote.remote(part) for part in cut(items, chunk)])
        finally:
            ray.shutdown()
        return
    pool = {"process-pool": ProcessPoolExecutor, "thread-pool": ThreadPoolExecutor}[way](workers)
    with pool:
        if way == "process-pool":
            yield lambda items: list(pool.map(task, items, chunksize=chunk))
        else:
            yield lambda items: list(
                pool.map(lambda part: [task(x) for x in part], cut(items, chunk))
            )


def cut(items: list[Any], chunk: int) -> list[list[Any]]:
    """The items in parts of *chunk*."""
    return [items[at : at + chunk] for at in range(0, len(items), chunk)]


def timed(call: Call) -> float:
    """Seconds of one call."""
    began = perf_counter()
    call()
    return perf_counter() - began


def main() -> None:
    """Time both ways by turns, and print what each took."""
    name, way, chunk, least = sys.argv[1:]
    with both_ways(name, way, int(chunk)) as (serial, parallel):
        for _ in range(WARM):
            serial()
            parallel()
        seconds: dict[str, list[float]] = {"serial": [], "parallel": []}
        began = perf_counter()
        while len(seconds["serial"]) < TIMES or perf_counter() - began < float(least):
            seconds["serial"].append(timed(serial))
            seconds["parallel"].append(timed(parallel))
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
