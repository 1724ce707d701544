"""How well a job used what it was granted: figures and findings, as data."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from harness.core.records import Record
from harness.reading.ingest.accounting.job import Job, State

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
"""Elapsed time counts in whole seconds: below this, that alone is more than 1.5 %."""
MEMORY_LITTLE, MEMORY_TIGHT = 0.5, 0.9
SPARE_BYTES = 2.0**30
"""Less unused memory than this is not worth a remark."""


class Finding(StrEnum):
    """What the figures of a job say; ``report/words/job_words.py`` has the sentences."""

    USED_WELL = "used well"
    ONE_CORE_SHARED = "one core shared"
    ONE_CORE = "one core"
    FEW_CORES = "few cores"
    IDLE = "idle"
    CROWDED = "crowded"
    MORE_CORES = "more cores than granted"
    NOTHING_BOOKED = "no CPU booked"
    LOWER_BOUND = "CPU is a lower bound"
    CPU_UNKNOWN = "CPU unknown"
    SLOTS_UNKNOWN = "slots unknown"
    SHORT = "short"
    MEMORY_LITTLE = "memory mostly unused"
    MEMORY_TIGHT = "memory tight"
    MEMORY_ABOVE = "memory above request"
    OUT_OF_MEMORY = "out of memory"
    TIMEOUT = "timeout"
    AFTER_JOB = "ended by its client"
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
    findings : tuple of Finding
        What matters first.
    """

    job: Job
    cpu_efficiency: float | None
    cores_used: float | None
    memory_efficiency: float | None
    switches_per_cpu_second: float | None
    findings: tuple[Finding, ...]


def efficiency(job: Job) -> Efficiency:
    """The figures of *job*, and what they say."""
    cores = _ratio(job.cpu_seconds, job.elapsed_seconds)
    unbooked = cores == 0 or (
        job.cpu_is_lower_bound and cores is not None and cores < NOTHING_BOOKED
    )
    if unbooked:
        cores = None
    share = _ratio(cores, job.slots)
    memory = _ratio(job.max_memory_bytes, job.requested_memory_bytes)
    switches = _ratio(job.involuntary_switches, job.cpu_seconds)
    found = Efficiency(
        job=job,
        cpu_efficiency=share,
        cores_used=cores,
        memory_efficiency=memory,
        switches_per_cpu_second=switches,
        findings=(),
    )
    findings = (*_cpu(found, unbooked), *_memory(found), *_end(job), *_record(job))
    return found.model_copy(update={"findings": findings})


def _ratio(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else part / whole


def _cpu(found: Efficiency, unbooked: bool) -> Iterator[Finding]:
    job, cores, share = found.job, found.cores_used, found.cpu_efficiency
    if unbooked:
        yield Finding.NOTHING_BOOKED
    elif job.state is State.PENDING or cores is None:
        yield from [] if job.state is State.PENDING else [Finding.CPU_UNKNOWN]
    elif job.slots is None or share is None:
        yield Finding.SLOTS_UNKNOWN
    else:
        crowded = (found.switches_per_cpu_second or 0.0) >= CROWDED
        # Of a lower bound, only that it is high means something.
        if share >= WELL or not job.cpu_is_lower_bound:
            yield _use(job.slots, cores, share, crowded)
        if crowded and share >= WELL:
            yield Finding.CROWDED
    if job.cpu_is_lower_bound and cores is not None and job.state is not State.RUNNING:
        yield Finding.LOWER_BOUND
    if cores is not None and (job.elapsed_seconds or 0.0) < SHORT_SECONDS:
        yield Finding.SHORT


def _use(slots: int, cores: float, share: float, crowded: bool) -> Finding:
    if share > 1.05:
        return Finding.MORE_CORES
    if share >= WELL:
        return Finding.USED_WELL
    if slots > 1 and 1 / ONE_CORE <= cores <= ONE_CORE:
        return Finding.ONE_CORE_SHARED if crowded else Finding.ONE_CORE
    return Finding.FEW_CORES if cores > ONE_CORE else Finding.IDLE


def _memory(found: Efficiency) -> Iterator[Finding]:
    share, of = found.memory_efficiency, found.job.memory_of
    if found.job.state is State.OUT_OF_MEMORY:
        yield Finding.OUT_OF_MEMORY
    elif share is None:
        return
    elif share > 1:
        yield Finding.MEMORY_ABOVE
    elif share >= MEMORY_TIGHT:
        yield Finding.MEMORY_TIGHT
    elif share < MEMORY_LITTLE and of != "largest task" and found.job.state is not State.RUNNING:
        unused = (found.job.requested_memory_bytes or 0.0) - (found.job.max_memory_bytes or 0.0)
        if unused >= SPARE_BYTES:
            yield Finding.MEMORY_LITTLE


def _end(job: Job) -> Iterator[Finding]:
    if job.state is State.TIMEOUT:
        yield Finding.TIMEOUT
    elif job.state is State.KILLED:
        after = (job.failed or "").startswith("100") and job.exit_status == 137
        yield Finding.AFTER_JOB if after else Finding.KILLED
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
