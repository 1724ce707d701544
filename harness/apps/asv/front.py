"""A sweep through ASV: build its command, show its progress, leave nothing behind."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep

from harness.apps.asv import results as asv_results
from harness.core.errors import ChunkbenchError, Interrupted, UsageError
from harness.running.executors import require
from harness.running.executors.options import ADAPT
from harness.running.host.checkout import commit_of_code
from harness.running.host.machine import checked_name, default_name
from harness.running.measure.process.reaper import Reaper, die_with_parent, survivors
from harness.running.measure.process.supervision import stopped_by_signals
from harness.running.measure.sweep.ports import Progress
from harness.running.measure.sweep.progress import Report
from harness.running.plan.sweep import make_profile

CONFIGURATION = "asv.conf.json"
POLL_SECONDS = 0.5
GRACE_SECONDS = 10.0
WARNINGS = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGXCPU)
"""What a shell, or a batch system some time before a job's end, sends to a sweep."""


class AsvError(ChunkbenchError):
    """ASV ended with an error; the message has its last words."""


def suites(root: Path) -> list[str]:
    """The suites in ``benchmarks/``, by the names of their files."""
    return sorted(p.stem for p in (root / "benchmarks").glob("*.py") if not p.stem.startswith("_"))


def project_root() -> Path:
    """The folder of ``asv.conf.json``: this one, or the nearest above.

    Raises
    ------
    UsageError
        Where there is none.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / CONFIGURATION).is_file():
            return folder
    raise UsageError(
        f"no {CONFIGURATION} here or above: run this in a clone of chunkbench "
        "(chunkbench settle needs none)"
    )


def command(root: Path, chosen: Sequence[str], machine: str, *, existing: bool) -> list[str]:
    """ASV's command line for *chosen* suites (all of them if empty).

    Raises
    ------
    UsageError
        For a suite that does not exist.
    """
    known = suites(root)
    for name in chosen:
        if name not in known:
            raise UsageError(f"unknown suite {name!r}: choose of {', '.join(known)}")
    line = [
        sys.executable,
        "-m",
        "asv",
        "run",
        "--record-samples",
        "--show-stderr",
        "--launch-method",
        "forkserver",
        "--machine",
        machine,
    ]
    if existing:
        line += ["--environment", f"existing:{sys.executable}", "--set-commit-hash", "HEAD"]
    for name in chosen:
        line += ["--bench", rf"^{name}\."]
    return line


def run(
    chosen: Sequence[str] = (),
    *,
    profile: str = "laptop",
    budget_seconds: float | None = None,
    resume: bool = False,
    machine: str | None = None,
    dashboard: bool = False,
    existing: bool = False,
    executors: Sequence[str] = (),
    workers: Sequence[int] = (),
    adapt: int | None = None,
    results: Path | None = None,
    share: str | None = None,
    since: datetime | None = None,
    report: Report = lambda progress: None,
) -> Path:
    """Run suites through ASV; the folder that the results are in.

    Parameters
    ----------
    chosen : sequence of str
        Suites; all of them if empty.
    profile : str
    budget_seconds : float, optional
        For all suites together, shared evenly; each profile has its own.
    resume : bool
        Go on with unfinished runs.
    machine : str, optional
        What the owner calls this machine.
    dashboard : bool
        Have Dask open its dashboard on the loopback; *report* is told each link.
    existing : bool
        Measure with this interpreter instead of an environment that ASV builds for the commit.
    executors, workers : sequence of str, of int
        Instead of the suites' own; those that need a batch system or a running cluster are
        measured only where they are named here.
    adapt : int, optional
        Have Dask's clusters start and end workers themselves, and keep at least so many.
    results : Path, optional
        Another results folder than the clone's; other parts may be at work in it.
    share : str, optional
        Only a part of the suites, see :func:`harness.apps.asv.results.part_of`.
    since : datetime, optional
        With *resume*: what came to its end after this moment is not measured again.
    report : callable
        Told of progress.

    Raises
    ------
    UsageError
        Outside a clone, for unknown names, for no workers, or where another run fills the same
        folder.
    ExecutorUnavailableError
        Where an executor that is named cannot run here.
    AsvError
        Where ASV fails.
    Interrupted
        On Ctrl-C.
    """
    make_profile(profile)
    for executor in executors:
        require(executor)
    if any(count < 1 for count in workers):
        raise UsageError(f"workers must be at least 1: {', '.join(map(str, workers))}")
    root = project_root()
    name = checked_name(machine or default_name())
    command(root, chosen, name, existing=existing)
    chosen = list(chosen) or suites(root)
    if share:
        chosen = asv_results.part_of(chosen, share)
    folder = (results or root / "results").absolute()
    seconds = None if budget_seconds is None else budget_seconds / len(chosen)
    with asv_results.one_run(folder, share and share.replace("/", "-of-")):
        if resume and since:
            commit, _ = commit_of_code() if existing else (_head(root), False)
            chosen = [
                suite
                for suite in chosen
                if not asv_results.ended(folder / name, suite, profile, commit, since)
            ]
        if chosen:
            variables = {
                "CHUNKBENCH_PROFILE": profile,
                "CHUNKBENCH_MACHINE": name,
                "CHUNKBENCH_RESULTS": str(folder),
                "CHUNKBENCH_BUDGET": None if seconds is None else str(seconds),
                "CHUNKBENCH_RESUME": "1" if resume else None,
                "CHUNKBENCH_SINCE": since.isoformat() if since else None,
                "CHUNKBENCH_DASHBOARD": "1" if dashboard else None,
                "CHUNKBENCH_EXECUTORS": " ".join(dict.fromkeys(executors)) or None,
                "CHUNKBENCH_WORKERS": " ".join(map(str, sorted(set(workers)))) or None,
                ADAPT: None if adapt is None else str(adapt),
            }
            line = command(root, chosen, name, existing=existing)
            own = folder == (root / "results").absolute()
            _sweep(root, line, variables, None if own else folder, report)
    return folder


def _sweep(
    root: Path,
    line: list[str],
    variables: Mapping[str, str | None],
    elsewhere: Path | None,
    report: Report,
) -> None:
    """Run ASV to its end, with a reaper beside it; its files are added to those *elsewhere*."""
    folder = Path(tempfile.mkdtemp(prefix="chunkbench-run-"))
    machine = str(variables["CHUNKBENCH_MACHINE"])
    asv_results.introduce(machine, elsewhere or folder)
    reaper = Reaper(secrets.token_hex(8), folder)
    try:
        told, log = folder / "progress", folder / "asv.log"
        if elsewhere:
            line = [*line, "--config", str(asv_results.configuration(root, folder))]
        environment = {**os.environ, "CHUNKBENCH_PROGRESS": str(told)}
        environment |= {name: value for name, value in variables.items() if value is not None}
        with log.open("wb") as output, stopped_by_signals(*WARNINGS):
            process = None
            try:
                process = subprocess.Popen(
                    line,
                    cwd=root,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    preexec_fn=die_with_parent,  # noqa: PLW1509 - one system call, no locks
                )
                reaper.watch(process.pid)
                _follow(process, told, report)
            except KeyboardInterrupt:
                if process:
                    _interrupt(process)
                journals = Path(str(variables["CHUNKBENCH_RESULTS"]), machine, "journal")
                raise Interrupted(
                    f"stopped: what was measured is in {journals}; "
                    "go on with chunkbench run --resume"
                ) from None
        if process.returncode:
            raise AsvError(f"asv ended with {process.returncode}: {_last_words(log)}")
        if elsewhere:
            asv_results.add(folder / "results", elsewhere)
    finally:
        reaper.finish()


def _head(root: Path) -> str | None:
    """The commit that ASV measures where it builds an environment."""
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip() or None


def _follow(process: subprocess.Popen[bytes], told: Path, report: Report) -> None:
    lines = _new_lines(told)
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
        whole = data.rfind(b"\n") + 1
        position += whole
        yield data[:whole].decode().splitlines()


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    """Interrupt ASV, and give the sweep below it the time to end its journal: it sees that ASV is
    gone. Whatever is left then is killed."""
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_SECONDS)
    deadline = monotonic() + GRACE_SECONDS
    while monotonic() < deadline and len(survivors(None, {process.pid})) > 1:
        sleep(POLL_SECONDS / 5)


def _last_words(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    ours = [line for line in lines if line.startswith("chunkbench: ")]
    return " | ".join(ours or lines[-3:])[-400:]
