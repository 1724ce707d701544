"""Make jobs of the rows of ``sacct``, however they were printed.

The row of a job already is the sum of its steps, so that CPU time is taken from it alone. Memory
is booked for the steps only: the most of any step is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.reading.ingest.accounting import values
from harness.reading.ingest.accounting.fields import Fields, between, date
from harness.reading.ingest.accounting.job import (
    PARTLY_BOOKED,
    Job,
    ListingKind,
    State,
    bounded,
)
from harness.reading.ingest.accounting.sacct_steps import memory, nodes_booked, tres

_REQUESTED = re.compile(r"(.*?)([cn]?)", re.IGNORECASE | re.DOTALL)
_LAST_SIGNAL = 64
STATES = {
    "BOOT_FAIL": State.NODE_FAILED,
    "CANCELLED": State.CANCELLED,
    "COMPLETED": State.COMPLETED,
    "COMPLETING": State.RUNNING,
    "CONFIGURING": State.PENDING,
    "DEADLINE": State.TIMEOUT,
    "FAILED": State.FAILED,
    "NODE_FAIL": State.NODE_FAILED,
    "OUT_OF_MEMORY": State.OUT_OF_MEMORY,
    "PENDING": State.PENDING,
    "PREEMPTED": State.CANCELLED,
    "REQUEUED": State.REQUEUED,
    "RESIZING": State.RUNNING,
    "REVOKED": State.CANCELLED,
    "RUNNING": State.RUNNING,
    "SUSPENDED": State.RUNNING,
    "TIMEOUT": State.TIMEOUT,
}


@dataclass
class _Gathered:
    job: Fields | None
    steps: list[Fields] = field(default_factory=list)


def jobs(rows: Iterable[Fields], source: ListingKind) -> list[Job]:
    """Make one job of each row of a job and the rows of its steps; number the runs of a requeued
    one.

    Parameters
    ----------
    rows : iterable of Fields
        In the order of the listing.
    source : ListingKind

    Raises
    ------
    InputError
        Where a value cannot be read.
    """
    gathered: list[tuple[str, _Gathered]] = []
    latest: dict[str, _Gathered] = {}
    shortened: dict[str, int] = {}
    for row in rows:
        full = row.text("JobID", "JobIDRaw") or ""
        cut = "JobID" in row.cut
        full = full or row.texts["JobID"][1].strip()
        job_id, dot, _ = full.partition(".")
        if cut and not dot and job_id in latest:
            # A job or a step of it: a shortened id does not say, so that it is not added up.
            shortened[job_id] = shortened.get(job_id, 0) + 1
        elif not dot or job_id not in latest:
            latest[job_id] = _Gathered(None, [row]) if dot else _Gathered(row)
            gathered.append((job_id, latest[job_id]))
        else:
            latest[job_id].steps.append(row)
    attempts: dict[str, int] = {}
    for job_id, _ in gathered:
        attempts[job_id] = attempts.get(job_id, 0) + 1
    seen: dict[str, int] = {}
    counted = []
    for job_id, parts in gathered:
        seen[job_id] = seen.get(job_id, 0) + 1
        job = _job(job_id, parts, source)
        notes = list(job.notes)
        if job_id in shortened:
            notes.append(f"further rows with this shortened id were not read: {shortened[job_id]}")
        update = {"attempt": seen[job_id], "attempts": attempts[job_id], "notes": tuple(notes)}
        counted.append(job.model_copy(update=update))
    return counted


def _job(job_id: str, parts: _Gathered, source: ListingKind) -> Job:
    main = parts.job or parts.steps[0]
    rows = [main, *parts.steps] if parts.job else parts.steps
    state = _state(main, parts)
    notes = [] if parts.job else ["the row of the job is missing: its steps are added up"]
    elapsed = None if state is State.PENDING else _elapsed(main, parts)
    nodes = main.positive("AllocNodes", "NNodes") or tres(main, "AllocTRES", "node", values.count)
    slots = _slots(main, elapsed)
    booked = nodes_booked(rows, nodes)
    seen = memory(rows, nodes, slots, elapsed)
    each, per = _requested(main)
    submitted, start = main.moment("Submit"), main.moment("Start")
    job = Job(
        job_id=job_id,
        source=source,
        file=main.file,
        line=main.line,
        name=main.text("JobName"),
        state=state,
        slots=slots,
        nodes=nodes,
        nodes_booked=booked if booked and nodes and booked < nodes else None,
        started=date(start),
        elapsed_seconds=elapsed,
        wait_seconds=between(submitted, start),
        requested_seconds=main.seconds("Timelimit"),
        cpu_seconds=_cpu(parts),
        cpu_is_lower_bound=state in PARTLY_BOOKED,
        max_memory_bytes=seen.size,
        memory_of=seen.of,
        requested_memory_bytes=_whole_request(each, per, slots, nodes),
        requested_each_bytes=each,
        requested_per=per,
        exit_status=_exit(main),
        truncated=tuple(sorted({name for row in rows for name in row.cut})),
        notes=(*notes, *seen.notes),
    )
    # Where the steps were booked on all nodes, nothing is to be guessed.
    return job if booked and job.nodes_booked is None else bounded(job)


def _state(main: Fields, parts: _Gathered) -> State:
    """As the job's row says; where it only says that it failed, a step may say why."""
    state = state_of(main)
    if state is State.FAILED and State.OUT_OF_MEMORY in map(state_of, parts.steps):
        return State.OUT_OF_MEMORY
    return state


