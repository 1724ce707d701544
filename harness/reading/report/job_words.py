"""The words for each finding on a job."""

from __future__ import annotations

from collections.abc import Callable

from harness.core import units
from harness.reading.analysis.jobs.efficiency import Efficiency, Finding
from harness.reading.ingest.accounting.job import Job, State
from harness.reading.report.cells import ABSENT


def percent(share: float | None) -> str:
    """A share as per cent: ``95.1 %``."""
    return ABSENT if share is None else f"{100 * share:.1f} %"


def duration(seconds: float | None) -> str:
    """``766 s``, ``90 min``, ``26.0 h``: seconds as long as batch systems' seconds matter."""
    if seconds is None:
        return ABSENT
    if seconds < 1000:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _granted(one: Efficiency) -> str:
    """``8 slots granted, 1.05 cores at work``: how the sentences on CPU time begin."""
    slots, cores = one.job.slots, one.cores_used
    return (
        f"{units.count(slots)} slot{'' if slots == 1 else 's'} granted, "
        f"{ABSENT if cores is None else format(cores, '.2f')} cores at work"
    )


def _request(job: Job) -> str:
    whole = units.size(job.requested_memory_bytes)
    if job.requested_per == "job" or job.requested_each_bytes == job.requested_memory_bytes:
        return whole
    return f"{whole} ({units.size(job.requested_each_bytes)} per {job.requested_per})"


def _memory(one: Efficiency) -> str:
    of = {"job": "", "tasks": " (the peaks of its tasks added up)"}
    used = units.size(one.job.max_memory_bytes)
    part = of.get(one.job.memory_of, " (of the largest task alone: a lower bound)")
    return f"at most {used}{part} of {_request(one.job)} were in use"


def _ask(one: Efficiency) -> str:
    """A fifth more than was used, in the unit of the request."""
    job = one.job
    parts = (job.requested_memory_bytes or 0.0) / (job.requested_each_bytes or 1.0)
    each = units.size(1.2 * (job.max_memory_bytes or 0.0) / parts) if parts else ABSENT
    return each if job.requested_per == "job" else f"{each} per {job.requested_per}"


def _switches(one: Efficiency) -> str:
    rate = units.ratio(one.switches_per_cpu_second)
    return (
        f"{units.count(one.job.involuntary_switches)} involuntary context switches "
        f"({rate} per CPU second)"
    )


def _or_unknown(shown: str) -> str:
    return "an unknown amount" if shown == ABSENT else shown


def _no_cpu(one: Efficiency) -> str:
    if one.job.elapsed_seconds == 0:
        return "it ran for less than a second, if at all, so no CPU efficiency is given"
    missing = "CPU time" if one.job.cpu_seconds is None else "elapsed time"
    return f"the listing has no {missing} for it, so no CPU efficiency is given"


def _status(job: Job) -> str:
    return f" with exit status {job.exit_status}" if job.exit_status else ""


