"""Ending process trees, also those whose parent was killed.

A sweep's children carry its token in their environment and live in sessions of their own. The
sweep ends them itself; should it be killed, this program, started beside it, does.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Sequence
from pathlib import Path

import psutil

from harness.core.stop_signals import STOPPING
from harness.running.host.checkout import source_folder

TOKEN = "CHUNKBENCH_TOKEN"  # noqa: S105 - a mark, no secret
SEMAPHORE = "cb"
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - files of ours alone are removed there
ATTEMPTS = 40
PAUSE_SECONDS = 0.1
"""Between two attempts to kill what is left."""
CANCEL_SECONDS = 20.0
PR_SET_PDEATHSIG = 1


def survivors(token: str | None, sessions: Collection[int]) -> list[psutil.Process]:
    """Live processes of *sessions*, or whose mark begins with *token*; never the caller.

    Both marks are needed: an engine may leave the session, or overwrite its environment when it
    sets its title.
    """
    live = []
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        with contextlib.suppress(psutil.Error, OSError):
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            marked = os.getsid(process.pid) in sessions
            if not marked and token is not None:
                marked = process.environ().get(TOKEN, "").startswith(token)
            if marked:
                live.append(process)
    return live


def end_all(token: str | None, sessions: Collection[int]) -> int:
    """Kill until none remain or time runs out; return the number left."""
    for _ in range(ATTEMPTS):
        left = survivors(token, sessions)
        if not left:
            return 0
        for process in left:
            with contextlib.suppress(psutil.Error, OSError):
                process.kill()
        time.sleep(PAUSE_SECONDS)
    return len(survivors(token, sessions))


def name_semaphores() -> None:
    """Have the semaphores of this process, and of all that it starts by ``multiprocessing``, carry
    the sweep's token in their names: where a pool is killed, nothing else removes them."""
    token = os.environ.get(TOKEN, "").partition("-")[0]
    settings = getattr(multiprocessing.current_process(), "_config", None)
    if token and isinstance(settings, dict):  # inherited by children, however they are started
        settings["semprefix"] = f"/{SEMAPHORE}{token}"


def remove_semaphores(token: str) -> None:
    """Remove what :func:`name_semaphores` named and nobody removed; Linux has them as files."""
    for path in SHARED_MEMORY.glob(f"sem.{SEMAPHORE}{token}*"):
        with contextlib.suppress(OSError):
            path.unlink()


def cancel(commands: Sequence[Sequence[str]]) -> None:
    """Run *commands*, which cancel jobs of batch systems, since those are no processes of this
    machine. A command that fails is ignored: its job may have ended."""
    for command in filter(None, commands):
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=CANCEL_SECONDS
            )


def module_path() -> str:
    """The ``PYTHONPATH`` with which a program in any folder finds this package, whether that is
    installed or not."""
    inherited = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    own = str(source_folder())
    return os.pathsep.join([own, *(str(Path(entry).resolve()) for entry in inherited if entry)])


def die_with_parent() -> None:
    """Ask Linux to kill this process when its parent ends; elsewhere the pipe's end has to do."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Reaper:
    """The sweep's end of the reaper: tells it of sessions, and lets it go at the end."""

    def __init__(self, token: str, scratch: Path) -> None:
        self.token, self.scratch, self.sessions = token, scratch, set[int]()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "harness.running.measure.process.reaper", token, str(scratch)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            env=os.environ | {"PYTHONPATH": module_path()},
        )

    def watch(self, session: int, cancellation: Sequence[str] = ()) -> None:
        """Have *session* ended should the sweep be killed, and its batch jobs by the command
        *cancellation*."""
        self.sessions.add(session)
        if cancellation:
            self._tell(json.dumps(list(cancellation)))
        self._tell(str(session))

    def mark(self, name: str) -> str:
        """The mark of one child and all that it starts; no child's begins with another's."""
        return f"{self.token}-{name}-"

    def end(self, mark: str, session: int, cancellation: Sequence[str] = ()) -> None:
        """End every process that carries *mark* or is in *session* now, and cancel its jobs."""
        end_all(mark, {session})
        cancel([cancellation])

    def finish(self) -> int:
        """End whatever is left, remove the scratch folder; return how many processes resisted."""
        left = end_all(self.token, self.sessions)
        remove_semaphores(self.token)
        shutil.rmtree(self.scratch, ignore_errors=True)
        self._tell("done")
        with contextlib.suppress(OSError):
            self._process.stdin.close()  # type: ignore[union-attr]
        self._process.wait()
        return left

    def _tell(self, line: str) -> None:
        with contextlib.suppress(OSError):
            self._process.stdin.write(line.encode() + b"\n")  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]


def main() -> None:
    """Wait for the sweep's end; without its ``done``, end what it started."""
    token, scratch = sys.argv[1], Path(sys.argv[2])
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)
    sessions, cancellations = set(), []
    for line in sys.stdin:
        message = line.strip()
        if message == "done":
            return
        if message.startswith("["):
            cancellations.append(json.loads(message))
        else:
            sessions.add(int(message))
    end_all(token, sessions)  # first, so that none of them submits another job
    remove_semaphores(token)
    cancel(cancellations)
    shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
