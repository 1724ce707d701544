"""Say each finding on a job in plain words."""

from __future__ import annotations

from collections.abc import Callable

from harness.core import units
from harness.reading.analysis.jobs.efficiency import Efficiency, Finding
from harness.reading.ingest.accounting.job import Job, State
from harness.reading.report.shown.cells import ABSENT


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


def _granted(used: Efficiency) -> str:
    """Begin a sentence on CPU time: ``8 slots granted, 1.05 cores at work``."""
    slots, cores = used.job.slots, used.cores_used
    return (
        f"{units.count(slots)} slot{'' if slots == 1 else 's'} granted, "
        f"{ABSENT if cores is None else format(cores, '.2f')} cores at work"
    )


def _request(job: Job) -> str:
    whole = units.size(job.requested_memory_bytes)
    if job.requested_per == "job" or job.requested_each_bytes == job.requested_memory_bytes:
        return whole
    return f"{whole} ({units.size(job.requested_each_bytes)} per {job.requested_per})"


def _memory(used: Efficiency) -> str:
    of = {"job": "", "tasks": " (the peaks of its tasks added up)"}
    peak = units.size(used.job.max_memory_bytes)
    part = of.get(used.job.memory_of, " (of the largest task alone: a lower bound)")
    return f"at most {peak}{part} of {_request(used.job)} were in use"


def _ask(used: Efficiency) -> str:
    """Write a fifth more than was used, in the unit of the request."""
    job = used.job
    parts = (job.requested_memory_bytes or 0.0) / (job.requested_each_bytes or 1.0)
    each = units.size(1.2 * (job.max_memory_bytes or 0.0) / parts) if parts else ABSENT
    return each if job.requested_per == "job" else f"{each} per {job.requested_per}"


def _switches(used: Efficiency) -> str:
    rate = units.ratio(used.switches_per_cpu_second)
    return (
        f"{units.count(used.job.involuntary_switches)} involuntary context switches "
        f"({rate} per CPU second)"
    )


def _or_unknown(shown: str) -> str:
    return "an unknown amount" if shown == ABSENT else shown


def _no_cpu(used: Efficiency) -> str:
    if used.job.elapsed_seconds == 0:
        return "it ran for less than a second, if at all, so no CPU efficiency is given"
    missing = "CPU time" if used.job.cpu_seconds is None else "elapsed time"
    return f"the listing has no {missing} for it, so no CPU efficiency is given"


def _status(job: Job) -> str:
    return f" with exit status {job.exit_status}" if job.exit_status else ""


