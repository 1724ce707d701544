"""What batch systems booked for the jobs that measured: fetched, and kept beside the journals."""

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
from harness.reading.ingest.accounting import Job, gathered, read
from harness.reading.ingest.accounting.asked import listing
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
from harness.reading.ingest.journals import job_label, workers_jobs

ASKED = {Scheduler.SLURM: "sacct", Scheduler.SGE: "qacct", None: "auto"}
"""Schedulers that can be asked, and by which command."""

Ask = Callable[[str, str], list[Job]]


class Outcome(StrEnum):
    """What came of looking for the accounting of a job."""

    KEPT = "kept"
    KNOWN = "known already"
    NOT_ENDED = "not ended"
    MISSING = "missing"


@dataclass(frozen=True)
class Wanted:
    """A batch job that journals name, with the machine's folder and the runs it measured."""

    folder: Path
    scheduler: Scheduler | None
    job: str
    runs: list[str] = field(default_factory=list)
    began: list[datetime] = field(default_factory=list)

    @property
    def label(self) -> str:
        """As tables name it."""
        return job_label(self.scheduler, self.job)

    def of_id(self, jobs: Sequence[Job]) -> list[Job]:
        """Those of *jobs* that have its id."""
        return [
            job
            for job in jobs
            if self.scheduler in (None, SCHEDULERS[job.source])
            and same_job(self.job, job.job_id, SCHEDULERS[job.source])
        ]


@dataclass(frozen=True)
class Accounted:
    """One job, what came of it, why, and the file where its accounting is kept."""

    wanted: Wanted
    outcome: Outcome
    reason: str | None = None
    path: Path | None = None


def account(
    results: Path, files: Sequence[str] = (), source: str = "auto", ask: Ask | None = None
) -> list[Accounted]:
    """Find the jobs that the journals name, and keep their accounting beside them.

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
    found = wanted(read_results(results))
    given = gathered(files, None, source) if files else None
    ask = ask or _asked
    return [_one(one, given, ask) for one in found]


def wanted(found: Results) -> list[Wanted]:
    """The batch jobs that the journals of *found* name, in order of their runs."""
    jobs: dict[tuple[Path, str], Wanted] = {}
    for journal in found.journals:
        folder = journal.path.parent.parent
        for stretch in journal.stretches:
            info = stretch.info
            named = [(info.scheduler, info.job)] if info.job else []
            for scheduler, job in [*named, *workers_jobs(stretch.blocks)]:
                key = folder, job_label(scheduler, job)
                one = jobs.setdefault(key, Wanted(folder, scheduler, job))
                if journal.info.run not in one.runs:
                    one.runs.append(journal.info.run)
                if stretch.began:
                    one.began.append(stretch.began)
    return list(jobs.values())


def _one(job: Wanted, given: list[Job] | None, ask: Ask) -> Accounted:
    before = _known(job)
    if given is None:
        if before and before.ended:
            path = path_of(job.folder, before.scheduler, before.job)
            return Accounted(job, Outcome.KNOWN, path=path)
        if job.scheduler not in ASKED:
            reason = f"{job.scheduler} is not asked: give its listing as a file"
            return Accounted(job, Outcome.MISSING, reason)
        try:
            listed = ask(job.job, ASKED[job.scheduler])
        except InputError as error:
            return Accounted(job, Outcome.MISSING, str(error))
    else:
        listed = given
    of_id = job.of_id(listed)
    records = around(of_id, min(job.began, default=None))
    if not records:
        reason = (
            f"its id has records of another time only ({len(of_id)}), so of another job"
            if of_id
            else "the listings do not have it"
            if given is not None
            else "the batch system has no record of it yet"
        )
        return Accounted(job, Outcome.KNOWN if before else Outcome.MISSING, reason)
    scheduler = SCHEDULERS[records[-1].source]
    path = path_of(job.folder, scheduler, job.job)
    ended = has_ended(records)
    new = not (before and before.ended and not ended) and _append(path, scheduler, job.job, records)
    if not ended and not (before and before.ended):
        reason = f"its record says {records[-1].state.value}: run chunkbench account again later"
        return Accounted(job, Outcome.NOT_ENDED, reason, path)
    return Accounted(job, Outcome.KEPT if new else Outcome.KNOWN, path=path)


def _known(job: Wanted) -> Kept | None:
    for one in read_folder(job.folder):
        if job.scheduler in (None, one.scheduler) and same_job(job.job, one.job, one.scheduler):
            return one
    return None


def _asked(job: str, command: str) -> list[Job]:
    # qacct takes the id of an array, not that of a task of it.
    asked = job.partition(".")[0] if command == ASKED[Scheduler.SGE] else job
    content, source, said = listing(re.sub(r"\[.*", "", asked), command)
    return read(content, said, source)


def _append(path: Path, scheduler: Scheduler, job: str, records: Sequence[Job]) -> bool:
    """Add a line, unless the newest one says the same; whether it was added.

    The file is replaced as a whole, so that a crash leaves the old or the new one.
    """
    with locked(path.parent, wait=True):
        before = read_kept(path) if path.exists() else []
        if before and _facts(before[-1].records) == _facts(records):
            return False
        now = datetime.now(UTC).isoformat(timespec="seconds")
        line = Kept(scheduler=scheduler, job=job, fetched=now, records=tuple(records))
        lines = [one.model_dump_json().encode() + b"\n" for one in [*before, line]]
        put(path.parent, {path.name: lambda: b"".join(lines)})
    return True


def _facts(records: Sequence[Job]) -> list[Job]:
    """*records* without where they were read."""
    return [job.model_copy(update={"file": "", "line": 1}) for job in records]
