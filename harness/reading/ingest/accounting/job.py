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


PARTLY_BOOKED = frozenset(
    {State.KILLED, State.CANCELLED, State.TIMEOUT, State.OUT_OF_MEMORY, State.REQUEUED}
    | {State.NODE_FAILED, State.RUNNING}
)
"""After these ends CPU time may be missing: processes that a signal ended are not always waited
for, and then no batch system books what they used."""

SLURM = frozenset(
    {ListingKind.SACCT_PARSABLE, ListingKind.SACCT_JSON, ListingKind.SACCT_PADDED, ListingKind.SEFF}
)

_OF_ONE_NODE = 1.02  # elapsed time is rounded to seconds


class MemoryOf(StrEnum):
    """What the booked memory is of: the whole job, or a part of it.

    ``TASKS`` adds up the peaks of all tasks; ``TASKS_LIKE_LARGEST`` is the largest task times their
    number, more than was used where they differ. The last three leave a part out.
    """

    JOB = "job"
    TASKS = "tasks"
    TASKS_LIKE_LARGEST = "tasks like the largest"
    LARGEST_TASK = "largest task"
    LARGEST_STEP = "largest step"
    SOME_NODES = "some nodes"


PARTS = frozenset({MemoryOf.LARGEST_TASK, MemoryOf.LARGEST_STEP, MemoryOf.SOME_NODES})
ESTIMATED = frozenset({MemoryOf.TASKS_LIKE_LARGEST})


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
    nodes, nodes_booked : int or None
        Nodes granted; and how many at most of them can have been booked, where it is fewer.
    elapsed_seconds, wait_seconds, cpu_seconds : float or None
        From start to end, from submission to start, and used by all processes together.
    requested_seconds : float or None
        The time limit that was asked for.
    cpu_is_lower_bound : bool
        The batch system may not have booked all CPU time: the job was killed, still runs, or was
        booked on some of its nodes only.
    max_memory_bytes : float or None
        The most memory that was seen in use, of the part named by ``memory_of``; batch systems look
        now and then, so that more may have been in use. A booked 0 means that it was never looked
        at, and is ``None``.
    memory_of : MemoryOf
    requested_memory_bytes : float or None
        For the whole job; asked for as ``requested_each_bytes`` per ``requested_per`` (``slot``,
        ``node`` or ``job``).
    involuntary_switches : int or None
        Times that a thread was taken off its core while it could have gone on.
    failed : str or None
        The batch system's own remark on why it ended the job, as it stands there.
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
    nodes_booked: Whole | None = None
    started: str | None = None
    elapsed_seconds: Amount | None = None
    wait_seconds: Amount | None = None
    requested_seconds: Amount | None = None
    cpu_seconds: Amount | None = None
    cpu_is_lower_bound: bool = False
    max_memory_bytes: Amount | None = None
    memory_of: MemoryOf = MemoryOf.JOB
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

    @property
    def memory_is_lower_bound(self) -> bool:
        """Whether a part of the job is missing in its memory."""
        return self.memory_of in PARTS


def bounded(job: Job) -> Job:
    """Mark the figures of *job* as lower bounds where they may leave nodes out.

    A job of several nodes with no more CPU time than one of them can give was either idle on the
    others or not booked there, as happens to processes that the batch system did not start.
    """
    booked = job.nodes_booked or _booked_nodes(job)
    return job.model_copy(
        update={
            "nodes_booked": booked,
            "cpu_is_lower_bound": job.cpu_is_lower_bound or booked is not None,
            "memory_of": MemoryOf.SOME_NODES if booked else job.memory_of,
        }
    )


def _booked_nodes(job: Job) -> int | None:
    cpu, elapsed, slots, nodes = job.cpu_seconds, job.elapsed_seconds, job.slots, job.nodes
    if not cpu or not elapsed or not slots or not nodes or nodes < 2:
        return None
    return 1 if cpu <= _OF_ONE_NODE * elapsed * slots / nodes else None


def killed_at_limit(state: State, elapsed: float | None, limit: float | None) -> State:
    """``TIMEOUT`` for a job that was killed when its time limit was over, else *state*."""
    at_limit = elapsed is not None and limit and elapsed >= limit - 1
    return State.TIMEOUT if state is State.KILLED and at_limit else state


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