WORDS: dict[Finding, Callable[[Efficiency], str]] = {
    Finding.USED_WELL: lambda used: f"{_granted(used)}: the CPU time it asked for was used well",
    Finding.ONE_CORE_SHARED: lambda used: (
        f"{_granted(used)}, {units.count(used.job.involuntary_switches)} involuntary context "
        "switches: all threads shared one core; check pins and mpirun binding"
    ),
    Finding.ONE_CORE: lambda used: (
        f"{_granted(used)}: "
        + (
            "either the program is serial, or all its threads shared one core"
            if used.job.involuntary_switches is None
            else "the program was serial for most of the time"
        )
        + "; ask for 1 slot, or start as many workers as there are slots and check their pins"
    ),
    Finding.FEW_CORES: lambda used: (
        f"{_granted(used)}: the others waited, for a serial part, for data or for the slowest "
        "worker; compare with fewer slots, and start as many workers as there are slots"
    ),
    Finding.IDLE: lambda used: (
        f"{_granted(used)}: it waited for most of the time, for files, network or a scheduler"
    ),
    Finding.CROWDED: lambda used: (
        f"{_switches(used)}: more threads than cores; pin native threads to slots / workers"
    ),
    Finding.MORE_CORES: lambda used: (
        f"{_granted(used)}: it took cores from others; set OMP_NUM_THREADS and the number of "
        "workers to what was granted"
    ),
    Finding.NOTHING_BOOKED: lambda used: (
        f"{used.job.state} with {units.ratio(used.job.cpu_seconds)} s of CPU time booked in "
        f"{duration(used.job.elapsed_seconds)}: the batch system did not book what its processes "
        "used, so no efficiency is given (Dask's workers on Slurm end like this)"
    ),
    Finding.LOWER_BOUND: lambda used: (
        f"{used.job.state}: CPU time of processes that were killed may not be booked, so that the "
        "CPU figures are lower bounds"
    ),
    Finding.CPU_UNKNOWN: _no_cpu,
    Finding.SLOTS_UNKNOWN: lambda used: (
        f"{units.ratio(used.cores_used)} cores at work; the listing does not say how many were "
        "granted (sacct: add AllocCPUS), so no CPU efficiency is given"
    ),
    Finding.SHORT: lambda used: (
        f"it ran for {duration(used.job.elapsed_seconds)} only: elapsed time counts in whole "
        "seconds, so that CPU efficiency is uncertain by "
        f"{100 / used.job.elapsed_seconds if used.job.elapsed_seconds else 100:.0f} % of itself, "
        "and starting up weighs in it"
    ),
    Finding.MEMORY_LITTLE: lambda used: (
        f"{_memory(used)} ({percent(used.memory_efficiency)}): ask for {_ask(used)}, a fifth "
        "more than was used"
    ),
    Finding.MEMORY_TIGHT: lambda used: (
        f"{_memory(used)} ({percent(used.memory_efficiency)}): a slightly larger input will not "
        f"fit; ask for {_ask(used)}"
    ),
    Finding.MEMORY_ABOVE: lambda used: (
        f"{_memory(used)} ({percent(used.memory_efficiency)}), more than was asked for: ask for "
        f"{_ask(used)}"
    ),
    Finding.OUT_OF_MEMORY: lambda used: (
        f"the batch system ended it for lack of memory (asked for "
        f"{_or_unknown(_request(used.job))}, most seen "
        f"{_or_unknown(units.size(used.job.max_memory_bytes))}): ask for more, or use smaller "
        "chunks"
    ),
    Finding.TIMEOUT: lambda used: (
        f"its time limit ended it after {duration(used.job.elapsed_seconds)}: ask for more time or "
        "save results on the way"
    ),
    Finding.AFTER_JOB: lambda used: (
        f"failed {used.job.failed}, exit status 137: killed from outside. Dask's workers end like "
        "this once their scheduler is done: check that the results are there. For any other job it "
        "was a limit or a deletion; 137 alone is no proof of lack of memory"
    ),
    Finding.KILLED: lambda used: (
        f"killed by a signal{_status(used.job)}"
        + (f" (failed {used.job.failed})" if used.job.failed else "")
        + ": a limit of memory or time, a deletion, or its own crash; the status alone does not "
        "say which"
    ),
    Finding.FAILED: lambda used: (
        (
            "its node failed"
            if used.job.state is State.NODE_FAILED
            else f"it failed{_status(used.job)}"
        )
        + (f" (failed {used.job.failed})" if used.job.failed else "")
        + ": the figures are those of an unfinished job; see its error output"
    ),
    Finding.NOT_ENDED: lambda used: (
        f"{used.job.state}: the figures are those so far; ask again when it has ended"
    ),
    Finding.LONG_WAIT: lambda used: (
        f"it waited {duration(used.job.wait_seconds)} to run for "
        f"{duration(used.job.elapsed_seconds)}: ask for less, or put more work into one job"
    ),
    Finding.SEVERAL_RECORDS: lambda used: (
        f"run {used.job.attempt} of {used.job.attempts} under this id: it was requeued"
    ),
    Finding.TRUNCATED: lambda used: (
        f"cut off in the listing, so not read: {', '.join(used.job.truncated)}; sacct --parsable2 "
        "cuts nothing"
    ),
}


def sentences(used: Efficiency) -> list[str]:
    """Say the findings and notes of a job in plain words, a sentence each."""
    texts = [WORDS[finding](used) for finding in used.findings]
    return [printable(sentence) for sentence in (*texts, *used.job.notes)]


def printable(line: str) -> str:
    """Replace each character of *line* that a terminal would act on by a question mark."""
    return "".join(letter if letter.isprintable() else "?" for letter in line)
