"""Journal files to records: what was measured, exactly as it was written down."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.errors import InputError
from harness.journal_format import numbered_lines
from harness.records import Block, End, Pair, RunInfo


@dataclass(frozen=True)
class Journal:
    """One run: its journal, read whole.

    ``end`` is ``None`` where the run was interrupted or still goes on; ``truncated`` says that a
    last line, cut off in mid-write, was dropped.
    """

    path: Path
    info: RunInfo
    blocks: tuple[Block, ...]
    pairs: tuple[Pair, ...]
    end: End | None
    truncated: bool

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


def read_journal(path: Path) -> Journal:
    """The journal at *path*.

    A resumed run may say again what it is: same commit, machine, suite and profile; the first such
    line counts, and of several end lines the last one.

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
        if isinstance(record, Block):
            blocks.append(record)
        elif isinstance(record, Pair):
            pairs.append(record)
        elif isinstance(record, End):
            end = record
    if info is None:
        raise InputError(_no_run_line(f"{path}, line 1"))
    return Journal(path, info, tuple(blocks), tuple(pairs), end, bool(truncated))


def _no_run_line(where: str) -> str:
    return (
        f'{where}: a journal starts with its "run" line and this file does not: '
        "nothing in it can be used, delete it"
    )


def _identity(info: RunInfo) -> tuple[str | None, ...]:
    return info.commit, info.machine.name, info.suite, info.profile
