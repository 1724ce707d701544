"""The program of a block whose engine is started by a launcher such as ``mpirun``.

The sweep talks to this process. When the engine is to start, it starts the launcher; from then on
it passes commands and replies between the sweep and the process that is the engine's client, one of
those that the launcher started. The client runs :mod:`harness.running.measure.process.child`, as
any other block does, and does the timing. It must run on this machine, as rank 1 does where ranks
fill one node after the other.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import TextIO

from harness.core.records import Status
from harness.running.executors import lookup
from harness.running.host.with_parent import die_with_parent
from harness.running.measure.process import child
from harness.running.measure.process.pipe_wait import readable

COMMANDS, REPLIES = "commands", "replies"
POLL_SECONDS = 0.25
LAST_WORDS_LENGTH = 300
"""Characters."""


class Launcher:
    """The launcher's process and two named pipes to the client.

    Parameters
    ----------
    executor : str
    workers : int
    scratch : Path
        Folder for the pipes.
    """

    def __init__(self, executor: str, workers: int, scratch: Path) -> None:
        pipes = [scratch / COMMANDS, scratch / REPLIES]
        for path in pipes:
            os.mkfifo(path, 0o600)
        # Open for both, so that neither waits for the other side.
        self._to, self._from = (os.open(path, os.O_RDWR) for path in pipes)
        self._buffer = b""
        self.line = lookup(executor).launcher(workers)
        program = [
            sys.executable,
            "-m",
            "harness.running.measure.process.launched",
            executor,
            *map(str, pipes),
        ]
        self.process = subprocess.Popen(
            [*self.line, *program, str(scratch)],
            stdin=subprocess.DEVNULL,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - one system call, no locks
        )

    def ask(self, line: str) -> str | None:
        """The reply to *line*, or ``None`` where the launcher has ended."""
        os.write(self._to, line.encode())
        while b"\n" not in self._buffer:
            if readable(self._from, POLL_SECONDS):
                self._buffer += os.read(self._from, 1 << 16)
            elif self.process.poll() is not None:
                return None
        reply, _, self._buffer = self._buffer.partition(b"\n")
        return reply.decode()


def relay(commands: TextIO, replies: TextIO, scratch: Path) -> None:
    """Start the launcher at the first command, and hand all of them on until their pipe ends."""
    launcher: Launcher | None = None
    for line in commands:
        began, message = perf_counter(), json.loads(line)
        starting = launcher is None
        if launcher is None:
            launcher = Launcher(message["executor"], message["workers"], scratch)
        reply = launcher.ask(line)
        if reply is None:
            last_words = _last_words(scratch / "output")
            reason = f"{launcher.line[0]} ended with {launcher.process.returncode}: {last_words}"
            reply = json.dumps({"error": reason, "status": Status.FAILED.value})
        elif starting:  # from the launcher on, not only what the client saw of it
            answer = json.loads(reply)
            if "startup_seconds" in answer:
                reply = json.dumps(answer | {"startup_seconds": perf_counter() - began})
        replies.write(reply + "\n")
        replies.flush()


def _last_words(output: Path) -> str:
    """The end of what was printed, without ruled lines."""
    lines = output.read_text(errors="replace").splitlines() if output.exists() else []
    words = [line.strip() for line in lines if line.strip(" -=\t")]
    return " ".join(words)[-LAST_WORDS_LENGTH:]


def main() -> None:
    """Relay on two file descriptors; or, with an executor's name first, be one of its processes."""
    die_with_parent()
    *name, commands, replies, scratch = sys.argv[1:]
    if not name:
        relay(os.fdopen(int(commands)), os.fdopen(int(replies), "w"), Path(scratch))
    elif not lookup(name[0]).takes_part(Path(scratch)):
        serving = child.Child(Path(scratch))
        with Path(commands).open() as reads, Path(replies).open("w") as writes:
            child.serve(serving, reads, writes)


if __name__ == "__main__":
    main()
