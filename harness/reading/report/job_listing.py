"""Show how well jobs used what they were granted: a table, findings in plain words, or JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.core import units
from harness.reading.analysis.jobs.efficiency import Efficiency, efficiency
from harness.reading.ingest.accounting.job import ESTIMATED, Job
from harness.reading.ingest.accounting.listings import gathered, read
from harness.reading.report.formats.lined_up import laid_out
from harness.reading.report.shown.cells import ABSENT
from harness.reading.report.shown.plain import WIDTH, plain_text
from harness.reading.report.words.job_memory_words import duration, percent
from harness.reading.report.words.job_words import printable, sentences

_COLUMNS = (
    "job",
    "state",
    "slots",
    "elapsed",
    "wait",
    "cores",
    "CPU",
    "memory",
    "of request",
)


@dataclass(frozen=True)
class JobReport:
    """How well some jobs used what they were granted; ``print(report)`` shows it.

    Attributes
    ----------
    jobs : tuple of Efficiency
        In the order of the listing.
    """

    jobs: tuple[Efficiency, ...]

    def text(self) -> str:
        """Write a line for each job with its figures, then for each job what they say."""
        return text(self.jobs)

    def records(self) -> list[dict[str, Any]]:
        """Return each job with its fields, figures and findings in words; unknown is ``None``."""
        return records(self.jobs)

    def __str__(self) -> str:
        return self.text().rstrip("\n")


def read_jobs(listing: str | bytes | Path) -> JobReport:
    """Judge the jobs that a batch system's accounting lists: ``qacct``, ``sacct``, ``seff`` ...

    Parameters
    ----------
    listing : str, bytes or Path
        The text of the listing, or the path of a file that holds it.

    Raises
    ------
    InputError
        Where it is no such listing, or the file cannot be read; one line that says what to do.
    """
    if isinstance(listing, Path):
        jobs = gathered([str(listing)], None, "auto")
    else:
        content = listing.encode() if isinstance(listing, str) else listing
        jobs = read(content, "listing")
    return JobReport(tuple(efficiency(job) for job in jobs))


def text(jobs: Sequence[Efficiency]) -> str:
    """Write a line for each job with its figures, then for each job what they say."""
    table = laid_out(_COLUMNS, [_cells(job) for job in jobs], [], headed=True)
    lines = [plain_text([table]).strip("\n")]
    for job in jobs:
        lines += ["", f"job {printable(_label(job.job))} ({_place(job.job)})"]
        for sentence in sentences(job):
            lines.append(
                textwrap.fill(sentence, WIDTH, initial_indent="  - ", subsequent_indent="    ")
            )
    return "\n".join(lines) + "\n"


def records(jobs: Sequence[Efficiency]) -> list[dict[str, Any]]:
    """Return each job with its fields, figures and findings in words; unknown is ``None``."""
    return [
        job.job.model_dump(mode="json")
        | job.model_dump(mode="json", exclude={"job", "findings"})
        | {"findings": sentences(job)}
        for job in jobs
    ]


def _cells(used: Efficiency) -> tuple[str, ...]:
    job = used.job
    return (
        printable(_label(job)),
        job.state.value,
        units.count(job.slots),
        duration(job.elapsed_seconds),
        duration(job.wait_seconds),
        ABSENT if used.cores_used is None else f"{_bound(job)}{used.cores_used:.2f}",
        ABSENT if used.cpu_efficiency is None else f"{_bound(job)}{percent(used.cpu_efficiency)}",
        f"{_part(job)}{units.size(job.max_memory_bytes)}",
        ABSENT if used.memory_efficiency is None else _part(job) + percent(used.memory_efficiency),
    )


def _bound(job: Job) -> str:
    return "≥" if job.cpu_is_lower_bound else ""


def _part(job: Job) -> str:
    if job.max_memory_bytes is None:
        return ""
    return "≥" if job.memory_is_lower_bound else "~" if job.memory_of in ESTIMATED else ""


def _label(job: Job) -> str:
    return job.job_id if job.attempts == 1 else f"{job.job_id} run {job.attempt}"


def _place(job: Job) -> str:
    return printable(f"{job.name + ', ' if job.name else ''}{job.source}, {job.file}:{job.line}")
