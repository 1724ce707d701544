"""A reaper with a scratch folder, for as long as something is measured: signals stop that, and
nothing is left of it."""

from __future__ import annotations

import os
import secrets
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from time import sleep

from harness.core.stop_signals import STOPPING, stopped_by_signals
from harness.running.measure.process.reaper import Reaper
from harness.running.measure.process.scratch_parent import PREFIX

PARENT_POLL_SECONDS = 0.5


@contextmanager
def supervised(
    *,
    watch_parent: bool = False,
    afterwards: ExitStack | None = None,
    parent: str | None = None,
) -> Iterator[Reaper]:
    """A reaper with a scratch folder, which ends all processes that are left at the end.

    Parameters
    ----------
    watch_parent : bool
        Stop when the parent process ends, as ASV's helper must when ASV is killed.
    afterwards : ExitStack, optional
        Closed when no process is left, whatever happened; a second signal does not interrupt what
        it does.
    parent : str, optional
        The folder that the scratch folder is made in; by default the system's temporary folder.

    Raises
    ------
    KeyboardInterrupt
        On the first of the signals that stop a sweep, also where it was started with them ignored.
    """
    with (
        stopped_by_signals(*STOPPING),
        scratch_folder(PREFIX, parent, afterwards) as reaper,
        _watched_parent() if watch_parent else nullcontext(),
    ):
        yield reaper


@contextmanager
def scratch_folder(
    prefix: str, parent: str | None = None, afterwards: ExitStack | None = None
) -> Iterator[Reaper]:
    """A temporary folder whose name begins with *prefix*, and a reaper: the folder is removed at
    the end, also where this process is killed.

    The other parameters are those of :func:`supervised`.
    """
    with tempfile.TemporaryDirectory(prefix=prefix, dir=parent, ignore_cleanup_errors=True) as name:
        reaper = Reaper(secrets.token_hex(8), Path(name))
        try:
            yield reaper
        finally:
            with _undisturbed():
                reaper.finish()
                if afterwards is not None:
                    afterwards.close()


@contextmanager
def _watched_parent() -> Iterator[None]:
    """Stopped when the parent process ends."""
    ended = threading.Event()
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
    """Ignore a second signal, so that it does not cut the clean-up short, which ends by itself."""
    before = {}
    if threading.current_thread() is threading.main_thread():
        before = {number: signal.signal(number, signal.SIG_IGN) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
