"""Journals that are written on the node's disk, and copied to the results folder.

The copy in the results folder always begins the file on the node's disk: it lacks what was written
in the last minute at most, and none of the lines that say what is tried. A job that is killed
leaves the file on the node, and the next sweep there brings the rest of it to its place.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import monotonic

from harness.core.file_locks import lock
from harness.core.records import End, JournalLine, RunInfo, Try
from harness.core.units import plural
from harness.core.whole_files import write_whole
from harness.running.measure.sweep.journal import JournalWriter, is_written

COPY_SECONDS = 60.0
SETTING, COPIED = "journal", "copied from the node's disk"
"""What a run line has among its settings where its journal is copied."""
LEFT = ".left"
"""How the file of a run ends that went on elsewhere, without what is in it."""


class CopiedJournal(JournalWriter):
    """An open journal of which the file on the node's disk is ahead.

    Parameters
    ----------
    path : Path
        Its place in the results folder, where it exists; locked as any other journal is.
    folder : Path
        On the node's disk.
    clock : callable
        Seconds that only move forward.
    """

    def __init__(self, path: Path, folder: Path, clock: Callable[[], float] = monotonic) -> None:
        super().__init__(path)
        self._clock, self._copied_at = clock, clock()
        self._near = (folder / path.name).open("ab")
        try:
            lock(self._near)  # the disk of a node has locks, where that of the network has none
        except BlockingIOError:
            self._near.close()
            self._file.close()
            raise is_written(path) from None
        self._near.truncate(0)
        self.write(path.read_bytes(), self._near)
        self._waiting: list[bytes] = []

    def append(self, record: JournalLine) -> None:
        """Write one record to the node's disk, and copy all that waits where it is time to."""
        line = record.model_dump_json().encode() + b"\n"
        self.write(line, self._near)
        self._waiting.append(line)
        late = self._clock() - self._copied_at >= COPY_SECONDS
        if late or isinstance(record, RunInfo | Try | End):
            self.copy()

    def copy(self) -> None:
        """Copy what is new to the results folder."""
        self.write(b"".join(self._waiting), self._file)
        self._waiting, self._copied_at = [], self._clock()

    def close(self) -> None:
        """Copy the rest, and remove the file on the node's disk."""
        self.copy()
        super().close()
        Path(self._near.name).unlink()
        self._near.close()


def opened(path: Path, folder: Path | None) -> JournalWriter:
    """The journal at *path*, to be written; by way of a *folder* on the node's disk, if given.

    Raises
    ------
    UsageError
        Where another process has it open.
    """
    return JournalWriter(path) if folder is None else CopiedJournal(path, folder)


def bring_rest(folder: Path, journals: Path) -> Iterator[str]:
    """Copy what jobs that were killed left in *folder*, on this node's disk, to *journals*.

    Where a run went on elsewhere meanwhile, its lines of here would count rounds twice, or those of
    two start-ups as one: they stay on the node, in a file that ends in :data:`LEFT`.

    Yields
    ------
    str
        What was done with a file, where it had more than its place.
    """
    for near in sorted(folder.glob("*.jsonl")):
        with near.open("rb+") as file:
            try:
                lock(file)
            except BlockingIOError:  # a job that is at work
                continue
            lines, place = file.read(), journals / near.name
            there = place.read_bytes() if place.exists() else b""
            rest = lines.removeprefix(there)
            if lines.startswith(there) and rest:
                _add(place, there, rest)
                more = plural(rest.count(b"\n") or 1, "line")
                yield f"{near.stem}: {more} that a job had left on this node's disk are copied"
            elif not there.startswith(lines):
                kept = near.rename(near.with_suffix(LEFT))
                yield (
                    f"{near.stem} went on elsewhere after its job had ended here: the last lines "
                    f"of that job stay in {kept}"
                )
                continue
            near.unlink()


def _add(place: Path, there: bytes, rest: bytes) -> None:
    if not there:
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, rest)
        return
    with place.open("ab") as file:
        lock(file, wait=True)
        file.write(rest)
        file.flush()
        os.fsync(file.fileno())


def elsewhere(records: Sequence[JournalLine], node: str | None) -> str | None:
    """Say where the last lines of a run may be that is gone on with on *node*; ``None`` where they
    are all there."""
    for record in reversed(records):
        if isinstance(record, End):
            return None
        if isinstance(record, RunInfo):
            if record.settings.get(SETTING) != COPIED or record.machine.node == node:
                return None
            return (
                f"{record.run}: its job was killed on another node; what that had measured in its "
                "last minute may be on its disk still, and is measured again"
            )
    return None
