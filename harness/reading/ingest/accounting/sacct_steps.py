"""What the steps of a Slurm job say of its memory, and of the nodes on which it was booked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from harness.reading.ingest.accounting import values
from harness.reading.ingest.accounting.fields import Fields
from harness.reading.ingest.accounting.job import MemoryOf

_T = TypeVar("_T")
_TRES = re.compile(r"([^=,]+)=([^,]+)")
_ON_THEIR_OWN = ("batch", "extern", "interactive")
_TOGETHER = 1.05  # elapsed times are rounded to seconds
_NOT_WORTH = 0.01


class Memory(NamedTuple):
    """The most memory seen of a job in bytes, what it is of, and what to know of it."""

    size: float | None
    of: MemoryOf
    notes: tuple[str, ...] = ()


def memory(
    rows: Sequence[Fields], nodes: int | None, slots: int | None, elapsed: float | None
) -> Memory:
    """Find the most memory of any step, and say what it is of.

    ``MaxRSS`` is that of the largest task. ``TRESUsageInTot`` has the sum over tasks; where it is
    missing, ``MaxRSS`` times ``NTasks`` stands in, as in seff; and where that is missing too, only
    the largest task is known.

    Parameters
    ----------
    rows : sequence of Fields
        Of the job and its steps.
    nodes, slots, elapsed : int, int and float, or None
        Of the job.
    """
    most, notes = Memory(None, MemoryOf.JOB), []
    for row in rows:
        found = _of_row(row, nodes, slots)
        # 0 is booked for steps that ended before they were looked at.
        if found.size and (most.size is None or found.size > most.size):
            most = found
    if most.size is None:
        return most
    if most.of is MemoryOf.LARGEST_TASK:
        notes.append(
            "its memory is that of its largest task, since the listing does not say how many tasks "
            "ran at a time: list it again with NTasks and TRESUsageInTot"
        )
    elif _side_by_side(rows, elapsed):
        most = most._replace(of=MemoryOf.LARGEST_STEP)
        notes.append("its steps ran side by side: its memory is that of the largest alone")
    booked = nodes_booked(rows, nodes)
    if booked and nodes and booked < nodes:
        most = most._replace(of=MemoryOf.SOME_NODES)
    return most._replace(notes=tuple(notes))


def _of_row(row: Fields, nodes: int | None, slots: int | None) -> Memory:
    largest, tasks = row.size("MaxRSS"), row.positive("NTasks")
    in_all = tres(row, "TRESUsageInTot", "mem", values.size)
    alone = tasks is None and ((nodes == 1 and _step(row) in _ON_THEIR_OWN) or slots == 1)
    if tasks == 1 or alone:
        return Memory(largest or in_all, MemoryOf.JOB)
    if in_all:
        return Memory(in_all, MemoryOf.TASKS)
    if largest is None or tasks is None:
        return Memory(largest, MemoryOf.LARGEST_TASK)
    return Memory(largest * tasks, MemoryOf.TASKS_LIKE_LARGEST)


def _step(row: Fields) -> str:
    """The name of a step, also where it was cut off: ``batch`` of ``123.bat+``; empty if none."""
    _, dot, name = (row.texts.get("JobID") or row.texts.get("JobIDRaw") or (0, ""))[1].partition(
        "."
    )
    start = name.strip().rstrip("+")
    if not dot or not start:
        return ""
    return next((known for known in _ON_THEIR_OWN if known.startswith(start)), start)


def _side_by_side(rows: Sequence[Fields], elapsed: float | None) -> bool:
    """Whether steps of srun lasted longer together than the job: some must have run at once."""
    lasted = [
        seconds
        for row in rows
        if _step(row) not in ("", *_ON_THEIR_OWN)
        if (seconds := row.seconds("ElapsedRaw", "Elapsed")) is not None
    ]
    return (
        elapsed is not None and len(lasted) > 1 and sum(lasted) > _TOGETHER * elapsed + len(lasted)
    )


def nodes_booked(rows: Sequence[Fields], nodes: int | None) -> int | None:
    """On how many of its *nodes* the steps of a job were booked; ``None`` where they do not say.

    The step ``batch`` runs on the first node alone. ``extern`` counts where it has CPU time: what
    came to the nodes by ssh is booked there.
    """
    if nodes is None or nodes < 2:
        return None
    steps = [row for row in rows if _step(row)]
    cpu = max((row.seconds("TotalCPU") or 0.0 for row in rows), default=0.0)
    known = []
    for row in steps:
        name, many = _step(row), row.positive("AllocNodes", "NNodes")
        if many is None and (row.positive("NTasks") or 0) >= nodes:
            many = nodes  # srun gives each node a task before it gives one a second
        if name == "extern" and (row.seconds("TotalCPU") or 0.0) <= _NOT_WORTH * cpu:
            continue
        known.append(1 if name == "batch" else many)
    if not known or None in known:
        return None
    return max(many for many in known if many is not None)


def tres(row: Fields, name: str, kind: str, parse: Callable[[str], _T]) -> _T | None:
    """The amount of one *kind* in a text like ``cpu=8,mem=4G,node=1``; ``None`` for none of it."""
    amounts = dict(_TRES.findall(row.text(name) or ""))
    return row.parsed(name, amounts[kind], parse) or None if kind in amounts else None
