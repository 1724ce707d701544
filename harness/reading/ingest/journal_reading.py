"""Read a journal piece by piece: pairs by columns where that is safe, and line by line elsewhere.

Line by line is what defines a journal: which lines are accepted, what they mean, and what is said
of a broken one. A piece is read by columns only where that gives the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pyarrow as pa

from harness.core.errors import InputError
from harness.core.journal_format import CutOffError, line_of_file
from harness.core.records import Block, End, JournalLine, Pair, RunInfo, Try
from harness.reading.ingest.journal_pieces import PartedPiece, parted
from harness.reading.ingest.pair_columns import SCHEMA, from_lines, from_records

FEW_BYTES = 2**16
"""Pieces up to this are read line by line as a whole, where that is needed."""
Mark = tuple[int, RunInfo | Block | Try | End]
"""A line that is no pair, and how many pairs stand before it."""


@dataclass(frozen=True)
class PreparedPiece:
    """A piece of which all is read but its pairs."""

    part: PartedPiece
    info: RunInfo
    marks: list[Mark]
    truncated: bool

    @property
    def pairs(self) -> tuple[str, int]:
        """The run that the pairs should be of, and how many they are."""
        return self.info.run, self.part.n_pairs


class JournalReading:
    """What has been read of the journal at *path*.

    Attributes
    ----------
    info : RunInfo or None
        The first run line.
    marks : list of Mark
        Run lines, start-ups, tries and ends.
    truncated : bool
        The last line was cut off in mid-write.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.info: RunInfo | None = None
        self.marks: list[Mark] = []
        self.truncated = False
        self._tables: list[pa.Table] = []
        self._n_pairs = 0
        self._n_lines = 0

    @property
    def columns(self) -> pa.Table:
        """The pairs, a row for each."""
        return pa.concat_tables(self._tables or [SCHEMA.empty_table()])

    def add(self, piece: bytes) -> None:
        """Add whole lines, of which the last one of a file may lack its end.

        Raises
        ------
        InputError
            Where a line is broken, of another run, or of a run that was resumed with other work.
        """
        ready = self.prepared(piece)
        table = None if ready is None else from_lines(ready.part.pair_lines, [ready.pairs])
        if ready is not None and table is not None:
            self.accept(ready, table)
        else:
            middle = piece.rfind(b"\n", 0, len(piece) // 2) + 1
            if middle and len(piece) > FEW_BYTES:  # only what is near an odd line takes long
                self.add(piece[:middle])
                self.add(piece[middle:])
                return
            self._add_by_lines(piece)
        self._n_lines += piece.count(b"\n")

    def where(self, line: int) -> str:
        """File and number of the line that is *line* lines after those read."""
        return f"{self.path}, line {self._n_lines + line + 1}"

    def prepared(self, piece: bytes) -> PreparedPiece | None:
        """Read all but the pairs of *piece*; ``None`` where it has to be read line by line."""
        part = parted(piece)
        info, truncated = self.info, False
        marks: list[Mark] = []
        for line in part.others:
            where = self.where(line.number)
            try:
                record = line_of_file(line.text, where)
                info = info if record is None else _run_line(info, record, where)
            except CutOffError:
                truncated = True
                break
            except InputError:
                return None
            if isinstance(record, Pair):
                return None
            if record is not None:
                marks.append((self._n_pairs + line.pairs_before, record))
        begins_with_pair = self.info is None and (not marks or marks[0][0] > 0)
        if info is None or begins_with_pair:
            return None
        return PreparedPiece(part, info, marks, truncated)

    def accept(self, ready: PreparedPiece, table: pa.Table) -> None:
        """Add a piece that was prepared, with the columns of its pairs."""
        self.info, self.truncated = ready.info, ready.truncated
        self.marks.extend(ready.marks)
        self._append(table)

    def _add_by_lines(self, piece: bytes) -> None:
        pairs: list[Pair] = []
        for number, text in enumerate(BytesIO(piece)):
            where = self.where(number)
            try:
                record = line_of_file(text, where)
            except CutOffError:
                self.truncated = True
                break
            if record is None:
                continue
            self.info = _run_line(self.info, record, where)
            if isinstance(record, Pair):
                pairs.append(record)
            else:
                self.marks.append((self._n_pairs + len(pairs), record))
        self._append(from_records(pairs))

    def _append(self, table: pa.Table) -> None:
        self._tables.append(table)
        self._n_pairs += len(table)


def no_run_line(where: str) -> InputError:
    """What to tell a user of a journal whose first line is another."""
    return InputError(
        f'{where}: a journal starts with its "run" line and this file does not: '
        "nothing in it can be used, delete it"
    )


def _run_line(info: RunInfo | None, record: JournalLine, where: str) -> RunInfo:
    """The first run line, which is *info* or else *record*; refuses a *record* that does not fit.

    Raises
    ------
    InputError
    """
    if info is None:
        if not isinstance(record, RunInfo):
            raise no_run_line(where)
        return record
    if record.run != info.run:
        raise InputError(
            f"{where}: a line of run {record.run!r} in the journal of run {info.run!r}: "
            "keep one run a file"
        )
    if isinstance(record, RunInfo) and _identity(record) != _identity(info):
        raise InputError(
            f"{where}: run {info.run!r} was resumed with another commit, machine, suite or "
            "profile: delete the lines from here on"
        )
    return info


def _identity(info: RunInfo) -> tuple[str | None, ...]:
    return info.commit, info.machine.name, info.suite, info.profile
