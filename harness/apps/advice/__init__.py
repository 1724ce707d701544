"""``chunkbench advise``: what chunks to take for one's own work, and whether parallel pays."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

from harness.apps.advice.answer import answered
from harness.apps.advice.timed import ROUNDS, timed
from harness.apps.advice.work import described
from harness.core.errors import UsageError
from harness.reading.report.advice.advice_record import Advice
from harness.running.executors import require
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
    """What chunks to take for *work* on this machine, what to expect, and whether it pays.

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
        For what cannot be understood or found; one line that says what to do.
    MeasureError
        Where the function itself fails.
    """
    began = monotonic()
    here = machine.describe(machine_name)
    cores = here.cores_usable or 1.0
    count = max(1, math.floor(cores)) if workers is None else workers
    if count < 1:
        raise UsageError(f"{count} workers: give at least 1")
    if budget_seconds <= 0:
        raise UsageError(f"a budget of {budget_seconds:g} s: give more than 0")
    if rounds < 1:
        raise UsageError(f"{rounds} rounds: give at least 1")
    if not executor.startswith("dask"):
        raise UsageError(f"advice is about Dask's chunks: {executor!r} is not a Dask executor")
    class_ = require(executor)
    if class_.max_workers is not None and count > class_.max_workers:
        raise UsageError(f"{executor} has {class_.max_workers} worker: give --workers 1")
    if "tasks" not in class_.ways:
        raise UsageError(f"{executor} runs no tasks of a graph: choose another executor")
    memory = machine.usable_memory_bytes()
    mine = described(work, shape, dtype, numpy, chunk, chunk_seconds, paths, memory)
    with opened(mine.loaded, executor, cores) as own:
        checks = check or check_all
        refused = mine.unchecked if checks else None
        found = timed(
            own,
            mine,
            count,
            budget_seconds,
            memory,
            checks and not refused,
            check_all,
            rounds,
        )
        advice = answered(mine, found, count, own.takes, here, executor)
    notes = [*advice.notes, *([refused] if refused else [])]
    if count > cores:
        notes.append(f"oversubscribed: {count} workers on {cores:g} usable cores")
    if class_.kind != "local threads" and not mine.by_hand:
        notes.append("what moves between processes is not in the forecast: see --check")
    return advice.model_copy(update={"notes": notes, "seconds_spent": monotonic() - began})