WORDS: dict[Finding, Callable[[Efficiency], str]] = {
    Finding.USED_WELL: lambda one: f"{_granted(one)}: the CPU time it asked for was used well",
    Finding.ONE_CORE_SHARED: lambda one: (
        f"{_granted(one)}, {units.count(one.job.involuntary_switches)} involuntary context "
        "switches: all threads shared one core; check pins and mpirun binding"
    ),
    Finding.ONE_CORE: lambda one: (
        f"{_granted(one)}: "
        + (
            "either the program is serial, or all its threads shared one core"
            if one.job.involuntary_switches is None
            else "the program was serial for most of the time"
        )
        + "; ask for 1 slot, or start as many workers as there are slots and check their pins"
    ),
    Finding.FEW_CORES: lambda one: (
        f"{_granted(one)}: the others waited, for a serial part, for data or for the slowest "
        "worker; compare with fewer slots, and start as many workers as there are slots"
    ),
    Finding.IDLE: lambda one: (
        f"{_granted(one)}: it waited for most of the time, for files, network or a scheduler"
    ),
    Finding.CROWDED: lambda one: (
        f"{_switches(one)}: more threads than cores; pin native threads to slots / workers"
    ),
    Finding.MORE_CORES: lambda one: (
        f"{_granted(one)}: it took cores from others; set OMP_NUM_THREADS and the number of "
        "workers to what was granted"
    ),
    Finding.NOTHING_BOOKED: lambda one: (
        f"{one.job.state} with {units.ratio(one.job.cpu_seconds)} s of CPU time booked in "
        f"{duration(one.job.elapsed_seconds)}: the batch system did not book what its processes "
        "used, so no efficiency is given (Dask's workers on Slurm end like this)"
    ),
    Finding.LOWER_BOUND: lambda one: (
        f"{one.job.state}: CPU time of processes that were killed may not be booked, so that the "
        "CPU figures are lower bounds"
    ),
    Finding.CPU_UNKNOWN: _no_cpu,
    Finding.SLOTS_UNKNOWN: lambda one: (
        f"{units.ratio(one.cores_used)} cores at work; the listing does not say how many were "
        "granted (sacct: add AllocCPUS), so no CPU efficiency is given"
    ),
    Finding.SHORT: lambda one: (
        f"it ran for {duration(one.job.elapsed_seconds)} only: elapsed time counts in whole "
        "seconds, so that CPU efficiency is uncertain by "
        f"{100 / one.job.elapsed_seconds if one.job.elapsed_seconds else 100:.0f} % of itself, "
        "and starting up weighs in it"
    ),
    Finding.MEMORY_LITTLE: lambda one: (
        f"{_memory(one)} ({percent(one.memory_efficiency)}): ask for {_ask(one)}, a fifth "
        "more than was used"
    ),
    Finding.MEMORY_TIGHT: lambda one: (
        f"{_memory(one)} ({percent(one.memory_efficiency)}): a slightly larger input will not "
        f"fit; ask for {_ask(one)}"
    ),
    Finding.MEMORY_ABOVE: lambda one: (
        f"{_memory(one)} ({percent(one.memory_efficiency)}), more than was asked for: ask for "
        f"{_ask(one)}"
    ),
    Finding.OUT_OF_MEMORY: lambda one: (
        f"the batch system ended it for lack of memory (asked for "
        f"{_or_unknown(_request(one.job))}, most seen "
        f"{_or_unknown(units.size(one.job.max_memory_bytes))}): ask for more, or use smaller chunks"
    ),
    Finding.TIMEOUT: lambda one: (
        f"its time limit ended it after {duration(one.job.elapsed_seconds)}: ask for more time or "
        "save results on the way"
    ),
    Finding.AFTER_JOB: lambda one: (
        f"failed {one.job.failed}, exit status 137: killed from outside. Dask's workers end like "
        "this once their scheduler is done: check that the results are there. For any other job it "
        "was a limit or a deletion; 137 alone is no proof of lack of memory"
    ),
    Finding.KILLED: lambda one: (
        f"killed by a signal{_status(one.job)}"
        + (f" (failed {one.job.failed})" if one.job.failed else "")
        + ": a limit of memory or time, a deletion, or its own crash; the status alone does not "
        "say which"
    ),
    Finding.FAILED: lambda one: (
        (
            "its node failed"
            if one.job.state is State.NODE_FAILED
            else f"it failed{_status(one.job)}"
        )
        + (f" (failed {one.job.failed})" if one.job.failed else "")
        + ": the figures are those of an unfinished job; see its error output"
    ),
    Finding.NOT_ENDED: lambda one: (
        f"{one.job.state}: the figures are those so far; ask again when it has ended"
    ),
    Finding.LONG_WAIT: lambda one: (
        f"it waited {duration(one.job.wait_seconds)} to run for "
        f"{duration(one.job.elapsed_seconds)}: ask for less, or put more work into one job"
    ),
    Finding.SEVERAL_RECORDS: lambda one: (
        f"run {one.job.attempt} of {one.job.attempts} under this id: it was requeued"
    ),
    Finding.TRUNCATED: lambda one: (
        f"cut off in the listing, so not read: {', '.join(one.job.truncated)}; sacct --parsable2 "
        "cuts nothing"
    ),
}
