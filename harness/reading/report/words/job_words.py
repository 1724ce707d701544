"""Say each finding on a job in plain words."""

from __future__ import annotations

from collections.abc import Callable

from harness.core import units
from harness.reading.analysis.jobs.efficiency import SHORT_SECONDS, Efficiency, Finding
from harness.reading.ingest.accounting.job import SLURM, Job, ListingKind, State
from harness.reading.report.shown.cells import ABSENT
from harness.reading.report.words.job_memory_words import (
    advice,
    duration,
    more_advice,
    most_seen,
    request,
)

_SACCT = SLURM - {ListingKind.SEFF}


def _granted(used: Efficiency) -> str:
    """Begin a sentence on CPU time: ``8 slots granted, 1.05 cores at work``."""
    slots, cores = used.job.slots, used.cores_used
    return (
        f"{units.count(slots)} slot{'' if slots == 1 else 's'} granted, "
        f"{ABSENT if cores is None else format(cores, '.2f')} cores at work"
    )


def _switches(used: Efficiency) -> str:
    rate = units.ratio(used.switches_per_cpu_second)
    return (
        f"{units.count(used.job.involuntary_switches)} involuntary context switches "
        f"({rate} per CPU second)"
    )


def _or_unknown(shown: str) -> str:
    return "an unknown amount" if shown == ABSENT else shown


def _unless_short(used: Efficiency, advice: str) -> str:
    return advice if (used.job.elapsed_seconds or 0.0) >= SHORT_SECONDS else ""


def _short(used: Efficiency) -> str:
    elapsed = used.job.elapsed_seconds or 0.0
    whole = elapsed == round(elapsed)
    return f"it ran for {duration(elapsed)} only: " + (
        "elapsed time counts in whole seconds, so that CPU efficiency is uncertain by "
        f"{100 / elapsed if elapsed else 100:.0f} % of itself, and starting up weighs in it"
        if whole
        else "starting up weighs in CPU efficiency"
    )


def _some_nodes(used: Efficiency) -> str:
    booked, nodes = used.job.nodes_booked, used.job.nodes
    return (
        f"no more CPU time is booked than {booked} of its {units.count(nodes)} nodes can give: "
        "either the others did nothing, or what ran there was not booked, as happens to processes "
        "that the batch system did not start; so the figures are lower bounds"
    )


def _is_cancelled_on_slurm(job: Job) -> bool:
    return job.source in SLURM and job.state is State.CANCELLED


def _limit(job: Job) -> str:
    """What is said of the limit: ``(44 : execd enforced h_rt limit, 30 min asked for)``."""
    asked = (
        None if job.requested_seconds is None else f"{duration(job.requested_seconds)} asked for"
    )
    said = [part for part in (job.failed, asked) if part]
    return f" ({', '.join(said)})" if said else ""


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
        + _unless_short(
            used,
            "; ask for 1 slot, or start as many workers as there are slots and check their pins",
        )
    ),
    Finding.FEW_CORES: lambda used: (
        f"{_granted(used)}: the others waited, for a serial part, for data or for the slowest "
        "worker"
        + _unless_short(
            used, "; compare with fewer slots, and start as many workers as there are slots"
        )
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
        f"{duration(used.job.elapsed_seconds)}: what its processes used was not booked, so this is "
        "a lower bound and no efficiency is given"
        + (" (Dask's workers on Slurm end like this)" if _is_cancelled_on_slurm(used.job) else "")
    ),
    Finding.SOME_NODES: _some_nodes,
    Finding.LOWER_BOUND: lambda used: (
        f"{used.job.state}: CPU time of processes that were killed may not be booked, so that the "
        "CPU figures are lower bounds"
    ),
    Finding.CPU_UNKNOWN: _no_cpu,
    Finding.SLOTS_UNKNOWN: lambda used: (
        f"{units.ratio(used.cores_used)} cores at work; the listing does not say how many were "
        "granted"
        + (" (add AllocCPUS)" if used.job.source in _SACCT else "")
        + ", so no CPU efficiency is given"
    ),
    Finding.SHORT: _short,
    Finding.TOO_SHORT: lambda used: (
        f"it ran for {duration(used.job.elapsed_seconds)}: too short to say how it used its cores "
        "or its memory"
    ),
    Finding.MEMORY_LITTLE: lambda used: f"{most_seen(used)}: {advice(used)}",
    Finding.MEMORY_TIGHT: lambda used: (
        f"{most_seen(used)}: a slightly larger input will not fit{more_advice(used)}"
    ),
    Finding.MEMORY_ABOVE: lambda used: (
        f"{most_seen(used)}: more than was asked for{more_advice(used)}"
    ),
    Finding.OUT_OF_MEMORY: lambda used: (
        f"the batch system ended it for lack of memory (asked for "
        f"{_or_unknown(request(used.job))}, most seen "
        f"{_or_unknown(units.size(used.job.max_memory_bytes))}): ask for more, or use smaller "
        "chunks"
    ),
    Finding.TIMEOUT: lambda used: (
        f"its time limit ended it after {duration(used.job.elapsed_seconds)}{_limit(used.job)}: "
        "ask for more time or save results on the way"
    ),
    Finding.AFTER_JOB: lambda used: (
        f"failed {used.job.failed}, exit status 137: killed from outside. Dask's workers end like "
        "this once their scheduler is done: check that the results are there. For any other job it "
        "was a limit or a deletion; 137 alone is no proof of lack of memory"
    ),
    Finding.OVER_LIMIT: lambda used: (
        f"killed because it went over a limit{_status(used.job)} ({used.job.failed}): the listing "
        "does not say which; compare the time and memory that it used with what it asked for"
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
        f"{duration(used.job.elapsed_seconds)}: "
        + _unless_short(used, "ask for less, or ")
        + "put more work into one job"
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
