"""Read journal files: what was measured, exactly as it was written down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TypeVar, cast

import pyarrow as pa

from harness.core.records import Block, End, Pair, RunInfo, Scheduler
from harness.reading.ingest.journal_pieces import PIECE_BYTES, pieces
from harness.reading.ingest.journal_reading import (
    JournalReading,
    Mark,
    PreparedPiece,
    no_run_line,
)
from harness.reading.ingest.pair_columns import from_lines, from_records, to_records

Kind = TypeVar("Kind", RunInfo, Block, End)


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


@dataclass(frozen=True)
class Stretch:
    """What a run measured without interruption: since it was started, or since it was resumed.

    ``columns`` are those of its pairs, as :class:`JournalContent` has them; ``end`` is ``None``
    where it was killed, or still goes on.
    """

    info: RunInfo
    blocks: tuple[Block, ...]
    columns: pa.Table
    end: End | None = None

    @property
    def job(self) -> str | None:
        """The batch job that it ran in, as :func:`job_label` has it."""
        return job_label(self.info.scheduler, self.info.job) if self.info.job else None

    @property
    def began(self) -> datetime | None:
        """When it started; of journals without ``t``, what the run's name or a pair tells."""
        return _first_moment(self.info.t, self._times())

    @property
    def seconds(self) -> float | None:
        """Time from its start to its end, as its end says; where it does not say or there is none,
        from start to end or to the last pair by the clock on the wall, unless that was set back."""
        if self.end and self.end.seconds_of_all is not None:
            return self.end.seconds_of_all
        last = self.end.t if self.end else None
        began, ended = self.began, _first_moment(last, self._times(backwards=True))
        if began is None or ended is None or ended < began:
            return None
        return (ended - began).total_seconds()

    def _times(self, *, backwards: bool = False) -> Iterator[str]:
        times = self.columns["t"].drop_null()
        places = range(len(times))
        return (times[place].as_py() for place in (reversed(places) if backwards else places))


@dataclass(frozen=True)
class JournalContent:
    """One run: its journal, read whole.

    Attributes
    ----------
    path : Path
    info : RunInfo
        The first run line.
    blocks : tuple of Block
    columns : Table
        The pairs, a row for each: :data:`harness.reading.ingest.pair_columns.SCHEMA`.
    end : End or None
        ``None`` where the run was interrupted or still goes on.
    truncated : bool
        A last line, cut off in mid-write, was dropped.
    stretches : tuple of Stretch
        The same pairs and blocks, parted where the run was resumed.
    """

    path: Path
    info: RunInfo
    blocks: tuple[Block, ...]
    columns: pa.Table
    end: End | None
    truncated: bool
    stretches: tuple[Stretch, ...]

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The pairs as records, made anew each time: for a few, since they take time and memory."""
        return tuple(to_records(self.columns, self.info.run))

    @property
    def may_go_on(self) -> bool:
        """Whether the run still measures, or was interrupted, so that it may be resumed."""
        return self.end is None or self.end.status == "interrupted"

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
    reading = JournalReading(path)
    for piece in pieces(path):
        reading.add(piece)
    return _read(reading)


def read_journals(paths: Iterable[Path]) -> Iterator[JournalContent]:
    """Read many journals, in their order; see :func:`read_journal`.

    The pairs of small ones are read together: each call of a parser costs what hundreds of pairs
    cost.

    Raises
    ------
    InputError
        As :func:`read_journal`.
    """
    batch: list[tuple[JournalReading, PreparedPiece | None]] = []
    size = 0
    for path in paths:
        reading, piece = _prepared(path)
        batch.append((reading, piece))
        size += len(piece.part.pair_lines) if piece else 0
        if size > PIECE_BYTES:
            yield from _read_together(batch)
            batch, size = [], 0
    yield from _read_together(batch)


def _prepared(path: Path) -> tuple[JournalReading, PreparedPiece | None]:
    """A journal of which all is read but its pairs, if it is one piece that columns can hold."""
    reading, all_pieces = JournalReading(path), pieces(path)
    first, rest = next(all_pieces, None), next(all_pieces, None)
    return reading, reading.prepared(first) if first and rest is None else None


def _read_together(
    batch: Sequence[tuple[JournalReading, PreparedPiece | None]],
) -> Iterator[JournalContent]:
    ready = [piece for _, piece in batch if piece is not None]
    lines = b"".join(piece.part.pair_lines for piece in ready)
    columns = from_lines(lines, [piece.pairs for piece in ready])
    place = 0
    for reading, piece in batch:
        if piece is None or columns is None:
            yield read_journal(reading.path)
            continue
        reading.accept(piece, columns.slice(place, piece.part.n_pairs))
        place += piece.part.n_pairs
        yield _read(reading)


def _read(reading: JournalReading) -> JournalContent:
    if reading.info is None:
        raise no_run_line(f"{reading.path}, line 1")
    return _content(
        reading.path, reading.info, reading.marks, reading.columns, truncated=reading.truncated
    )


def content_of_marks(path: Path, marks: Sequence[Mark], columns: pa.Table) -> JournalContent:
    """The journal at *path* from its *marks*, of which a run line is the first, and its pairs."""
    info = marks[0][1]
    assert isinstance(info, RunInfo)  # noqa: S101 - what marks begin with
    return _content(path, info, marks, columns, truncated=False)


def content_of(info: RunInfo, records: Iterable[RunInfo | Block | Pair]) -> JournalContent:
    """The journal of a run that is in memory: without a path, and without an end."""
    pairs: list[Pair] = []
    marks: list[Mark] = [(0, info)]
    for record in records:
        if isinstance(record, Pair):
            pairs.append(record)
        else:
            marks.append((len(pairs), record))
    return _content(Path(), info, marks, from_records(pairs), truncated=False)


def _content(
    path: Path, info: RunInfo, marks: Sequence[Mark], columns: pa.Table, *, truncated: bool
) -> JournalContent:
    ends = _of_kind(End, marks)
    planned = [line.allocation for line in _of_kind(RunInfo, marks) if line.allocation]
    return JournalContent(
        path,
        info.model_copy(update={"allocation": planned[-1]}) if planned else info,
        tuple(_of_kind(Block, marks)),
        columns,
        ends[-1] if ends else None,
        truncated,
        tuple(_stretches(marks, columns)),
    )


def _stretches(marks: Sequence[Mark], columns: pa.Table) -> Iterator[Stretch]:
    run_lines = [place for place, (_, record) in enumerate(marks) if isinstance(record, RunInfo)]
    for place, next_place in zip(run_lines, [*run_lines[1:], len(marks)], strict=True):
        first, info = marks[place]
        last = marks[next_place][0] if next_place < len(marks) else len(columns)
        ends = _of_kind(End, marks[place:next_place])
        yield Stretch(
            cast(RunInfo, info),
            tuple(_of_kind(Block, marks[place:next_place])),
            columns.slice(first, last - first),
            ends[-1] if ends else None,
        )


def _of_kind(kind: type[Kind], marks: Sequence[Mark]) -> list[Kind]:
    return [record for _, record in marks if isinstance(record, kind)]


def _first_moment(first: str | None, others: Iterable[str]) -> datetime | None:
    return next(filter(None, map(_moment, chain([first], others))), None)


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
