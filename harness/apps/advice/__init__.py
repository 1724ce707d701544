"""Advise which chunks to take for the user's own work, and whether going parallel pays."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

from harness.apps.advice.described_work import describe
from harness.apps.advice.recommend import recommend
from harness.apps.advice.time_work import ROUNDS, time_work
from harness.core.errors import UsageError
from harness.reading.report.advice.advice_record import Advice
from harness.running.executors import require
from harness.running.executors.base import Executor
from harness.running.host import machine
from harness.running.measure.own.own_work import opened

BUDGET_SECONDS = 30.0


def advise(
    work: str | Callable[..., Any] | None = None,
    *,
    shape: Sequence[int] | None = None,
    dtype: str = "float64",
    numpy: bool = False,
    chunk: Sequence[Sequence[int]] = (),
    chunk_seconds: Sequence[float] = (),
    executor: str = "dask-threads",
    workers: int | None = None,
    budget_seconds: float = BUDGET_SECONDS,
    rounds: int = ROUNDS,
    check: bool = False,
    check_all: bool = False,
    machine_name: str | None = None,
    paths: Sequence[str] | None = None,
) -> Advice:
    """Say which chunks to take for *work* on this machine, what to expect, and whether it pays.

    Example: ``harness.advise("mywork:mean", workers=4, check=True)``

    Parameters
    ----------
    work : str or function, optional
        ``module:function``, or a function of a module. It returns a Dask array, bag or delayed,
        and has no argument but ``chunks`` or ``npartitions``; or with *numpy* it takes a chunk of
        an array. Left out: *shape*, *chunk* and *chunk_seconds* describe the work.
    shape, dtype
        Of the whole array. A Dask function needs none; with one it gets shapes as ``chunks``,
        else sizes such as ``"1 MiB"``.
    numpy : bool
        Whether *work* takes a NumPy array, a chunk at a time.
    chunk, chunk_seconds
        Shapes of chunks, and the serial seconds of each, on one native thread.
    executor : str
        One of Dask's.
    workers : int, optional
        The most workers; all usable cores by default.
    budget_seconds : float
        About how long to time the work, the engine and the check left out.
    rounds : int
        In how many rounds; with fewer than 6 the intervals are too narrow.
    check : bool
        Whether to run the whole at chunk sizes that were held out, and to print the error.
    check_all : bool
        The same at every chunk size: so that the recommended one stands beside the best.
    machine_name : str, optional
        What the owner calls this machine.
    paths : sequence of str, optional
        Where the module is looked for first; the current folder by default.

    Raises
    ------
    UsageError
        Where an argument cannot be understood, or the function is not there.
    MeasureError
        Where the function itself fails.
    """
    began = monotonic()
    here = machine.describe(machine_name)
    cores = here.cores_usable or 1.0
    count = max(1, math.floor(cores)) if workers is None else workers
    executor_class = _dask_executor(executor, count)
    if budget_seconds <= 0:
        raise UsageError(f"a budget of {budget_seconds:g} s: give more than 0")
    if rounds < 1:
        raise UsageError(f"{rounds} rounds: give at least 1")
    memory = machine.usable_memory_bytes()
    described = describe(work, shape, dtype, numpy, chunk, chunk_seconds, paths, memory)
    wants_check = check or check_all
    unchecked = described.unchecked if wants_check else None
    with opened(described.load_arguments, executor, cores) as own:
        timed = time_work(
            own,
            described,
            workers=count,
            budget_seconds=budget_seconds,
            memory_bytes=memory,
            check=wants_check and not unchecked,
            check_all=check_all,
            rounds=rounds,
        )
        advice = recommend(
            described,
            timed,
            workers=count,
            argument=own.takes,
            machine=here,
            executor=executor,
        )
    notes = [*advice.notes, *([unchecked] if unchecked else [])]
    if count > cores:
        notes.append(f"oversubscribed: {count} workers on {cores:g} usable cores")
    if executor_class.kind != "local threads" and not described.by_hand:
        notes.append("what moves between processes is not in the forecast: see --check")
    return advice.model_copy(update={"notes": notes, "seconds_spent": monotonic() - began})


def _dask_executor(name: str, workers: int) -> type[Executor]:
    """The executor that runs the work.

    Raises
    ------
    UsageError
        Where it is none of Dask's, runs no tasks, or cannot have so many workers.
    """
    if workers < 1:
        raise UsageError(f"{workers} workers: give at least 1")
    if not name.startswith("dask"):
        raise UsageError(f"advice is about Dask's chunks: {name!r} is not a Dask executor")
    executor = require(name)
    if executor.max_workers is not None and workers > executor.max_workers:
        raise UsageError(f"{name} has {executor.max_workers} worker: give --workers 1")
    if "tasks" not in executor.ways:
        raise UsageError(f"{name} runs no tasks of a graph: choose another executor")
    return executor
