"""Write scripts, and submit them so that each job waits for earlier ones of its name."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from harness.apps.hpc.job_request import BatchSystem, JobRequest, ProgramEngine
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
    if job.engine is not ProgramEngine.jobqueue:
        _check_installed(job.scheduler)
    if job.program and not job.program.is_file():
        raise UsageError(f"{job.program}: no such program: check the path after --program")
    files = write(job)
    if job.engine is ProgramEngine.jobqueue:
        return Submitted(files, (), f"run it inside of tmux: bash {files[0]}")
    first = _submit(job, files[0], _earlier_jobs(job))
    jobs = [first]
    if job.has_report_job:
        jobs.append(_submit(job, files[1], [first]))
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
    keep = ["SGE_ROOT", "SGE_CELL", "SGE_QMASTER_PORT", "SGE_EXECD_PORT", "SGE_CLUSTER_NAME"]
    known = [f"{name}={os.environ[name]}" for name in keep if os.environ.get(name)]
    return "\n".join([*(known if job.scheduler is BatchSystem.sge else []), line])


def _check_installed(scheduler: BatchSystem) -> None:
    command = {BatchSystem.slurm: "sbatch", BatchSystem.sge: "qsub"}[scheduler]
    if not shutil.which(command):
        raise UsageError(
            f"{command} is not here: submit on a login node, or look at the script with --print"
        )


def _earlier_jobs(job: JobRequest) -> list[str]:
    """The user's jobs of this name that have not ended, and the reports on them."""
    if job.scheduler is BatchSystem.sge:
        return [job.name, f"{job.name}-report"]
    names = f"{job.name},{job.name}-report"
    listed = _ask(["squeue", "--me", "--noheader", "--name", names, "--format", "%F"])
    return list(dict.fromkeys(listed.split()))


def _submit(job: JobRequest, script: Path, after: Sequence[str]) -> str:
    """Submit *script* to start when the jobs *after* which it comes have ended; return its id."""
    if job.scheduler is BatchSystem.slurm:
        waits = [f"--dependency=afterany:{':'.join(after)}"] if after else []
        return _ask(["sbatch", "--parsable", *waits, str(script)]).strip().split(";")[0]
    waits = ["-hold_jid", ",".join(after)]
    return _ask(["qsub", "-terse", *waits, str(script)]).strip().split(".")[0]


def _ask(line: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            line, capture_output=True, text=True, timeout=COMMAND_SECONDS, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise SubmissionError(f"{line[0]} gave no answer: is the scheduler up?") from None
    except OSError as error:
        raise SubmissionError(f"{line[0]}: {error.strerror}: check your PATH") from None
    if done.returncode:
        message = " ".join((done.stderr or done.stdout).split())
        raise SubmissionError(f"{line[0]} refused: {message[-300:]}")
    return done.stdout
