"""What a run of the exercise was to measure, and how to go on with one that was cut short."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from harness.core.errors import InputError
from harness.core.records import End, RunInfo

SUITE, PROFILE, EXECUTOR, RESULTS = "settle", "exercise", "dask-threads", Path("results")
"""What ``chunkbench settle`` takes where nothing else is said."""

MANY, FEW = 1_000, 100_000
"""Chunks of the exercise's first two examples."""

WORKLOAD, AS_WRITTEN = "random-sum", "random-sum-as-written"


class Asked(NamedTuple):
    """The question of one run; ``None`` where neither its first line nor a row of it tells."""

    executor: str | None
    workers: int | None
    size: int | None


def question(executor: str, workers: int, size: int) -> dict[str, object]:
    """What the first line of a run keeps of its question, so that it can be answered when not a
    single case of it was measured; :func:`asked` reads it."""
    return {"question": Asked(executor, workers, size)._asdict()}


def asked(info: RunInfo, cases: pd.DataFrame) -> Asked:
    """The question of a run: from its first line, else from the rows that there are.

    Parameters
    ----------
    info : RunInfo
        Its first line.
    cases : DataFrame
        Its rows of the table ``cases``.

    Raises
    ------
    InputError
        Where the run is not one of the exercise.
    """
    known = info.plan.get("question")
    if isinstance(known, Mapping) and set(known) >= set(Asked._fields):
        return Asked(**{name: known[name] for name in Asked._fields})
    dask = cases[cases["workload"].eq(WORKLOAD) & cases["executor"].str.startswith("dask")]
    if dask.empty and info.suite != SUITE:
        raise InputError(f"run {info.run} is not a run of the exercise: use chunkbench settle")
    executor = None if dask.empty else str(dask["executor"].iloc[0])
    workers = None if dask.empty else int(dask["workers"].iloc[0])
    size = None if cases.empty else int(cases["size"].iloc[0])
    return Asked(executor, workers, size)


def command_to_go_on(
    asked: Asked, info: RunInfo, *, results: Path = RESULTS, machine: str | None = None
) -> str:
    """The command that goes on with this run, with every option that it needs.

    Parameters
    ----------
    asked : Asked
    info : RunInfo
        The first line of the run.
    results : Path
        The folder of results that it is in.
    machine : str, optional
        The name that was given to the machine, where one was.
    """
    cores = info.machine.cores_usable
    of_all_cores = cores is not None and asked.workers == max(1, math.floor(cores))
    options: dict[str, Any] = {
        "executor": None if asked.executor == EXECUTOR else asked.executor,
        "workers": None if of_all_cores else asked.workers,
        "profile": None if info.profile == PROFILE else info.profile,
        "results": None if results == RESULTS else results,
        "machine": machine,
    }
    given = (f"--{name} {shlex.quote(str(value))}" for name, value in options.items() if value)
    return " ".join(["chunkbench settle --resume", *given])


def cut_short(end: End | None, *, running: bool) -> str | None:
    """Why a run does not have all that it was to measure; ``None`` where it came to its end.

    Parameters
    ----------
    end : End or None
        The last line of its journal.
    running : bool
        Whether it is known to be measuring now.
    """
    if running:
        return "its turn has not come yet"
    if end is None:
        return "the run was stopped before it, or still goes on"
    if end.status == "complete":
        return None
    return f"the {'time' if end.status == 'out of budget' else 'run'} ended before it"
