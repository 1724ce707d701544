"""The journal's writing end: append-only, one line a record, flushed at once."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple

from harness.core.errors import UsageError
from harness.core.file_locks import lock
from harness.core.journal_format import read_lines
from harness.core.records import End, JournalLine, RunInfo
from harness.core.run_options import KEPT_OUT
from harness.core.whole_files import write_whole


class JournalWriter:
    """An open journal; a second process is kept from writing to it.

    Parameters
    ----------
    path : Path
        An existing journal; see :func:`begin`.

    Raises
    ------
    UsageError
        Where another process has it open.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("ab+")
        try:
            lock(self._file)
        except BlockingIOError:
            self._file.close()
            raise is_written(path) from None
        self._mend_last_line()

    def _mend_last_line(self) -> None:
        """End a last line that a crash left without its end, if it is whole; else drop it."""
        self._file.seek(0)
        content = self._file.read()
        whole = content.rfind(b"\n") + 1
        if whole == len(content):
            return
        try:
            json.loads(content[whole:])
        except ValueError:
            self._file.truncate(whole)
        else:
            self._file.write(b"\n")
            self._file.flush()

    def append(self, record: JournalLine) -> None:
        """Write one record; it is on its way to the disk when this returns."""
        self.write(record.model_dump_json().encode() + b"\n", self._file)

    @staticmethod
    def write(lines: bytes, file: IO[bytes]) -> None:
        """Write *lines* to an open *file*, and send them on their way.

        Raises
        ------
        OSError
            Says which file it was.
        """
        try:
            file.write(lines)
            file.flush()
        except OSError as error:  # of an open file, so that it does not say which
            raise OSError(error.errno, error.strerror, str(file.name)) from None

    def close(self) -> None:
        """Let others write."""
        os.fsync(self._file.fileno())
        self._file.close()


def is_written(path: Path) -> UsageError:
    """What to tell a user where another process writes the journal at *path*."""
    return UsageError(f"{path.name} is being written by another run: wait for it")


def begin(folder: Path, info: RunInfo) -> Path:
    """Make a journal with its first line, which it is never seen without; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    line = info.model_dump_json().encode() + b"\n"
    return write_whole(folder / f"{info.run}.jsonl", line)


class Earlier(NamedTuple):
    """A run that a new one might go on with: its journal, or why it is not gone on with."""

    path: Path | None
    not_resumed: str | None = None


def unfinished(folder: Path, fresh: RunInfo, since: datetime | None = None) -> Earlier:
    """The newest journal in *folder* of the same work as *fresh*, if it did not come to its end.

    Rounds of another commit, or of a sweep planned otherwise, are another run's. So are those of
    the same plan with other versions, on another processor or on other usable cores, or where
    clusters kept others out and do no longer: the reason says what differs.

    Parameters
    ----------
    folder : Path
        A machine's folder of journals.
    fresh : RunInfo
        The run line of what is to be measured, here and now.
    since : datetime, optional
        A run that began before this moment is left as it is.
    """
    why: str | None = None
    for path in _newest_first(folder, fresh.suite, _began(fresh)):
        records = list(read_lines(path))
        info = next((record for record in records if isinstance(record, RunInfo)), None)
        last = next((record for record in reversed(records) if isinstance(record, End)), None)
        if info is None or not same_plan(info, fresh) or (since and _began(info) < since):
            continue
        whole = last is not None and last.status == "complete"
        if changes := what_changed(info, fresh):
            why = why or (None if whole else f"{info.run} is left as it is: {', '.join(changes)}")
            continue
        return Earlier(None if whole else path)
    return Earlier(None, why)


def _newest_first(folder: Path, suite: str, now: datetime) -> list[Path]:
    """The journals of *suite* in *folder*, by their names, which begin with the time. What began
    later than *now* comes last: the clock was set back since, and it may be of any age."""
    latest = f"{now:%Y%m%dT%H%M%SZ}~"
    paths = folder.glob(f"*-{suite}-*.jsonl")
    return sorted(paths, key=lambda path: (path.name <= latest, path.name), reverse=True)


def _began(info: RunInfo) -> datetime:
    """When a run began: a journal that does not say it is older than all that do."""
    return datetime.fromisoformat(info.t) if info.t else datetime.min.replace(tzinfo=UTC)


def ended(
    folder: Path, suite: str, after: datetime, same: Callable[[RunInfo], bool]
) -> Path | None:
    """The newest journal of *suite* in *folder* whose run is the *same*, and came to its end
    *after* a moment.

    A run whose budget was spent has come to its end; one that was stopped has not.
    """
    for path in _newest_first(folder, suite, datetime.now(UTC)):
        records = list(read_lines(path))
        info = next((record for record in records if isinstance(record, RunInfo)), None)
        last = next((record for record in reversed(records) if isinstance(record, End)), None)
        if info is None or last is None or last.t is None or last.status == "interrupted":
            continue
        if info.suite == suite and same(info) and datetime.fromisoformat(last.t) >= after:
            return path
    return None


def same_plan(first: RunInfo, second: RunInfo) -> bool:
    """Whether two runs have the same plan of the same commit."""
    return _plan(first) == _plan(second)


def _plan(info: RunInfo) -> tuple[object, ...]:
    plan = {name: value for name, value in info.plan.items() if name != KEPT_OUT}
    return info.suite, info.profile, info.commit, plan, info.environment, info.homes


def what_changed(before: RunInfo, now: RunInfo) -> list[str]:
    """What moves a result and differs between two run lines, in words: versions, the processor, the
    usable cores, whether clusters keep others out. Rounds on both sides of such a change are no
    rounds of one case."""
    facts = [
        *((name, before.versions.get(name), version) for name, version in now.versions.items()),
        ("the processor", before.machine.cpu, now.machine.cpu),
        ("usable cores", before.machine.cores_usable, now.machine.cores_usable),
        ("--secure", *("on" if KEPT_OUT in each.plan else "off" for each in (before, now))),
    ]
    return [f"{name} was {_said(old)}, is {_said(new)}" for name, old, new in facts if old != new]


def _said(value: str | float | None) -> str:
    if value is None:
        return "not known"
    return value if isinstance(value, str) else f"{value:g}"
