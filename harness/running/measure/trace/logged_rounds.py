"""Rounds of a call whose tasks are logged with eliot beside one whose tasks are not, on an open
station."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any, NamedTuple

from harness.core.errors import CaseFailedError
from harness.core.records import Case
from harness.running.measure.trace.traced_rounds import (
    FIRST_SEED,
    LIMIT_SECONDS,
    CalledStation,
    checked_reply,
    named_case,
    plain_call,
)
from harness.running.plan.case_name import format_case

MOST_TASKS = 10_000
"""Of a case that is logged: each takes about 400 bytes of the log."""


class LoggedCase(NamedTuple):
    """What the log of a case costs, and one call's part of it.

    Attributes
    ----------
    case : Case
    tasks : int
        That the log of one call has.
    logged, unlogged : list of float
        A call with the log, and the one beside it, in s, a round an item.
    lines : list of bytes
        The log of the first round, each line with its end, in the order of time.
    """

    case: Case
    tasks: int
    logged: list[float]
    unlogged: list[float]
    lines: list[bytes]


def logged_case(
    station: CalledStation, case: Case, folder: Path, chance: random.Random, rounds: int
) -> LoggedCase:
    """Log *case* on an open *station*, in *rounds* pairs of random order.

    Parameters
    ----------
    station : CalledStation
    case : Case
    folder : Path
        Where the processes of the engine write.
    chance : Random
    rounds : int
        At least 1.

    Raises
    ------
    CaseError, CaseFailedError
        Where it does not work, has too many tasks, or its log lacks some.
    """
    station.warm(case, None)
    if (n_tasks := station.n_tasks(case)) > MOST_TASKS:
        raise CaseFailedError(f"{n_tasks} tasks a call, and {MOST_TASKS} at most are logged")
    _logged_call(station, case, FIRST_SEED, folder)  # imports eliot wherever a task runs
    logged, unlogged, kept = [], [], _Logged(0.0, 0, [])
    for number in range(rounds):
        order = ["logged", "unlogged"]
        chance.shuffle(order)
        for place, which in enumerate(order):
            station.settle()
            seed = 2 * number + place
            if which == "unlogged":
                unlogged.append(float(plain_call(station, case, seed)["seconds"]))
                continue
            call = _logged_call(station, case, seed, folder)
            logged.append(call.seconds)
            kept = kept if number else call
    return LoggedCase(case, kept.tasks, logged, unlogged, kept.lines)


class _Logged(NamedTuple):
    seconds: float
    tasks: int
    lines: list[bytes]


def _logged_call(station: CalledStation, case: Case, seed: int, folder: Path) -> _Logged:
    """One call that is logged.

    Raises
    ------
    CaseFailedError
        Where its answer is wrong, or its log has another number of tasks than it has.
    """
    fields = {"case": format_case(case), "seed": seed}
    reply = checked_reply(
        station.engine.ask(
            "log", LIMIT_SECONDS, **named_case(case), seed=seed, folder=str(folder), fields=fields
        )
    )
    messages = taken(folder)
    begun = sum(is_start_of_task(message) for message, _ in messages)
    if begun != reply["tasks"]:
        raise CaseFailedError(f"{begun} of {reply['tasks']} tasks are in its log")
    return _Logged(float(reply["seconds"]), begun, [line for _, line in messages])


def is_start_of_task(message: dict[str, Any]) -> bool:
    """Whether *message* of a log says that a task of Dask's began."""
    return (message.get("action_type"), message.get("action_status")) == ("dask:task", "started")


def taken(folder: Path) -> list[tuple[dict[str, Any], bytes]]:
    """The messages in *folder*, in the order of time, each with the line that it is; the files are
    emptied."""
    lines: list[bytes] = []
    for file in sorted(folder.iterdir()):
        lines += file.read_bytes().splitlines(keepends=True)
        os.truncate(file, 0)  # a worker has it open
    return sorted(
        ((json.loads(line), line) for line in lines), key=lambda each: each[0]["timestamp"]
    )
