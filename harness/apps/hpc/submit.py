"""Write scripts, and submit them so that each job waits for earlier ones of its name."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from harness.apps.hpc.batch_systems import BatchDialect, BatchSystem
from harness.apps.hpc.job_request import JobRequest, ProgramEngine
from harness.apps.hpc.scripts import scripts
from harness.core.errors import ChunkbenchError, UsageError

COMMAND_SECONDS = 120.0
NIGHT = "0 22 * * *"
"""Minute, hour, day, month and weekday of a night's job, as cron reads them."""


class SubmissionError(ChunkbenchError):
    """The scheduler refused a job; the message says why, in its own words."""


@dataclass(frozen=True)
class Submitted:
    """What became of a job.

    Attributes
    ----------
    files : tuple of Path
        Its scripts.
    jobs : tuple of str
        The ids that the scheduler gave; none where nothing was submitted.
    words : str
        Where to look, or what to do by hand.
    """

    files: tuple[Path, ...]
    jobs: tuple[str, ...]
    words: str


def write(job: JobRequest) -> tuple[Path, ...]:
    """Write the scripts of *job*; return their paths, in the order of :func:`scripts`."""
    paths = []
    for name, text in scripts(job).items():
        path = job.batch / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if path.suffix == ".sh":
            path.chmod(0o755)
        paths.append(path)
    return tuple(paths)


def submit(job: JobRequest) -> Submitted:
    """Write and submit *job*; it waits for jobs of its name that are there already. The job that
    reports on a sweep waits for it.

    With dask-jobqueue nothing is submitted: its script is for the login node.

    Raises
    ------
    UsageError
        Where the scheduler's commands are not here.
    SubmissionError
        Where it refuses the job.
    """
    dialect = job.dialect
    if dialect is None:
        raise UsageError(f"{job.scheduler} is no batch system: nothing to submit to")
    if job.engine is not ProgramEngine.jobqueue:
        _check_installed(dialect)
    if job.program and not job.program.is_file():
        raise UsageError(f"{job.program}: no such program: check the path after --program")
    files = write(job)
    if job.engine is ProgramEngine.jobqueue:
        return Submitted(files, (), f"run it inside of tmux: bash {files[0]}")
    before = _earlier_jobs(job, dialect)
    alone = job.tasks > 1 and not dialect.arrays
    tasks = (
        [["-v", f"{dialect.task}={task}"] for task in range(1, job.tasks + 1)] if alone else [[]]
    )
    jobs = [_submit(dialect, files[0], before, task) for task in tasks]
    if job.has_report_job:
        jobs.append(_submit(dialect, files[1], jobs))
    return Submitted(files, tuple(jobs), f"logs go to {job.batch}")


def run_here(job: JobRequest) -> NoReturn:
    """Write the script of *job*, and let it take the place of this process."""
    [path] = write(job)
    os.execvp("bash", ["bash", str(path)])  # noqa: S606 - our own script


def every_night(job: JobRequest, command: Sequence[str]) -> str:
    """Return lines for ``scrontab -e`` or ``crontab -e`` that submit by *command* each night.

    Each submission waits for the one before, so that a night that lasts too long delays the next.
    """
    line = f"{NIGHT} cd {shlex.quote(str(job.root))} && {shlex.join(command)}"
    if job.scheduler is BatchSystem.slurm:
        options = ["--time=00:05:00", f"--output={job.batch}/scrontab.out"]
        options += [f"--partition={job.queue}"] if job.queue else []
        options += [f"--account={job.account}"] if job.account else []
        return "\n".join([f"#SCRON {' '.join(options)}", line])
    kept = job.dialect.kept if job.dialect else ()
    known = [f"{name}={os.environ[name]}" for name in kept if os.environ.get(name)]
    return "\n".join([*known, line])


def _check_installed(dialect: BatchDialect) -> None:
    command = dialect.submit[0]
    if not shutil.which(command):
        raise UsageError(
            f"{command} is not here: submit on a login node, or look at the script with --print"
        )


def _earlier_jobs(job: JobRequest, dialect: BatchDialect) -> list[str]:
    """The user's jobs of this name that have not ended, and the reports on them: their ids, or
    their names where the batch system goes by those."""
    names = [job.name, f"{job.name}-report"]
    if dialect.listing is None:
        return names
    said = [_ask(dialect.listing(name), empty=dialect.nothing_listed) for name in names]
    return list(dict.fromkeys(" ".join(said).split()))


def _submit(
    dialect: BatchDialect, script: Path, after: Sequence[str], options: Sequence[str] = ()
) -> str:
    """Submit *script* to start when the jobs *after* which it comes have ended; return its id."""
    waits = dialect.wait(after) if after else []
    line = [*dialect.submit, *waits, *options]
    answer = _ask(line, script) if dialect.reads_input else _ask([*line, str(script)])
    found = re.search(dialect.job_id, answer)
    if found is None:
        raise SubmissionError(f"{line[0]} named no job: {' '.join(answer.split())[-300:]}")
    return found[1]


def _ask(line: Sequence[str], text: Path | None = None, empty: str | None = None) -> str:
    """What a command prints; *text* is its input. Nothing, where it fails with *empty* words."""
    try:
        done = subprocess.run(
            line,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            input=text.read_text(encoding="utf-8") if text else "",
        )
    except subprocess.TimeoutExpired:
        raise SubmissionError(f"{line[0]} gave no answer: is the scheduler up?") from None
    except OSError as error:
        raise SubmissionError(f"{line[0]}: {error.strerror}: check your PATH") from None
    if done.returncode:
        message = " ".join((done.stderr or done.stdout).split())
        if empty and re.search(empty, message):
            return ""
        raise SubmissionError(f"{line[0]} refused: {message[-300:]}")
    return done.stdout
