"""Do the same for many things, in several processes where there is enough to do."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from typing import TypeVar

from harness.core.fewer_collections import look_less_often

_FEWEST = 6
"""Things to do for each process: loading the libraries takes as long as a few of them."""

T = TypeVar("T")
R = TypeVar("R")


def usable_cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def each_done(work: Callable[[T], R], items: Sequence[T], processes: int) -> Iterator[tuple[T, R]]:
    """Yield each of *items* with what *work* gives for it: see :func:`shared_out`."""
    with shared_out(work, items, processes) as done:
        yield from done


@contextmanager
def shared_out(
    work: Callable[[T], R], items: Sequence[T], processes: int
) -> Iterator[Iterator[tuple[T, R]]]:
    """Begin to do *work* elsewhere, while the block does something else.

    The block is given an iterator of each item with its result, in the order in which they are
    done. What it has not asked for at its end may not have been done.

    Parameters
    ----------
    work : callable
        A function of a module.
    items : sequence
        What it is called with; each is pickled on its way to a process.
    processes : int
        At most so many are started, anew and not as copies of this one, which may have threads.
        With few items the work is done here, when it is asked for. All have ended at the end of
        the block, and they end themselves where this process is killed.
    """
    processes = min(processes, len(items) // _FEWEST)
    if processes < 2:
        yield ((item, work(item)) for item in items)
        return
    pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=_begin)
    try:
        futures = {pool.submit(work, item): item for item in items}
        yield _as_done(futures, work)
    finally:
        pool.shutdown(cancel_futures=True)


def _as_done(futures: dict[Future[R], T], work: Callable[[T], R]) -> Iterator[tuple[T, R]]:
    left = dict(futures)
    try:
        for future in as_completed(futures):
            result = future.result()
            yield left.pop(future), result
    except BrokenProcessPool:  # killed from outside, say for its memory
        for item in left.values():
            yield item, work(item)


def _begin() -> None:
    """Leave Ctrl-C to the process that shares out the work, and never live longer than it."""
    look_less_often()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
