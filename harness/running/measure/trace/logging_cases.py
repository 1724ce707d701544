"""Log cases with eliot: an engine for each set-up, after the sweep that measured them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from harness.core.errors import CaseFailedError
from harness.core.records import Case, SetUp
from harness.running.executors import lookup
from harness.running.host import job_memory
from harness.running.host.machine import usable_cores
from harness.running.measure.environment.homes import homes_of
from harness.running.measure.process.block_context import CeilingEffort
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.process.station import ProcessStation
from harness.running.measure.sweep.ports import Progress
from harness.running.measure.trace.logged_rounds import LoggedCase, logged_case
from harness.running.measure.trace.one_engine import engine_up
from harness.running.workloads import make_workload
from harness.running.workloads.startup import STARTUP

ROUNDS = 8
"""Pairs of each case: enough for an interval that one slow call does not reach."""
NO_CEILINGS = CeilingEffort(start_ups=0, samples=0)
LATE = "no time was left"


class NotLogged(NamedTuple):
    """A case that is not logged, and why."""

    case: Case
    reason: str


def unlogged(case: Case) -> str | None:
    """Why the tasks of *case* cannot be logged; ``None`` where they can."""
    if case.workload == STARTUP:
        return "a start-up has no tasks"
    if make_workload(case.workload, case.size).way == "frame":
        return "a query of a frame has tasks of the engine's own"
    return lookup(case.executor).unlogged()


def log_cases(
    cases: Sequence[Case],
    tell: Callable[[LoggedCase | NotLogged], None],
    *,
    seconds: float | None = None,
    rounds: int = ROUNDS,
    report: Callable[[Progress], None] = lambda progress: None,
) -> None:
    """Log those of *cases* that can be.

    Parameters
    ----------
    cases : sequence of Case
    tell : callable
        Given each of them once, as soon as it is known what became of it.
    seconds : float, optional
        After so long no further case is begun.
    rounds : int
        Pairs of each case.
    report : callable
        Told of progress.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, SIGTERM or SIGHUP.
    """
    together: dict[SetUp, list[Case]] = {}
    for case in cases:
        if reason := unlogged(case):
            tell(NotLogged(case, reason))
        else:
            together.setdefault(case.group.set_up, []).append(case)
    until = math.inf if seconds is None else monotonic() + seconds
    cores, memory = usable_cores().number, job_memory.usable_memory_bytes()
    planned, done = sum(map(len, together.values())), 0
    for alike in together.values():
        left, why = list(alike), LATE
        try:
            if monotonic() < until:
                where = homes_of([alike[0].executor])
                engine = engine_up(alike, "eliot", cores, memory, where, NO_CEILINGS)
                with engine as (station, scratch):
                    while left and monotonic() < until:
                        at = done + len(alike) - len(left)
                        report(Progress(rounds * at, rounds * planned, left[0].label))
                        tell(_of_one(station, left[0], scratch, rounds))
                        del left[0]
        except CaseError as error:
            why = f"{error.status}: {error}"
        for case in left:
            tell(NotLogged(case, why))
        done += len(alike)


def _of_one(
    station: ProcessStation, case: Case, scratch: Path, rounds: int
) -> LoggedCase | NotLogged:
    """What became of *case*.

    Raises
    ------
    CaseError
        Where the engine is gone.
    """
    folder = scratch / "eliot"
    folder.mkdir(exist_ok=True)
    try:
        return logged_case(station, case, folder, random.Random(), rounds)
    except CaseError as error:
        if error.dead:
            raise
        return NotLogged(case, f"{error.status}: {error}")
    except CaseFailedError as error:
        return NotLogged(case, str(error))
