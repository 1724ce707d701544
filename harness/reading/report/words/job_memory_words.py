"""Say how much memory a job used, and what to ask for: nothing from a part, or from seconds."""

from __future__ import annotations

from harness.core import units
from harness.reading.analysis.jobs.efficiency import SHORT_SECONDS, Efficiency
from harness.reading.ingest.accounting.job import Job, MemoryOf, State
from harness.reading.report.shown.cells import ABSENT


def request(job: Job) -> str:
    """Write what was asked for: ``192 GiB (24.0 GiB per slot)``."""
    whole = units.size(job.requested_memory_bytes)
    if job.requested_per == "job" or job.requested_each_bytes == job.requested_memory_bytes:
        return whole
    return f"{whole} ({units.size(job.requested_each_bytes)} per {job.requested_per})"


_PARTS = {
    MemoryOf.JOB: "",
    MemoryOf.TASKS: " (the peaks of its tasks added up)",
    MemoryOf.TASKS_LIKE_LARGEST: " (if all its tasks were as large as the largest)",
    MemoryOf.LARGEST_TASK: " (of the largest task alone)",
    MemoryOf.LARGEST_STEP: " (of the largest step alone)",
    MemoryOf.SOME_NODES: " (of some of its nodes)",
}


def most_seen(used: Efficiency) -> str:
    """Begin a sentence: ``the most memory seen in use was 13.0 GiB of 192 GiB, 6.8 %``."""
    job = used.job
    least = "at least " if job.memory_is_lower_bound else ""
    return (
        f"the most memory seen in use was {least}{units.size(job.max_memory_bytes)}"
        f"{_PARTS[job.memory_of]} of {request(job)}, {percent(used.memory_efficiency)}"
    )


def advice(used: Efficiency) -> str:
    """Write the advice in the unit of the request; or why there is none."""
    job, advised = used.job, used.advised_memory_bytes
    parts = (job.requested_memory_bytes or 0.0) / (job.requested_each_bytes or 1.0)
    if advised is None or not parts:
        return _no_advice(job)
    unit = "" if job.requested_per == "job" else f" per {job.requested_per}"
    return f"ask for {units.size(advised / parts)}{unit}, a fifth more than was seen"


def _no_advice(job: Job) -> str:
    if job.memory_is_lower_bound:
        return "the rest is not known, so there is no advice"
    if (job.elapsed_seconds or 0.0) < SHORT_SECONDS:
        return "no advice from so short a run"
    if job.state is not State.COMPLETED:
        return "it may have needed more later, so there is no advice"
    return "too little to base advice on; see whether this is all that it ran"


def more_advice(used: Efficiency) -> str:
    """Write the advice after a sentence that says what is wrong; empty if there is none."""
    return f"; {advice(used)}" if used.advised_memory_bytes is not None else ""


def percent(share: float | None) -> str:
    """Write a share as per cent: ``95.1 %``."""
    return ABSENT if share is None else f"{100 * share:.1f} %"


def duration(seconds: float | None) -> str:
    """Write ``766 s``, ``90 min`` or ``26.0 h``: in seconds as long as single ones matter."""
    if seconds is None:
        return ABSENT
    if seconds < 1000:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
