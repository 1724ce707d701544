"""Fetch what batch systems booked for the jobs that measured, and keep it beside the journals."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from harness.apps.folders.staging import locked, put
from harness.core.errors import InputError
from harness.core.records import Scheduler
from harness.reading.ingest import Results, read_results
from harness.reading.ingest.accounting.asked import listing
from harness.reading.ingest.accounting.job import Job
from harness.reading.ingest.accounting.kept import (
    SCHEDULERS,
    Kept,
    around,
    has_ended,
    path_of,
    read_folder,
    read_kept,
    same_job,
)
from harness.reading.ingest.accounting.listings import gathered, read
from harness.reading.ingest.journals import job_label, workers_jobs

COMMANDS = {Scheduler.SLURM: "sacct", Scheduler.SGE: "qacct", None: "auto"}
"""Schedulers that can be asked, and by which command."""

Ask = Callable[[str, str], list[Job]]
"""A job's id and the command to ask, to the job's records."""


class Outcome(StrEnum):
    """What came of looking for the accounting of a job."""

    KEPT = "kept"
    KNOWN = "known already"
    NOT_ENDED = "not ended"
    MISSING = "missing"


@dataclass(frozen=True)
class MeasuringJob:
    """A batch job that journals name.

    Attributes
    ----------
    folder : Path
        The folder of the machine whose journals name it.
    scheduler : Scheduler or None
        ``None`` where the journals do not say which.
    job : str
        Its id, array task included.
    runs : list of str
        The runs that it measured.
    began : list of datetime
        When it began each stretch of them, where that is known.
    """

    folder: Path
    scheduler: Scheduler | None
    job: str
    runs: list[str] = field(default_factory=list)
    began: list[datetime] = field(default_factory=list)

    @property
    def label(self) -> str:
        """Its name in tables."""
        return job_label(self.scheduler, self.job)

    def with_its_id(self, jobs: Sequence[Job]) -> list[Job]:
        """Those of *jobs* that have its id."""
        return [
            job
            for job in jobs
            if self.scheduler in (None, SCHEDULERS[job.source])
            and same_job(self.job, job.job_id, SCHEDULERS[job.source])
        ]

    def kept_record(self) -> Kept | None:
        """What is kept of it already."""
        for kept in read_folder(self.folder):
            same_system = self.scheduler in (None, kept.scheduler)
            if same_system and same_job(self.job, kept.job, kept.scheduler):
                return kept
        return None


@dataclass(frozen=True)
class Accounted:
    """One job, what came of it, why, and the file where its accounting is kept."""

    wanted: MeasuringJob
    outcome: Outcome
    reason: str | None = None
    path: Path | None = None


def account(
    results: Path, files: Sequence[str] = (), source: str = "auto", ask: Ask | None = None
) -> list[Accounted]:
    """Look for the accounting of each job that the journals name, and keep it beside them.

    A job whose record has ended is not asked for again; listings that are given always count.

    Parameters
    ----------
    results : Path
        The results folder, or that of one machine.
    files : sequence of str
        Listings, ``-`` for standard input; without any, sacct and qacct are asked.
    source : str
        What the listings are, as ``chunkbench efficiency`` knows them.
    ask : callable, optional
        Job's id and command to its records; by default asks the command.

    Raises
    ------
    InputError
        Where results or a listing cannot be read.
    """
    jobs = measuring_jobs(read_results(results))
    listed = gathered(files, None, source) if files else None
    return [_account_one(job, listed, ask or _ask_command) for job in jobs]


def measuring_jobs(results: Results) -> list[MeasuringJob]:
    """The batch jobs that the journals of *results* name, in the order of their runs."""
    jobs: dict[tuple[Path, str], MeasuringJob] = {}
    for journal in results.journals:
        folder = journal.path.parent.parent
        for stretch in journal.stretches:
            info = stretch.info
            own = [(info.scheduler, info.job)] if info.job else []
            for scheduler, job_id in [*own, *workers_jobs(stretch.blocks)]:
                key = folder, job_label(scheduler, job_id)
                job = jobs.setdefault(key, MeasuringJob(folder, scheduler, job_id))
                if journal.info.run not in job.runs:
                    job.runs.append(journal.info.run)
                if stretch.began:
                    job.began.append(stretch.began)
    return list(jobs.values())


def _account_one(job: MeasuringJob, listed: list[Job] | None, ask: Ask) -> Accounted:
    """Take the records of *job* from those *listed*, or ask for them where that is ``None``."""
    before = job.kept_record()
    ended_before = before is not None and before.ended
    if listed is not None:
        candidates, why_none = listed, "the listings do not have it"
    elif before and ended_before:
        path = path_of(job.folder, before.scheduler, before.job)
        return Accounted(job, Outcome.KNOWN, path=path)
    elif job.scheduler not in COMMANDS:
        reason = f"{job.scheduler} is not asked: give its listing as a file"
        return Accounted(job, Outcome.MISSING, reason)
    else:
        try:
            candidates = ask(job.job, COMMANDS[job.scheduler])
        except InputError as error:
            return Accounted(job, Outcome.MISSING, str(error))
        why_none = "the batch system has no record of it yet"
    of_id = job.with_its_id(candidates)
    records = around(of_id, min(job.began, default=None))
    if not records:
        if of_id:
            why_none = f"its id has records of another time only ({len(of_id)}), so of another job"
        return Accounted(job, Outcome.KNOWN if before else Outcome.MISSING, why_none)
    return _keep(job, records, ended_before=ended_before)


def _keep(job: MeasuringJob, records: Sequence[Job], *, ended_before: bool) -> Accounted:
    """Keep *records*, unless they are older than what is kept: a job that ended does not go on."""
    scheduler = SCHEDULERS[records[-1].source]
    path = path_of(job.folder, scheduler, job.job)
    ended = has_ended(records)
    outdated = ended_before and not ended
    added = not outdated and _append(path, scheduler, job.job, records)
    if not ended and not ended_before:
        reason = f"its record says {records[-1].state.value}: run chunkbench account again later"
        return Accounted(job, Outcome.NOT_ENDED, reason, path)
    return Accounted(job, Outcome.KEPT if added else Outcome.KNOWN, path=path)


def _ask_command(job: str, command: str) -> list[Job]:
    # qacct takes the id of an array, not that of one of its tasks.
    job_id = job.partition(".")[0] if command == COMMANDS[Scheduler.SGE] else job
    content, source, name = listing(re.sub(r"\[.*", "", job_id), command)
    return read(content, name, source)


def _append(path: Path, scheduler: Scheduler, job: str, records: Sequence[Job]) -> bool:
    """Add a line, unless the newest one says the same; return whether it was added.

    The file is replaced as a whole, so that a crash leaves the old or the new one.
    """
    with locked(path.parent, wait=True):
        before = read_kept(path) if path.exists() else []
        if before and _without_place(before[-1].records) == _without_place(records):
            return False
        now = datetime.now(UTC).isoformat(timespec="seconds")
        line = Kept(scheduler=scheduler, job=job, fetched=now, records=tuple(records))
        lines = [kept.model_dump_json().encode() + b"\n" for kept in [*before, line]]
        put(path.parent, {path.name: lambda: b"".join(lines)})
    return True


def _without_place(records: Sequence[Job]) -> list[Job]:
    """*records* as if all were read in one place."""
    return [job.model_copy(update={"file": "", "line": 1}) for job in records]
