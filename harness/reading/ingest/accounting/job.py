"""What a batch system booked for one job, whatever listing it was read from."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from harness.core.records import Record

Amount = Annotated[float, Field(ge=0)]
Whole = Annotated[int, Field(ge=1)]


class ListingKind(StrEnum):
    """The kinds of listings that can be read, as ``--source`` names them."""

    QACCT = "qacct"
    SACCT_PARSABLE = "sacct-parsable"
    SACCT_JSON = "sacct-json"
    SACCT_PADDED = "sacct-padded"
    SEFF = "seff"
    PBS = "pbs"
    LSF = "lsf"


class State(StrEnum):
    """How a job ended, in one word for all batch systems."""

    COMPLETED = "completed"
    FAILED = "failed"
    KILLED = "killed"
    CANCELLED = "cancelled"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out of memory"
    REQUEUED = "requeued"
    NODE_FAILED = "node failed"
    RUNNING = "running"
    PENDING = "pending"
    UNKNOWN = "unknown"


class Job(Record):
    """One run of one job (or of one task of an array). Absent is ``None``, never 0.

    Attributes
    ----------
    job_id : str
        As its batch system writes it, with the array task: ``3526684.7``, ``1234_7``.
    file, line : str, int
        Where its record starts.
    slots : int or None
        Cores (hardware threads where the batch system counts those) granted.
    started : str or None
        When it started, by the cluster's own clock and in its zone: ``2026-11-25T08:15:00``.
    elapsed_seconds, wait_seconds, cpu_seconds : float or None
        From start to end, from submission to start, and used by all processes together.
    cpu_is_lower_bound : bool
        The batch system may not have booked all CPU time, as the job was killed or still runs.
    max_memory_bytes : float or None
        The most memory in use, of the part named by ``memory_of``; a booked 0 means that it was
        never looked at, and is ``None``.
    memory_of : str
        ``job``; ``tasks`` (the peaks of its tasks added up: an upper bound); ``largest task`` (of
        several: a lower bound).
    requested_memory_bytes : float or None
        For the whole job; asked for as ``requested_each_bytes`` per ``requested_per`` (``slot``,
        ``node`` or ``job``).
    involuntary_switches : int or None
        Times that a thread was taken off its core while it could have gone on.
    failed : str or None
        The batch system's own remark on a failure, as it stands there.
    attempt, attempts : int
        Which run of a job that has several records under one id.
    truncated : tuple of str
        Columns that the listing cut off, so that their values are unknown.
    notes : tuple of str
        What else has to be known to read the figures.
    """

    job_id: str
    source: ListingKind
    file: str
    line: Whole
    name: str | None = None
    state: State = State.UNKNOWN
    slots: Whole | None = None
    nodes: Whole | None = None
    started: str | None = None
    elapsed_seconds: Amount | None = None
    wait_seconds: Amount | None = None
    cpu_seconds: Amount | None = None
    cpu_is_lower_bound: bool = False
    max_memory_bytes: Amount | None = None
    memory_of: str = "job"
    requested_memory_bytes: Amount | None = None
    requested_each_bytes: Amount | None = None
    requested_per: str | None = None
    involuntary_switches: Annotated[int, Field(ge=0)] | None = None
    exit_status: int | None = None
    failed: str | None = None
    attempt: Whole = 1
    attempts: Whole = 1
    truncated: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def numbered(jobs: Iterable[Job]) -> list[Job]:
    """Number the records of each id: which run of how many each is. Records keep their order
    within an id."""
    of_id: dict[str, list[Job]] = {}
    for job in jobs:
        of_id.setdefault(job.job_id, []).append(job)
    return [
        job.model_copy(update={"attempt": attempt, "attempts": len(runs)})
        for runs in of_id.values()
        for attempt, job in enumerate(runs, start=1)
    ]
