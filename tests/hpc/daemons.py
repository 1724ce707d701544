"""Daemons of a scheduler on this machine: started in a folder of their own, and ended to the last.

What descends from them names that folder in its environment or on its command line, or works in it,
also after it has left its parent and its session: by that it is found, and ended by its process id.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import psutil

from harness.running.host.with_parent import die_with_parent

CONF = Path(__file__).parent / "conf"
LOCK = Path(tempfile.gettempdir()) / "chunkbench-test-hpc.lock"
LOCK_SECONDS = 15 * 60
UP_SECONDS = 90
DOWN_SECONDS = 15
COMMAND_SECONDS = 60

Answer = TypeVar("Answer")


class DaemonError(Exception):
    """A daemon that did not come up, or a job that did not end; the message has the last words."""


def wait_for(
    what: str, found: Callable[[], Answer | None], seconds: float, pause: float = 0.2
) -> Answer:
    """The first answer of *found* that is true, asked for again until *seconds* are over."""
    deadline = time.monotonic() + seconds
    while True:
        if answer := found():
            return answer
        if time.monotonic() > deadline:
            raise DaemonError(f"waited {seconds:.0f} s for {what}")
        time.sleep(pause)


def free_ports(number: int) -> list[int]:
    """Ports of the loopback that nobody listens on."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for found in sockets:
            found.bind(("127.0.0.1", 0))
        return [found.getsockname()[1] for found in sockets]


def belonging(folder: Path) -> list[psutil.Process]:
    """Live processes that name *folder*, or work in it, as SLURM's steps do, which overwrite both
    environment and command line; never the caller."""
    found = []
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        with contextlib.suppress(psutil.Error, OSError):
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            words = [process.cwd(), *process.environ().values(), *process.cmdline()]
            if any(str(folder) in word for word in words):
                found.append(process)
    return found


def end_all(folder: Path) -> list[str]:
    """End what belongs to *folder*, first by asking; the command lines of what is left."""
    deadline = time.monotonic() + DOWN_SECONDS
    asked = set[int]()
    while left := belonging(folder):
        late = time.monotonic() > deadline - 0.8 * DOWN_SECONDS
        for process in left:
            with contextlib.suppress(psutil.Error):
                if late:
                    process.kill()
                elif process.pid not in asked:
                    process.terminate()
                    asked.add(process.pid)
        if time.monotonic() > deadline:
            return [" ".join(process.cmdline()) for process in left]
        time.sleep(0.1)
    return []


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Be the only one on this machine that has schedulers up, and end what a killed one left."""
    with LOCK.open("a+") as file:
        os.set_inheritable(file.fileno(), False)

        def taken() -> bool:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            return False

        wait_for(f"the lock {LOCK}: other schedulers are under test", taken, LOCK_SECONDS, 1)
        file.seek(0)
        for line in file.read().split():
            end_all(Path(line))
            shutil.rmtree(line, ignore_errors=True)
        file.truncate(0)
        yield


class Daemons:
    """A scratch folder, the daemons that run in it, and the commands that talk to them.

    Attributes
    ----------
    folder : Path
        Configuration, state and logs.
    environment : dict
        What a process needs beside its own environment to find this scheduler.
    """

    name = ""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"chunkbench-{self.name}-", dir="/tmp"))
        self.folder.chmod(0o755)
        with LOCK.open("a") as file:
            file.write(f"{self.folder}\n")
        self.environment: dict[str, str] = {}
        self.processes: list[subprocess.Popen[bytes]] = []
        self.log = self.folder / "log"
        self.log.mkdir()

    def write(self, template: str, values: Mapping[str, object], mode: int = 0o644) -> Path:
        """A file of ``conf/`` with its ``@NAMES@`` filled in."""
        text = (CONF / template).read_text()
        for name, value in values.items():
            text = text.replace(f"@{name}@", str(value))
        path = self.folder / template.removesuffix(".in")
        path.write_text(text)
        path.chmod(mode)
        return path

    def daemon(self, line: Sequence[str], up: Callable[[], object] | None = None) -> None:
        """Start *line*, which stays in the foreground, and wait until *up* is true."""
        name = Path(line[0]).name
        with (self.log / f"{name}.out").open("ab") as output:
            process = subprocess.Popen(
                line,
                env=self.full(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - one system call, no locks
            )
        self.processes.append(process)

        def answered() -> bool:
            if process.poll() is not None:
                raise DaemonError(f"{name} ended with {process.returncode}: {self.last_words()}")
            return up is None or bool(up())

        try:
            wait_for(f"{name} to come up", answered, UP_SECONDS)
        except DaemonError as error:
            raise DaemonError(f"{error}: {self.last_words()}") from None

    def full(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """The whole environment of a command."""
        return {**os.environ, **self.environment, **(more or {})}

    def ask(
        self, *line: str, env: Mapping[str, str] | None = None, seconds: float = COMMAND_SECONDS
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the scheduler's, with a time-out; its exit code is the caller's."""
        return subprocess.run(
            line,
            env=self.full(env),
            capture_output=True,
            text=True,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
        )

    def told(
        self, *line: str, env: Mapping[str, str] | None = None, seconds: float = COMMAND_SECONDS
    ) -> str:
        """The output of a command that must succeed."""
        done = self.ask(*line, env=env, seconds=seconds)
        if done.returncode:
            raise DaemonError(f"{' '.join(line)} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def last_words(self) -> str:
        """The end of every log, for a message."""
        logs = sorted(path for path in self.log.iterdir() if path.stat().st_size)
        return "\n".join(
            f"{path.name}: {path.read_text(errors='replace')[-1500:]}" for path in logs
        )

    def stop(self) -> None:
        """End all processes and remove the folder; an error where one is left."""
        left = end_all(self.folder)
        for process in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1)
        shutil.rmtree(self.folder, ignore_errors=True)
        if left:
            raise DaemonError(f"left running: {left}")
