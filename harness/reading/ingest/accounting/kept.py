"""Accounting kept beside the journals: what a batch system booked for a job, as plain files.

``<machine>/accounting/<scheduler>-<job>.jsonl`` has a line for each time that the record was
fetched and had changed; it is appended to and never edited, and the newest line counts. Not
``.json``, which ASV takes for its own results.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from harness.core.errors import InputError
from harness.core.journal_format import error_text
from harness.core.records import JOURNAL_VERSION, Record, Scheduler
from harness.reading.ingest.accounting.job import Job, ListingKind, State

FOLDER = "accounting"
SLACK = timedelta(hours=26)
"""Batch systems print dates without a zone: any two zones are at most 26 hours apart."""

_UNFIT = re.compile(r"[^A-Za-z0-9._+\[\]-]")
SCHEDULERS = {
    ListingKind.QACCT: Scheduler.SGE,
    ListingKind.SACCT_PARSABLE: Scheduler.SLURM,
    ListingKind.SACCT_JSON: Scheduler.SLURM,
    ListingKind.SACCT_PADDED: Scheduler.SLURM,
    ListingKind.SEFF: Scheduler.SLURM,
    ListingKind.PBS: Scheduler.PBS,
    ListingKind.LSF: Scheduler.LSF,
}


class Kept(Record):
    """The records of one job, as they stood when they were fetched; at least one."""

    v: int = JOURNAL_VERSION
    kind: Literal["accounting"] = "accounting"
    scheduler: Scheduler
    job: str
    fetched: str
    records: tuple[Job, ...]

    @property
    def ended(self) -> bool:
        """Whether no more is to be expected: its last record is of a job that came to an end."""
        return has_ended(self.records)


def has_ended(records: Iterable[Job]) -> bool:
    """Whether the last of *records* is of a job that came to an end and was not put back."""
    last = [job.state for job in records][-1:]
    return bool(last) and last[0] not in (State.RUNNING, State.PENDING, State.REQUEUED)


def same_job(ours: str, theirs: str, scheduler: Scheduler | None) -> bool:
    """Whether two ids are of one job: PBS may leave the server's name out."""
    if scheduler is Scheduler.PBS:
        return ours.partition(".")[0] == theirs.partition(".")[0]
    return ours == theirs


def around(records: Iterable[Job], moment: datetime | None) -> list[Job]:
    """Keep the *records* that can have run at *moment*: after years, ids are used again."""
    return [job for job in records if moment is None or _ran_at(job, moment)]


def _ran_at(job: Job, moment: datetime) -> bool:
    if job.started is None:
        return True
    clock, began = moment.replace(tzinfo=None), datetime.fromisoformat(job.started)
    if clock < began - SLACK:
        return False
    long = job.elapsed_seconds
    return long is None or job.state is State.RUNNING or clock <= began + timedelta(0, long) + SLACK


def path_of(folder: Path, scheduler: Scheduler, job: str) -> Path:
    """The file of a job below the folder of a machine."""
    return folder / FOLDER / f"{scheduler}-{_UNFIT.sub('-', job)}.jsonl"


def read_folder(folder: Path) -> list[Kept]:
    """Read what is kept in ``accounting/`` below *folder*, the newest of each job.

    Raises
    ------
    InputError
        Where a file is damaged; a last line without an end, cut off in mid-write, is left out.
    """
    newest: dict[tuple[Scheduler, str], Kept] = {}
    for path in sorted((folder / FOLDER).glob("*.jsonl")):
        for kept in read_kept(path):
            key = kept.scheduler, kept.job
            if key not in newest or newest[key].fetched <= kept.fetched:
                newest[key] = kept
    return list(newest.values())


def read_kept(path: Path) -> list[Kept]:
    """Read the lines of the file *path*, in their order.

    Raises
    ------
    InputError
        As :func:`read_folder`.
    """
    all_kept = []
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error_text(error)}): check the path") from None
    for number, line in enumerate(lines, start=1):
        try:
            kept = Kept.model_validate_json(line)
        except ValidationError as error:
            if number == len(lines) and not line.endswith(b"\n"):
                break
            what = error.errors(include_url=False, include_input=False)[0]["msg"]
            raise InputError(
                f"{path}, line {number}: not what chunkbench account writes ({what}): "
                "delete the file and run chunkbench account again"
            ) from None
        if kept.v > JOURNAL_VERSION:
            raise InputError(
                f"{path}, line {number}: version {kept.v}, this chunkbench reads up to "
                f"{JOURNAL_VERSION}: upgrade chunkbench"
            )
        if kept.records:
            all_kept.append(kept)
    return all_kept