def _slots(main: Fields, elapsed: float | None) -> int | None:
    granted = main.positive("AllocCPUS", "NCPUS") or tres(main, "AllocTRES", "cpu", values.count)
    core_seconds = main.seconds("CPUTimeRAW", "CPUTime")
    if granted is None and core_seconds and elapsed and core_seconds % elapsed == 0:
        return int(core_seconds / elapsed)  # the time of all cores, busy or not
    return granted


def state_of(fields: Fields) -> State:
    """The state in one word: ``CANCELLED by 1001``, ``OUT_OF_ME+`` and ``OUT_OF_ME`` are known."""
    text = fields.text("State") or (fields.texts.get("State", (0, ""))[1])
    word = text.split()[0].rstrip("+").upper() if text.split() else ""
    if word in STATES:
        return STATES[word]
    states = {state for name, state in STATES.items() if len(word) > 1 and name.startswith(word)}
    return states.pop() if len(states) == 1 else State.UNKNOWN


def _elapsed(main: Fields, parts: _Gathered) -> float | None:
    if parts.job is not None:
        counted = main.seconds("ElapsedRaw", "Elapsed")
        return between(main.moment("Start"), main.moment("End")) if counted is None else counted
    known = [step.seconds("ElapsedRaw", "Elapsed") for step in parts.steps]
    return max((value for value in known if value is not None), default=None)


def _cpu(parts: _Gathered) -> float | None:
    if parts.job is not None:
        return _row_cpu(parts.job)
    known = [_row_cpu(step) for step in parts.steps]
    sure = [value for value in known if value is not None]
    return sum(sure) if len(sure) == len(known) else None


def _row_cpu(row: Fields) -> float | None:
    total = row.seconds("TotalCPU")
    if total is not None:
        return total
    user, system = row.seconds("UserCPU"), row.seconds("SystemCPU")
    return None if user is None or system is None else user + system


def _requested(row: Fields) -> tuple[float | None, str | None]:
    """``4000Mc`` is per core, ``10000Mn`` per node, and ``32G`` (since Slurm 21.08) for the job."""
    text = row.text("ReqMem")
    if text is None:
        allocated = tres(row, "AllocTRES", "mem", values.size) or tres(
            row, "ReqTRES", "mem", values.size
        )
        return allocated or None, "job" if allocated else None
    match = _REQUESTED.fullmatch(text)
    amount, suffix = (match[1], match[2].lower()) if match else (text, "")
    size = row.parsed("ReqMem", amount, values.size)
    # 0 asks for all memory of a node, which sacct does not say.
    return size or None, {"c": "slot", "n": "node", "": "job"}[suffix] if size else None


def _whole_request(
    each: float | None, per: str | None, slots: int | None, nodes: int | None
) -> float | None:
    times = {"slot": slots, "node": nodes, "job": 1, None: None}[per]
    return None if each is None or times is None else each * times


def _exit(row: Fields) -> int | None:
    """The status of ``status:signal``, or 128 + signal as a shell says it."""
    text = row.text("ExitCode")
    if text is None:
        return None
    status, _, signal = text.partition(":")
    ended_by = row.parsed("ExitCode", signal, values.count) if signal else 0
    if ended_by > _LAST_SIGNAL:  # 0:125 stands for lack of memory
        return None
    return 128 + ended_by if ended_by else row.parsed("ExitCode", status, values.count)
