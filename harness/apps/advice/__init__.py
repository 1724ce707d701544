"""Advise which chunks to take for the user's own work, and whether going parallel pays."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic
from typing import Any

from harness.apps.advice.described_work import describe
from harness.apps.advice.graph_executors import graph_executor
from harness.apps.advice.recommend import recommend
from harness.apps.advice.time_work import ROUNDS, time_work
from harness.core.errors import UsageError
from harness.core.progress_step import Step, unsaid
from harness.reading.report.advice.advice_record import Advice
from harness.running.host import job_memory, machine
from harness.running.measure.own.own_processes import LIMIT_SECONDS, Patience
from harness.running.measure.own.own_work import opened

BUDGET_SECONDS = 30.0


def advise(
    work: str | Callable[..., Any] | None = None,
    *,
    against: str | Callable[..., Any] | None = None,
    shape: Sequence[int] | None = None,
    dtype: str = "float64",
    numpy: bool = False,
    source: str | None = None,
    dims: Sequence[str] = (),
    misaligned: bool = False,
    chunk: Sequence[Sequence[int]] = (),
    chunk_seconds: Sequence[float] = (),
    executor: str = "dask-threads",
    workers: int | None = None,
    worker_bytes: float | None = None,
    budget_seconds: float = BUDGET_SECONDS,
    limit_seconds: float = LIMIT_SECONDS,
    rounds: int = ROUNDS,
    check: bool = False,
    check_all: bool = False,
    machine_name: str | None = None,
    paths: Sequence[str] | None = None,
    step: Step = unsaid,
) -> Advice:
    """Say which chunks to take for *work* on this machine, what to expect, and whether it pays.

    Example: ``harness.advise("mywork:mean", workers=4, check=True)``

    Parameters
    ----------
    work : str or function, optional
        ``module:function``, or a function of a module. It returns a Dask array, bag or delayed,
        and has no argument but ``chunks`` or ``npartitions``; or with *numpy* it takes a chunk of
        an array. Left out: *shape*, *chunk* and *chunk_seconds* describe the work.
    against : str or function, optional
        The user's own serial way to do the whole, such as a loop or NumPy: the baseline, at one
        native thread and on all cores. It gets no argument; with *numpy* the whole array. Left
        out: the shortest serial run of the chunks.
    shape, dtype
        Of the whole array. A Dask function needs none; with one it gets shapes as ``chunks``,
        else sizes such as ``"1 MiB"``.
    numpy : bool
        Whether *work* takes a NumPy array, a chunk at a time.
    source : str, optional
        ``path#variable`` of a Zarr store or HDF5 file. *work* takes it in chunks, as xarray's
        DataArray, without a variable its Dataset; or it takes ``chunks``, and opens it itself.
    dims : sequence of str, optional
        Along which to cut what is stored; by default those that the storage is cut along.
    misaligned : bool
        Whether chunks may cut through those of the storage.
    chunk, chunk_seconds
        Shapes of chunks, and the serial seconds of each, on one native thread.
    executor : str
        One of Dask's.
    workers : int, optional
        The most workers; all usable cores by default.
    worker_bytes : float, optional
        Memory of a worker: chunks that need more are not recommended.
    budget_seconds : float
        About how long all of it may take; a check may take as long again.
    limit_seconds : float
        The longest that one call may take.
    rounds : int
        In how many rounds, fewer where they take too long. One has no interval and no verdict.
    check : bool
        Whether to run the whole at chunk sizes that were held out, and to print the error.
    check_all : bool
        The same at every chunk size: so that the recommended one stands beside the best.
    machine_name : str, optional
        What the owner calls this machine.
    paths : sequence of str, optional
        Where the module is looked for first; the current folder by default.
    step : callable, optional
        Is told how far it is.

    Raises
    ------
    UsageError
        Where an argument cannot be understood, or the function is not there.
    MeasureError
        Where the function itself fails, or takes too long.
    """
    began = monotonic()
    here = machine.describe(machine_name)
    cores = here.cores_usable or 1.0
    count = max(1, math.floor(cores)) if workers is None else workers
    executor_class = graph_executor(executor, count)
    for name, seconds in (("budget", budget_seconds), ("limit", limit_seconds)):
        if seconds <= 0:
            raise UsageError(f"a {name} of {seconds:g} s: give more than 0")
    if rounds < 1:
        raise UsageError(f"{rounds} rounds: give at least 1")
    memory = job_memory.usable_memory_bytes()
    described = describe(
        work,
        shape,
        dtype,
        numpy,
        chunk,
        chunk_seconds,
        paths,
        memory,
        against,
        source,
        dims,
        misaligned,
    )
    wants_check = check or check_all
    unchecked = described.unchecked if wants_check else None
    patience = Patience(limit_seconds)
    with opened(described.load_arguments, executor, cores, patience) as own:
        described = replace(described, stored=tuple(own.stored))
        timed = time_work(
            own,
            described,
            workers=count,
            cores=cores,
            began=began,
            budget_seconds=budget_seconds,
            memory_bytes=memory,
            check=wants_check and not unchecked,
            check_all=check_all,
            rounds=rounds,
            step=step,
        )
        advice = recommend(
            described,
            timed,
            workers=count,
            argument=own.takes,
            machine=here,
            executor=executor,
            worker_bytes=math.inf if worker_bytes is None else worker_bytes,
        )
    notes = [*advice.notes, *([unchecked] if unchecked else [])]
    if count > cores:
        notes.append(f"oversubscribed: {count} workers on {cores:g} usable cores")
    if executor_class.kind != "local threads" and not described.by_hand:
        notes.append("what moves between processes is not in the forecast: see --check")
    return advice.model_copy(update={"notes": notes, "seconds_spent": monotonic() - began})
