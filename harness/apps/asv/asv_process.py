"""ASV, or a sweep without it, as a process of its own: followed, stopped, nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

from harness.apps.asv import results as asv_results
from harness.core.errors import ChunkbenchError
from harness.core.stop_signals import STOPPING, stopped_by_signals
from harness.running.host.with_parent import die_with_parent
from harness.running.measure.process.reaper import Reaper, survivors
from harness.running.measure.process.supervision import scratch_folder
from harness.running.measure.sweep.ports import Progress
from harness.running.measure.sweep.progress import Report

PREFIX = "chunkbench-run-"
TEMPORARY = "t"
"""ASV's temporary folder in ours, short for the sake of sockets."""
POLL_SECONDS = 0.5
GRACE_SECONDS = 10.0


class AsvError(ChunkbenchError):
    """ASV, or a sweep, ended with an error; the message has its last words."""


def run_asv(
    command: Sequence[str],
    *,
    root: Path,
    variables: Mapping[str, str],
    machine: str,
    other_results: Path | None,
    report: Report,
) -> None:
    """Run ASV to its end, with a reaper beside it.

    Parameters
    ----------
    command : sequence of str
        ASV's command line.
    root : Path
        The clone that it runs in.
    variables : mapping of str to str
        What to add to its environment.
    machine : str
        Name of this machine; ASV is told about it where it does not know it.
    other_results : Path or None
        A results folder that is not the clone's own: ASV works in a scratch folder then, and its
        files are added to this one at the end.
    report : callable
        Told of progress.

    Raises
    ------
    AsvError
        Where ASV fails.
    KeyboardInterrupt
        On Ctrl-C, or a signal that asks to stop; ASV and what it started have ended then.
    """
    with scratch_folder(PREFIX) as reaper:
        folder = reaper.scratch
        asv_results.introduce(machine, other_results or folder)
        # A killed ASV leaves temporary folders, its fork server's among them: they are in ours.
        inside = {"TMPDIR": str(folder / TEMPORARY)}
        (folder / TEMPORARY).mkdir()
        words = list(command)
        if other_results:
            words += ["--config", str(asv_results.configuration(root, folder))]
        _follow(words, "asv", reaper, root=root, variables={**inside, **variables}, report=report)
        if other_results:
            asv_results.add(folder / "results", other_results)


def run_suites(
    suites: Sequence[str], *, root: Path, variables: Mapping[str, str], report: Report
) -> None:
    """Measure *suites* as one sweep, in a process of its own with a reaper beside it.

    The other parameters are those of :func:`run_asv`, and so is what is raised.
    """
    command = [sys.executable, "-m", "harness.all_suites", *suites]
    with scratch_folder(PREFIX) as reaper:
        _follow(command, "the sweep", reaper, root=root, variables=variables, report=report)


def _follow(
    command: Sequence[str],
    name: str,
    reaper: Reaper,
    *,
    root: Path,
    variables: Mapping[str, str],
    report: Report,
) -> None:
    """Run *command* to its end, and tell *report* of its progress."""
    progress_file, log = reaper.scratch / "progress", reaper.scratch / "output.log"
    environment = {**os.environ, "CHUNKBENCH_PROGRESS": str(progress_file), **variables}
    with log.open("wb") as output, stopped_by_signals(*STOPPING):
        process = None
        try:
            process = subprocess.Popen(
                command,
                cwd=root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_hears_and_dies,  # noqa: PLW1509 - two system calls, no locks
            )
            reaper.watch(process.pid)
            _report_until_end(process, progress_file, report)
        except KeyboardInterrupt:
            if process:
                _interrupt(process)
            raise
    if process.returncode:
        raise AsvError(_ended(name, process.returncode, _last_words(log)))


def _ended(name: str, code: int, last_words: str) -> str:
    """How the process called *name* ended, and what to do where it was killed."""
    if code >= 0:
        return f"{name} ended with {code}: {last_words}"
    reason = f"{name} was killed by {signal.Signals(-code).name}"
    if -code == signal.SIGKILL:
        reason += ", as systems do where memory is short (dmesg says so)"
    words = f"; its last words: {last_words}" if last_words else ""
    return f"{reason}: what was measured is kept; go on with chunkbench run --resume{words}"


def _hears_and_dies() -> None:
    """Hear Ctrl-C, which a shell without job control ignores for what it puts into the background
    and all that this starts; and die with the parent."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    die_with_parent()


def _report_until_end(
    process: subprocess.Popen[bytes], progress_file: Path, report: Report
) -> None:
    lines = _new_lines(progress_file)
    while process.poll() is None:
        for line in next(lines):
            report(Progress(**json.loads(line)))
        sleep(POLL_SECONDS)


def _new_lines(path: Path) -> Iterator[list[str]]:
    """The whole lines that were added to *path* since the last time."""
    position = 0
    while True:
        data = b""
        if path.exists():
            with path.open("rb") as file:
                file.seek(position)
                data = file.read()
        end = data.rfind(b"\n") + 1
        position += end
        yield data[:end].decode().splitlines()


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    """Interrupt the process, and wait for the sweep below ASV, which sees that it is gone and ends
    its journal. The reaper kills what is left after that."""
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_SECONDS)
    deadline = monotonic() + GRACE_SECONDS
    while monotonic() < deadline and len(survivors(None, {process.pid})) > 1:
        sleep(POLL_SECONDS / 5)


def _last_words(log: Path) -> str:
    """Our own lines in ASV's output, else its last three lines; at most 400 characters."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    ours = [line for line in lines if line.startswith("chunkbench: ")]
    return " | ".join(ours or lines[-3:])[-400:]
