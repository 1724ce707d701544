"""The journal's writing end: append-only, one line a record, flushed at once."""

from __future__ import annotations

import fcntl
import os
import secrets
from datetime import datetime
from pathlib import Path

from harness.errors import UsageError
from harness.journal_format import read_lines
from harness.records import Block, End, Pair, RunInfo

Record = RunInfo | Block | Pair | End


def run_name(suite: str, now: datetime) -> str:
    """A run's name: UTC start, suite, short random suffix."""
    return f"{now:%Y%m%dT%H%M%SZ}-{suite}-{secrets.token_hex(2)}"


class Journal:
    """An open journal; a second process is kept from writing to it.

    Parameters
    ----------
    path : Path
        Created with its folder where it does not exist. A last line that was cut short by a
        crash is dropped: it never was a whole record.

    Raises
    ------
    UsageError
        Where another process has it open.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = path.open("ab+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise UsageError(f"{path.name} is being written by another run: wait for it") from None
        self._drop_partial_line()

    def _drop_partial_line(self) -> None:
        self._file.seek(0)
        content = self._file.read()
        whole = content.rfind(b"\n") + 1
        if whole != len(content):
            self._file.truncate(whole)

    def append(self, record: Record) -> None:
        """Write one record; it is on its way to the disk when this returns."""
        self._file.write(record.model_dump_json().encode() + b"\n")
        self._file.flush()

    def close(self) -> None:
        """Let others write."""
        os.fsync(self._file.fileno())
        self._file.close()


def unfinished(folder: Path, suite: str, profile: str) -> Path | None:
    """The newest journal of *suite* and *profile* in *folder* that has no end, or only an
    interrupted one."""
    for path in sorted(folder.glob(f"*-{suite}-*.jsonl"), reverse=True):
        records = list(read_lines(path))
        info = next((r for r in records if isinstance(r, RunInfo)), None)
        ends = [r for r in records if isinstance(r, End)]
        if info is None or info.suite != suite or info.profile != profile:
            continue
        return None if ends and ends[-1].status == "complete" else path
    return None
