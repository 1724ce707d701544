"""Read journal files: what was measured, exactly as it was written down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from harness.core.errors import InputError
from harness.core.journal_format import numbered_lines
from harness.core.records import Block, End, Pair, RunInfo, Scheduler


def job_label(scheduler: str | None, job: str) -> str:
    """How tables name a batch job: ``slurm-1234_7``; the id alone where no scheduler is known."""
    return f"{scheduler}-{job}" if scheduler else job


def workers_jobs(blocks: Iterable[Block]) -> list[tuple[Scheduler | None, str]]:
    """List the jobs that the executors of *blocks* started as their workers, each once.

    They stand under ``worker_jobs`` among the settings of a block, e.g.
    ``["slurm-123", "slurm-124"]``.

    Returns
    -------
    list of tuple
        Scheduler (``None`` where it is not known) and id.
    """
    jobs: dict[tuple[Scheduler | None, str], None] = {}
    for block in blocks:
        labels = block.settings.get("worker_jobs")
        for label in labels if isinstance(labels, list) else []:
            scheduler, dash, job = str(label).partition("-")
            if dash and scheduler in list(Scheduler):
                jobs[Scheduler(scheduler), job] = None
            else:
                jobs[None, str(label)] = None
    return list(jobs)


@dataclass
class Stretch:
    """What a run measured without interruption: since it was started, or since it was resumed.

    ``end`` is ``None`` where it was killed, or still goes on.
    """

    info: RunInfo
    blocks: list[Block] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    end: End | None = None

    @property
    def job(self) -> str | None:
        """The batch job that it ran in, as :func:`job_label` has it."""
        return job_label(self.info.scheduler, self.info.job) if self.info.job else None

    @property
    def began(self) -> datetime | None:
        """When it started; of journals without ``t``, what the run's name or a pair tells."""
        known = (self.info.t, *(pair.t for pair in self.pairs))
        return next(filter(None, map(_moment, known)), None)

    @property
    def seconds(self) -> float | None:
        """Wall time from its start to its end, or to the last pair where it has no end."""
        last = (self.end.t if self.end else None, *(pair.t for pair in reversed(self.pairs)))
        began, ended = self.began, next(filter(None, map(_moment, last)), None)
        if began is None or ended is None or ended < began:
            return None
        return (ended - began).total_seconds()


@dataclass(frozen=True)
class JournalContent:
    """One run: its journal, read whole.

    ``end`` is ``None`` where the run was interrupted or still goes on; ``truncated`` says that a
    last line, cut off in mid-write, was dropped. ``stretches`` are the same pairs and blocks,
    parted where the run was resumed.
    """

    path: Path
    info: RunInfo
    blocks: tuple[Block, ...]
    pairs: tuple[Pair, ...]
    end: End | None
    truncated: bool
    stretches: tuple[Stretch, ...] = ()

    @property
    def notes(self) -> list[str]:
        """What a reader of the results should know about this file, a sentence each."""
        notes = []
        if self.truncated:
            notes.append(f"{self.path}: the last line was cut off in mid-write and is dropped")
        if self.end is None:
            notes.append(
                f"{self.path}: run {self.info.run!r} has no end line: it was interrupted or still "
                "goes on; what it measured is used"
            )
        return notes


def read_journal(path: Path) -> JournalContent:
    """Read the journal at *path*.

    A resumed run has a further run line with the same commit, machine, suite and profile. The
    first run line counts, and of several end lines the last; a new stretch starts at each run line.

    Parameters
    ----------
    path : Path
        A ``.jsonl`` file.

    Raises
    ------
    InputError
        Where the file cannot be read, has no run line at its start, has a broken line or one
        of another run, or was written by a later version. File and line number are named.
    """
    info: RunInfo | None = None
    blocks: list[Block] = []
    pairs: list[Pair] = []
    end: End | None = None
    stretches: list[Stretch] = []
    truncated: list[bool] = []
    for number, record in numbered_lines(path, on_truncated=lambda: truncated.append(True)):
        where = f"{path}, line {number}"
        if info is None:
            if not isinstance(record, RunInfo):
                raise InputError(_no_run_line(where))
            info = record
        elif record.run != info.run:
            raise InputError(
                f"{where}: a line of run {record.run!r} in the journal of run {info.run!r}: "
                "keep one run a file"
            )
        elif isinstance(record, RunInfo) and _identity(record) != _identity(info):
            raise InputError(
                f"{where}: run {info.run!r} was resumed with another commit, machine, suite or "
                "profile: delete the lines from here on"
            )
        if isinstance(record, RunInfo):
            stretches.append(Stretch(record))
        elif isinstance(record, Block):
            blocks.append(record)
            stretches[-1].blocks.append(record)
        elif isinstance(record, Pair):
            pairs.append(record)
            stretches[-1].pairs.append(record)
        else:
            end = stretches[-1].end = record
    if info is None:
        raise InputError(_no_run_line(f"{path}, line 1"))
    return JournalContent(
        path, info, tuple(blocks), tuple(pairs), end, bool(truncated), tuple(stretches)
    )


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def _no_run_line(where: str) -> str:
    return (
        f'{where}: a journal starts with its "run" line and this file does not: '
        "nothing in it can be used, delete it"
    )


def _identity(info: RunInfo) -> tuple[str | None, ...]:
    return info.commit, info.machine.name, info.suite, info.profile
