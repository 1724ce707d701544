"""Scripts to a scheduler: written, submitted behind what is there already, and chained."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from harness.apps.hpc.job import Engine, Job, Scheduler
from harness.apps.hpc.scripts import scripts
from harness.core.errors import ChunkbenchError, UsageError

COMMAND_SECONDS = 120.0
NIGHT = "0 22 * * *"
"""Minute, hour, day, month and weekday of a night's job, as cron reads them."""


class SubmissionError(ChunkbenchError):
    """The scheduler took no job; the message has its words."""


@dataclass(frozen=True)
class Submitted:
    """What became of a job: its files, the ids the scheduler gave, and what to do by hand."""

    files: tuple[Path, ...]
    jobs: tuple[str, ...]
    words: str


def write(job: Job) -> tuple[Path, ...]:
    """Write the scripts of *job*; their paths, that of the first script first."""
    paths = []
    for name, text in scripts(job).items():
        path = job.batch / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if path.suffix == ".sh":
            path.chmod(0o755)
        paths.append(path)
    return tuple(paths)


def submit(job: Job) -> Submitted:
    """Write and submit *job*; it waits for jobs of its name that are there already.

    Of dask-jobqueue nothing is submitted: its script is for the login node.

    Raises
    ------
    UsageError
        Where the scheduler's commands are not here.
    SubmissionError
        Where it refuses the job.
    """
    if job.engine is not Engine.jobqueue:
        _there(job.scheduler)
    if job.program and not job.program.is_file():
        raise UsageError(f"{job.program}: no such program: check the path after --program")
    files = write(job)
    if job.engine is Engine.jobqueue:
        return Submitted(files, (), f"run it inside of tmux: bash {files[0]}")
    first = _submit(job, files[0], _same_name(job))
    jobs = [first]
    if job.tasks > 1:
        jobs.append(_submit(job, files[1], [first]))
    return Submitted(files, tuple(jobs), f"logs go to {job.batch}")


def run_here(job: Job) -> NoReturn:
    """Write the script of *job* and become it, on this machine."""
    [path] = write(job)
    os.execvp("bash", ["bash", str(path)])  # noqa: S606 - our own script


def every_night(job: Job, command: Sequence[str]) -> str:
    """Lines for ``scrontab -e`` or ``crontab -e`` that run *command*, a submission, each night.

    Each submission waits for the one before, so that a night that lasts too long delays the next.
    """
    line = f"{NIGHT} cd {shlex.quote(str(job.root))} && {shlex.join(command)}"
    if job.scheduler is Scheduler.slurm:
        options = ["--time=00:05:00", f"--output={job.batch}/scrontab.out"]
        options += [f"--partition={job.queue}"] if job.queue else []
        options += [f"--account={job.account}"] if job.account else []
        return "\n".join([f"#SCRON {' '.join(options)}", line])
    keep = ["SGE_ROOT", "SGE_CELL", "SGE_QMASTER_PORT", "SGE_EXECD_PORT", "SGE_CLUSTER_NAME"]
    known = [f"{name}={os.environ[name]}" for name in keep if os.environ.get(name)]
    return "\n".join([*(known if job.scheduler is Scheduler.sge else []), line])


def _there(scheduler: Scheduler) -> None:
    command = {Scheduler.slurm: "sbatch", Scheduler.sge: "qsub"}[scheduler]
    if not shutil.which(command):
        raise UsageError(
            f"{command} is not here: submit on a login node, or look at the script with --print"
        )


def _same_name(job: Job) -> list[str]:
    """Own jobs of the same name that have not ended, and the report of an array before."""
    if job.scheduler is Scheduler.sge:
        return [job.name, f"{job.name}-report"]
    names = f"{job.name},{job.name}-report"
    listed = _ask(["squeue", "--me", "--noheader", "--name", names, "--format", "%F"])
    return list(dict.fromkeys(listed.split()))


def _submit(job: Job, script: Path, after: Sequence[str]) -> str:
    """The id of the new job, which starts when those *after* which it comes have ended."""
    if job.scheduler is Scheduler.slurm:
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
        said = " ".join((done.stderr or done.stdout).split())
        raise SubmissionError(f"{line[0]} refused: {said[-300:]}")
    return done.stdout
