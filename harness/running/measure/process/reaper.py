"""Ending process trees, also those whose parent was killed.

A sweep's children carry its token in their environment and live in sessions of their own. The
sweep ends them itself; should it be killed, this program, started beside it, does.
"""

from __future__ import annotations

import contextlib
import json
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
from harness.running.measure.process import shared_memory

TOKEN = "CHUNKBENCH_TOKEN"  # noqa: S105 - a mark, no secret
ATTEMPTS = 40
TIDYING_ATTEMPTS = 20
"""So many times those are spared that end by themselves once they have removed what others left."""
PAUSE_SECONDS = 0.1
"""Between two attempts to kill what is left."""
TIDYING = "resource_tracker"
"""In the command line of the process that multiprocessing, or joblib's loky, starts to remove the
semaphores and files of a program, however that ended."""
CANCEL_SECONDS = 20.0


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


def end_all(token: str, sessions: Collection[int]) -> int:
    """Kill until none remain or time runs out, and remove what they left in shared memory; return
    the number left."""
    ended = set(sessions)
    for attempt in range(ATTEMPTS):
        left = survivors(token, sessions)
        if not left:
            break
        ended.update(process.pid for process in left)
        for process in left:
            with contextlib.suppress(psutil.Error, OSError):
                if attempt >= TIDYING_ATTEMPTS or TIDYING not in " ".join(process.cmdline()):
                    process.kill()
        time.sleep(PAUSE_SECONDS)
    shared_memory.remove(token, filter(_has_ended, ended))
    return len(survivors(token, sessions))


def _has_ended(process: int) -> bool:
    """Whether no *process* of this number runs: one that nobody has asked for its exit code has."""
    try:
        return bool(psutil.Process(process).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


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


def remove_abandoned() -> None:
    """End and remove what earlier sweeps left that were killed together with their reapers, as
    batch systems do that end all processes of a job at once."""
    for token, scratch, children in shared_memory.abandoned():
        end_all(token, ())
        shared_memory.remove(token, filter(_has_ended, children))
        if scratch.name.startswith("chunkbench-"):
            shutil.rmtree(scratch, ignore_errors=True)


class Reaper:
    """The sweep's end of the reaper: tells it of sessions, and lets it go at the end."""

    def __init__(self, token: str, scratch: Path) -> None:
        self.token, self.scratch, self.sessions = token, scratch, set[int]()
        remove_abandoned()
        self._held = shared_memory.hold(token, scratch)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "harness.running.measure.process.reaper", token, str(scratch)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=[self._held.fileno()] if self._held else [],
            cwd="/",
            env=os.environ | {"PYTHONPATH": module_path()},
        )

    def watch(self, session: int, cancellation: Sequence[str] = ()) -> None:
        """Have *session* ended should the sweep be killed, and its batch jobs by the command
        *cancellation*."""
        self.sessions.add(session)
        if self._held:
            with contextlib.suppress(OSError):
                print(session, file=self._held, flush=True)
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
        shutil.rmtree(self.scratch, ignore_errors=True)
        self._tell("done")
        with contextlib.suppress(OSError):
            self._process.stdin.close()  # type: ignore[union-attr]
        self._process.wait()
        if self._held:
            self._held.close()
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
    cancel(cancellations)
    shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
