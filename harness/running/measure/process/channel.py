"""Child processes and the JSON lines that pass between them and the sweep."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from harness.core.records import Status
from harness.core.stop_signals import STOPPING
from harness.running.host.job_memory import killed_words, memory_is_low, memory_kills
from harness.running.measure.environment.other_python import Environment, only_package
from harness.running.measure.process import shared_memory
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.process.pipe_wait import readable
from harness.running.measure.process.reaper import TOKEN, module_path

POLL_SECONDS = 0.25
STOP_LIMIT_SECONDS = 15.0
SAME_SIGNAL_SECONDS = 0.2
"""A child that died of a signal which stops sweeps is looked at so much later: batch systems send
it to all processes of a job, and the sweep is to hear of its own first, rather than take it for the
fault of a case."""

INHERITED = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "SYSTEMROOT",
    "USER",
    "LOGNAME",
)
"""What a child gets of the parent's environment: what programs need to start, nothing that steers
an engine (rule 6)."""


def child_environment(
    token: str,
    scratch: Path,
    extra: Mapping[str, str],
    folders: Iterable[str] = (),
    elsewhere: Environment | None = None,
) -> dict[str, str]:
    """The whole environment of a child: inherited basics, its mark, its folder, *extra*, and the
    *folders* where it and all that it starts also look for modules. A child that runs *elsewhere*,
    on another Python, finds this package and none of what is installed beside it."""
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    package = module_path()
    theirs = elsewhere.variables() if elsewhere else {}
    if elsewhere is not None and not elsewhere.own:
        kept.pop("CONDA_PREFIX", None)
        package = str(only_package(scratch.parent))
    path = os.pathsep.join([package, *folders])
    marks = {TOKEN: token, "TMPDIR": str(scratch), "PYTHONPATH": path}
    return kept | marks | shared_memory.variables(token) | dict(extra) | theirs


CHILD, LAUNCHED = (
    "harness.running.measure.process.child",
    "harness.running.measure.process.launched",
)
"""Programs that answer: a child itself, and one that starts it by a launcher such as ``mpirun``."""


class Channel:
    """A child process in a session of its own, and the pipes to it.

    Parameters
    ----------
    environment : mapping
        The child's whole environment.
    scratch : Path
        Its folder; what it prints goes to ``output`` in there.
    program : str
        The module that the child runs.
    python : path
        The interpreter that runs it.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        scratch: Path,
        program: str = CHILD,
        python: str | Path = sys.executable,
    ) -> None:
        scratch.mkdir(parents=True, exist_ok=True)
        self.output = scratch / "output"
        child_reads, self._commands = os.pipe()
        self._replies, child_writes = os.pipe()
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [str(python), "-m", program, str(child_reads), str(child_writes), str(scratch)],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(child_reads, child_writes),
                start_new_session=True,
                cwd=scratch,
            )
        os.close(child_reads)
        os.close(child_writes)
        self._buffer = b""
        self._kills = memory_kills()

    def ask(self, command: str, limit: float, **arguments: Any) -> dict[str, Any]:
        """The reply to *command*, within *limit* seconds.

        Raises
        ------
        CaseError
            With the status: the child's own error, ``timeout``, ``out of memory`` or ``failed``.
        """
        self.send(command, **arguments)
        return self.receive(command, limit)

    def send(self, command: str, **arguments: Any) -> None:
        """Send *command* without waiting for its reply."""
        message = json.dumps({"command": command, **arguments}).encode() + b"\n"
        self._kills = memory_kills()
        try:
            os.write(self._commands, message)
        except OSError as error:
            raise self._death() from error

    def receive(self, command: str, limit: float) -> dict[str, Any]:
        """The next reply, which is *command*'s, within *limit* seconds.

        Raises
        ------
        CaseError
            As :meth:`ask` does.
        """
        deadline = monotonic() + limit
        while b"\n" not in self._buffer:
            if readable(self._replies, POLL_SECONDS):
                data = os.read(self._replies, 1 << 16)
                if not data:
                    raise self._death()
                self._buffer += data
                continue
            if self.process.poll() is not None:  # a daemon of its own may hold the pipe open
                raise self._death()
            if monotonic() > deadline:
                reason = f"no answer to {command!r} within {limit:.0f} s"
                raise CaseError(Status.TIMEOUT, reason, dead=True)
            if low := memory_is_low():
                raise CaseError(Status.OUT_OF_MEMORY, f"ended with {low}", dead=True)
        line, _, self._buffer = self._buffer.partition(b"\n")
        reply: dict[str, Any] = json.loads(line)
        if "error" in reply:
            status, reason = Status(reply["status"]), reply["error"]
            if status is Status.FAILED and memory_kills() > self._kills:  # one of its workers
                status, reason = Status.OUT_OF_MEMORY, f"{killed_words('a worker')}: {reason}"
            raise CaseError(status, reason, dead=False)
        return reply

    def _death(self) -> CaseError:
        try:
            code = self.process.wait(5)
        except subprocess.TimeoutExpired:
            return CaseError(Status.FAILED, "the process closed its pipe", dead=True)
        if -code in STOPPING:
            sleep(SAME_SIGNAL_SECONDS)
        if -code == signal.SIGKILL and memory_kills() > self._kills:
            return CaseError(Status.OUT_OF_MEMORY, killed_words("the process"), dead=True)
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        last_line = self.output.read_text(errors="replace").strip().splitlines()[-1:]
        reason = ": ".join([f"the process died {how}", *last_line])
        return CaseError(Status.FAILED, reason, dead=True)

    def close(self, end: Callable[[int], None]) -> None:
        """Close the pipes, which ends the child, and have *end* end all of its session."""
        for descriptor in (self._commands, self._replies):
            os.close(descriptor)
        end(self.process.pid)
        self.process.wait()
