"""A reaper with a scratch folder, for as long as something is measured: signals stop that, and
nothing is left of it."""

from __future__ import annotations

import os
import secrets
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from time import sleep
from types import FrameType

from harness.running.measure.process.reaper import Reaper

SHORT = Path("/tmp")  # noqa: S108 - a folder of its own is made in it
LONGEST_TEMPORARY = 24
"""Ray's sockets live below the scratch folder, and a socket's path has at most 107 characters."""
PARENT_POLL_SECONDS = 0.5


@contextmanager
def supervised(
    *, watch_parent: bool = False, afterwards: ExitStack | None = None
) -> Iterator[Reaper]:
    """A reaper with a scratch folder, which ends all processes that are left at the end.

    Parameters
    ----------
    watch_parent : bool
        Stop when the parent process ends, as ASV's helper must when ASV is killed.
    afterwards : ExitStack, optional
        Closed when no process is left, whatever happened; a second Ctrl-C does not interrupt what
        it does.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, SIGTERM or SIGHUP.
    """
    scratch = Path(tempfile.mkdtemp(prefix="chunkbench-", dir=_temporary_folder()))
    reaper = Reaper(secrets.token_hex(8), scratch)
    try:
        with _stopped(watch_parent):
            yield reaper
    finally:
        with _undisturbed():
            reaper.finish()
            if afterwards is not None:
                afterwards.close()


def _temporary_folder() -> str:
    """Where a scratch folder is made, so that the paths of sockets in it are not too long."""
    folder = tempfile.gettempdir()
    return folder if len(folder) <= LONGEST_TEMPORARY or not SHORT.is_dir() else str(SHORT)


@contextmanager
def stopped_by_signals(*numbers: int) -> Iterator[None]:
    """Turn the first of these signals into :class:`KeyboardInterrupt`; later ones do nothing."""
    stopping = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        if not stopping:
            stopping = True
            raise KeyboardInterrupt

    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in numbers:
            before[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _stopped(watch_parent: bool) -> Iterator[None]:
    """Stopped by SIGTERM, SIGHUP and, if asked, by the parent's end."""
    ended = threading.Event()
    with stopped_by_signals(signal.SIGTERM, signal.SIGHUP):
        if watch_parent:
            threading.Thread(target=_watch, args=(os.getppid(), ended), daemon=True).start()
        try:
            yield
        finally:
            ended.set()


def _watch(parent: int, ended: threading.Event) -> None:
    """Send this process SIGTERM when *parent* is not its parent any more."""
    while not ended.is_set():
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
            return
        sleep(PARENT_POLL_SECONDS)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ignore a second Ctrl-C, so that it does not cut the clean-up short, which ends by itself."""
    before = None
    if threading.current_thread() is threading.main_thread():
        with suppress(ValueError):
            before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)
