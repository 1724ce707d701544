"""How well a job used what it was granted: figures and findings, as data."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from harness.core.records import Record
from harness.reading.ingest.accounting.job import Job, MemoryOf, State

WELL = 0.8
"""CPU efficiency from which a job is said to use its slots."""
ONE_CORE = 1.25
"""Up to so many cores at work, a job with several slots is said to have worked on one."""
CROWDED = 50.0
"""Involuntary switches per CPU second that tell of several threads on one core: Linux gives a
thread that shares its core a few milliseconds at a time, that is hundreds of switches a second,
and one that has its core for itself a few."""
NOTHING_BOOKED = 0.01
"""Below so many cores, a job that was ended from outside is said to have no CPU time booked."""
SHORT_SECONDS = 60.0
"""Elapsed time counts in whole seconds: below this, that alone is more than 1.5 %. A run as short
is no ground for advice on cores or memory: starting up weighs in it."""
TOO_SHORT_SECONDS = 10.0
"""Below this, whole seconds alone are more than 10 %, and nothing is said of how it used its
cores."""
MEMORY_LITTLE, MEMORY_TIGHT = 0.5, 0.9
SPARE_BYTES = 2.0**30
"""Less unused memory than this is not worth a remark."""
LEAST_ADVISED_BYTES = 2.0**29
"""No job is advised to ask for less than this: what Python needs to start with a few libraries is
near it, a batch system that looks now and then can have missed the rest, and less frees nothing."""
MARGIN = 1.2
"""Advice on memory is so many times the most that was seen."""


class Finding(StrEnum):
    """What can be told of a job from its figures; the report has the sentences."""

    USED_WELL = "used well"
    ONE_CORE_SHARED = "one core shared"
    ONE_CORE = "one core"
    FEW_CORES = "few cores"
    IDLE = "idle"
    CROWDED = "crowded"
    MORE_CORES = "more cores than granted"
    NOTHING_BOOKED = "no CPU booked"
    LOWER_BOUND = "CPU is a lower bound"
    SOME_NODES = "booked on some nodes"
    CPU_UNKNOWN = "CPU unknown"
    SLOTS_UNKNOWN = "slots unknown"
    SHORT = "short"
    TOO_SHORT = "too short"
    MEMORY_LITTLE = "memory mostly unused"
    MEMORY_TIGHT = "memory tight"
    MEMORY_ABOVE = "memory above request"
    OUT_OF_MEMORY = "out of memory"
    TIMEOUT = "timeout"
    AFTER_JOB = "ended by its client"
    OVER_LIMIT = "over a limit"
    KILLED = "killed"
    FAILED = "failed"
    NOT_ENDED = "not ended"
    LONG_WAIT = "long wait"
    SEVERAL_RECORDS = "several records"
    TRUNCATED = "truncated"


class Efficiency(Record):
    """A job with its figures; ``None`` where what they are made from is not known.

    Attributes
    ----------
    cpu_efficiency : float or None
        CPU seconds / (elapsed seconds x slots).
    cores_used : float or None
        CPU seconds / elapsed seconds.
    memory_efficiency : float or None
        Most memory in use / memory asked for.
    switches_per_cpu_second : float or None
    advised_memory_bytes : float or None
        What to ask for, for the whole job. ``None`` where the memory seen leaves a part of the job
        out, the job did not run to its end or for less than a minute, or where it is less than
        anyone should ask for.
    findings : tuple of Finding
        What matters first.
    """

    job: Job
    cpu_efficiency: float | None
    cores_used: float | None
    memory_efficiency: float | None
    switches_per_cpu_second: float | None
    advised_memory_bytes: float | None
    findings: tuple[Finding, ...]


def efficiency(job: Job) -> Efficiency:
    """Work out the figures of *job*, and the findings that they allow.

    Parameters
    ----------
    job : Job
        Of several records, their sum: see
        :func:`harness.reading.analysis.jobs.job_records.merged_records`.
    """
    cores = _ratio(job.cpu_seconds, job.elapsed_seconds)
    unbooked = cores == 0 or (
        job.cpu_is_lower_bound and cores is not None and cores < NOTHING_BOOKED
    )
    if unbooked:
        cores = None
    share = _ratio(cores, job.slots)
    memory = _ratio(job.max_memory_bytes, job.requested_memory_bytes)
    switches = _ratio(job.involuntary_switches, job.cpu_seconds)
    figures = Efficiency(
        job=job,
        cpu_efficiency=share,
        cores_used=cores,
        memory_efficiency=memory,
        switches_per_cpu_second=switches,
        advised_memory_bytes=_advised(job),
        findings=(),
    )
    findings = (*_cpu(figures, unbooked), *_memory(figures), *_end(job), *_record(job))
    return figures.model_copy(update={"findings": findings})


def _ratio(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else part / whole


def _advised(job: Job) -> float | None:
    used, asked = job.max_memory_bytes, job.requested_memory_bytes
    if used is None or not asked or job.memory_is_lower_bound or not _ran_to_its_end(job):
        return None
    if (job.elapsed_seconds or 0.0) < SHORT_SECONDS or MARGIN * used < LEAST_ADVISED_BYTES:
        return None
    # More than was asked for cannot be told from tasks that are taken to be as large as one.
    if job.memory_of is MemoryOf.TASKS_LIKE_LARGEST and used >= MEMORY_TIGHT * asked:
        return None
    return MARGIN * used


def _ran_to_its_end(job: Job) -> bool:
    """A job ended early may have needed more later. Dask ends its workers when all is done."""
    return job.state is State.COMPLETED or (
        _ended_by_client(job) and (job.name or "").startswith("dask-worker")
    )


def _ended_by_client(job: Job) -> bool:
    after = (job.failed or "").startswith("100") and job.exit_status == 137
    return job.state is State.KILLED and after


def _cpu(figures: Efficiency, unbooked: bool) -> Iterator[Finding]:
    job, cores, share = figures.job, figures.cores_used, figures.cpu_efficiency
    elapsed = job.elapsed_seconds or 0.0
    if job.state is State.PENDING:
        return
    if 0 < elapsed < TOO_SHORT_SECONDS and job.cpu_seconds is not None:
        yield Finding.TOO_SHORT
        return
    if unbooked:
        yield Finding.NOTHING_BOOKED
    elif cores is None:
        yield Finding.CPU_UNKNOWN
    elif job.slots is None or share is None:
        yield Finding.SLOTS_UNKNOWN
    else:
        crowded = (figures.switches_per_cpu_second or 0.0) >= CROWDED
        # Of a lower bound, only that it is high means something.
        if share >= WELL or not job.cpu_is_lower_bound:
            yield _use(job.slots, cores, share, crowded)
        if crowded and share >= WELL:
            yield Finding.CROWDED
    if job.nodes_booked is not None:
        yield from [] if unbooked else [Finding.SOME_NODES]
    elif job.cpu_is_lower_bound and cores is not None and job.state is not State.RUNNING:
        yield Finding.LOWER_BOUND
    if cores is not None and elapsed < SHORT_SECONDS:
        yield Finding.SHORT


def _use(slots: int, cores: float, share: float, crowded: bool) -> Finding:
    if share > 1.05:
        return Finding.MORE_CORES
    if share >= WELL:
        return Finding.USED_WELL
    if slots > 1 and 1 / ONE_CORE <= cores <= ONE_CORE:
        return Finding.ONE_CORE_SHARED if crowded else Finding.ONE_CORE
    return Finding.FEW_CORES if cores > ONE_CORE else Finding.IDLE


def _memory(figures: Efficiency) -> Iterator[Finding]:
    job, share = figures.job, figures.memory_efficiency
    most_at_most = job.memory_of is MemoryOf.TASKS_LIKE_LARGEST
    if job.state is State.OUT_OF_MEMORY:
        yield Finding.OUT_OF_MEMORY
    elif share is None:
        return
    elif share >= MEMORY_TIGHT:
        if not most_at_most:
            yield Finding.MEMORY_ABOVE if share > 1 else Finding.MEMORY_TIGHT
    elif (
        share < MEMORY_LITTLE
        and not job.memory_is_lower_bound
        and job.state not in (State.RUNNING, State.PENDING)
    ):
        unused = (job.requested_memory_bytes or 0.0) - (job.max_memory_bytes or 0.0)
        if unused >= SPARE_BYTES:
            yield Finding.MEMORY_LITTLE


def _end(job: Job) -> Iterator[Finding]:
    if job.state is State.TIMEOUT:
        yield Finding.TIMEOUT
    elif job.state is State.KILLED:
        over = "limit" in (job.failed or "").lower()
        yield (
            Finding.AFTER_JOB
            if _ended_by_client(job)
            else Finding.OVER_LIMIT
            if over
            else Finding.KILLED
        )
    elif job.state in (State.FAILED, State.NODE_FAILED):
        yield Finding.FAILED
    elif job.state in (State.RUNNING, State.PENDING):
        yield Finding.NOT_ENDED
    wait, elapsed = job.wait_seconds, job.elapsed_seconds
    if wait is not None and elapsed and wait > max(elapsed, SHORT_SECONDS):
        yield Finding.LONG_WAIT


def _record(job: Job) -> Iterator[Finding]:
    if job.attempts > 1:
        yield Finding.SEVERAL_RECORDS
    if job.truncated:
        yield Finding.TRUNCATED
