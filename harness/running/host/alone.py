"""One process at a time in a folder: a lock that ends with the process that holds it."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import IO

import psutil

from harness.core.errors import UsageError
from harness.core.file_locks import lock
from harness.running.host.batch_job import batch_job

PAUSE_SECONDS = 0.1

SAME_START_SECONDS = 1.0
"""Two starts of a process with one number are further apart."""


@contextmanager
def alone(path: Path, what: str, patience_seconds: float = 0.0) -> Iterator[None]:
    """Be the only process that does *what*, for as long as the block lasts.

    The kernel's lock on the file at *path* is held. A file system without locks, as NFS may be, has
    the file itself as the lock: it names its process, and is taken over where that has ended, or
    was of an earlier start of the same batch job.

    Parameters
    ----------
    path : Path
        A file for this purpose alone; its folder is made, and it is removed at the end.
    what : str
        As in "another SETTLE is at work there".
    patience_seconds : float
        How long to wait for another process to end.

    Raises
    ------
    UsageError
        Where another process does it; its number is named.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = monotonic() + patience_seconds
    while (file := _held(path, what, deadline)) is None:
        sleep(PAUSE_SECONDS)
    try:
        file.truncate(0)
        file.write(json.dumps(_this_process()))
        file.flush()
        yield
    finally:
        path.unlink(missing_ok=True)  # while it is held: who waits for it looks whether it is there
        file.close()


def _held(path: Path, what: str, deadline: float) -> IO[str] | None:
    """The file, locked; ``None`` where another process has it and there is time to wait."""
    try:
        return _locked(path, what)
    except UsageError:
        if monotonic() >= deadline:
            raise
        return None


def _locked(path: Path, what: str) -> IO[str]:
    while True:
        file = path.open("a+", encoding="utf-8")
        try:
            locked = lock(file)
        except BlockingIOError:
            file.close()
            raise _refused(path, what) from None
        if not locked:
            file.close()
            return _created(path, what)
        if path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno())):
            return file
        file.close()  # removed by the process that held it before: lock the new one


def _created(path: Path, what: str) -> IO[str]:
    """The file as its own lock: made by this process alone, or left by one that has ended."""
    holder = _holder(path)
    if holder and _may_live(holder):
        raise _refused(path, what)
    path.unlink(missing_ok=True)
    try:
        return path.open("x", encoding="utf-8")
    except FileExistsError:
        raise _refused(path, what) from None


def _this_process() -> dict[str, object]:
    return {
        "pid": os.getpid(),
        "host": platform.node(),
        "began": _began(psutil.Process()),
        "job": list(batch_job() or ()),
    }


def _holder(path: Path) -> dict[str, object]:
    """The process that the file at *path* names; empty where it names none."""
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return holder if isinstance(holder, dict) else {}


def _may_live(holder: dict[str, object]) -> bool:
    """Whether the process still runs; that of another node may, but for one of this batch job,
    which is on one node at a time."""
    if holder.get("host") != platform.node():
        return not holder.get("job") or holder["job"] != list(batch_job() or ())
    try:
        began = _began(psutil.Process(int(str(holder["pid"]))))
        return abs(began - float(str(holder["began"]))) < SAME_START_SECONDS
    except (psutil.NoSuchProcess, KeyError, ValueError):
        return False


def _began(process: psutil.Process) -> float:
    """When *process* began, in s since the machine was started: setting the clock moves both."""
    return float(process.create_time() - psutil.boot_time())


def _refused(path: Path, what: str) -> UsageError:
    holder = _holder(path)
    who = f" (process {holder['pid']} on {holder.get('host')})" if "pid" in holder else ""
    elsewhere = (
        f"; if that process has ended, remove {path}"
        if who and holder.get("host") != platform.node()
        else ""
    )
    return UsageError(
        f"{path.parent}: another {what} is at work there{who}: wait for its end, or choose another "
        f"folder with --results{elsewhere}"
    )
