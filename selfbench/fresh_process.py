"""Run a command in a fresh process, and say what it and all that it started cost."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import psutil

from harness.core import units


@dataclass(frozen=True)
class Spent:
    """What one command cost.

    Attributes
    ----------
    wall_seconds, user_seconds, system_seconds : float
        From the start of the process to its end; CPU time of all its processes.
    peak_bytes : int
        Largest memory of all its processes together, as seen every tenth of a second, or of one
        of them, as the system counts it. Pages that they share count in each.
    output : str
        What it wrote to its standard output.
    """

    wall_seconds: float
    user_seconds: float
    system_seconds: float
    peak_bytes: int
    output: str = ""

    @property
    def cpu_seconds(self) -> float:
        """Of user and system together."""
        return self.user_seconds + self.system_seconds


class DidNotEndError(Exception):
    """The command failed, or took more memory than it may; the message says in a line which."""


def spent(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    most_bytes: float = float("inf"),
) -> Spent:
    """Run *command* in *folder*, and wait for its end.

    Parameters
    ----------
    command : sequence of str
    folder : Path
    environment : mapping of str to str
        All of its variables.
    most_bytes : float
        With more memory than this it is ended, before it takes that of others.

    Raises
    ------
    DidNotEndError
        Where it fails, or takes more memory.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.perf_counter()
        child = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err
        )
        watch = _Watch(child.pid, most_bytes)
        watch.start()
        try:
            _, status, usage = os.wait4(child.pid, 0)
            wall = time.perf_counter() - began
            child.returncode = os.waitstatus_to_exitcode(status)
        except BaseException:
            _end(child.pid)
            child.wait()
            raise
        finally:
            watch.ended.set()
            watch.join()
        if watch.peak > most_bytes:
            raise DidNotEndError(f"ended at {units.size(watch.peak)} of memory")
        if child.returncode:
            err.seek(0)
            lines = err.read().decode(errors="replace").strip().splitlines() or ["no message"]
            raise DidNotEndError(f"exit code {child.returncode}: {lines[-1][:200]}")
        out.seek(0)
        return Spent(wall, usage.ru_utime, usage.ru_stime, watch.peak, out.read().decode())


class _Watch(Thread):
    """Looks at the memory of a process and all below it until it has ended."""

    def __init__(self, pid: int, most_bytes: float) -> None:
        super().__init__(daemon=True)
        self.pid, self.most_bytes = pid, most_bytes
        self.ended = Event()
        self.peak = 0

    def run(self) -> None:
        """Look often at first, then seldom enough to take no time from the process."""
        began = time.monotonic()
        while not self.ended.wait(min(0.1, max(0.005, (time.monotonic() - began) / 20))):
            self.peak = max(self.peak, _memory(self.pid))
            if self.peak > self.most_bytes:
                _end(self.pid)
                return


def _memory(pid: int) -> int:
    """Memory of the process and all below it now, or the most that one of them had so far."""
    now, most = 0, 0
    with contextlib.suppress(psutil.Error):
        parent = psutil.Process(pid)
        for process in (parent, *parent.children(recursive=True)):
            with contextlib.suppress(psutil.Error, OSError):
                now += process.memory_info().rss
                most = max(most, _high_water(process.pid))
    return max(now, most)


def _high_water(pid: int) -> int:
    """The most memory that a process had since it began its program; 0 where that is not told."""
    status = Path(f"/proc/{pid}/status")
    if not status.is_file():
        return 0
    for line in status.read_text().splitlines():
        if line.startswith("VmHWM:"):
            return 1024 * int(line.split()[1])
    return 0


def _end(pid: int) -> None:
    with contextlib.suppress(psutil.Error):
        parent = psutil.Process(pid)
        for process in (*parent.children(recursive=True), parent):
            with contextlib.suppress(psutil.Error):
                process.kill()
