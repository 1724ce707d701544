"""What a job asks for and runs; checked before anything is written or submitted."""

from __future__ import annotations

import math
import re
import shlex
import sys
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from harness.core.errors import UsageError
from harness.running.host.pins import VARIABLES

WARNING_SECONDS = 120
"""How long before its walltime a job is told to stop: enough to end a journal."""

ATTEMPTS = 10
"""How often a job that was stopped is started again before it gives up."""

MPI_RANKS = 2
"""Ranks of dask-mpi that compute nothing: the scheduler and the client."""


class Scheduler(StrEnum):
    """Batch systems, and none: the script is run where one is."""

    slurm = "slurm"
    sge = "sge"
    local = "local"


class Engine(StrEnum):
    """Engines that a program of one's own is run with, across nodes."""

    mpi = "dask-mpi"
    jobqueue = "dask-jobqueue"


@dataclass(frozen=True)
class Job:
    """One job, of whatever batch system.

    Attributes
    ----------
    root : Path
        The clone that suites and code are taken from.
    results : Path
        The results folder; scripts and logs go to ``batch`` in it.
    workers : int
        Cores; of dask-mpi and dask-jobqueue the workers.
    budget_seconds, walltime_seconds : float
        Time for measuring, and for the whole job.
    memory_bytes : int, optional
        For the whole job; of dask-jobqueue for each worker.
    tasks : int
        Into how many tasks of an array the suites are split; 1 is no array.
    lines : tuple of str
        Further lines for the scheduler, without its prefix.
    before : tuple of str
        Shell lines before the environment of *python* is put in force, such as ``module load``.
    """

    scheduler: Scheduler
    root: Path
    results: Path
    name: str = "chunkbench"
    profile: str = "nightly"
    suites: tuple[str, ...] = ()
    workers: int = 1
    budget_seconds: float = 3 * 3600.0
    walltime_seconds: float = 4 * 3600.0
    memory_bytes: int | None = None
    tasks: int = 1
    queue: str | None = None
    account: str | None = None
    parallel_environment: str = "smp"
    machine: str | None = None
    lines: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    engine: Engine | None = None
    program: Path | None = None
    interface: str | None = None
    mpi_options: str = ""
    python: Path = field(default_factory=lambda: Path(sys.executable))

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]*", self.name):
            raise UsageError(f"{self.name!r} is no job name: use letters, digits, dot, dash")
        for what, number in (("workers", self.workers), ("tasks", self.tasks)):
            if number < 1:
                raise UsageError(f"{number} {what}: there is at least 1")
        if self.budget_seconds <= 0 or self.walltime_seconds < self.budget_seconds:
            raise UsageError(
                f"a walltime of {self.walltime_seconds:.0f} s is less than the budget of "
                f"{self.budget_seconds:.0f} s: give more with --walltime"
            )
        if self.tasks > 1 and (self.engine or self.scheduler is Scheduler.local):
            raise UsageError("an array is for sweeps under slurm or sge: leave out --array")
        if bool(self.engine) != bool(self.program):
            raise UsageError("--engine runs a program of yours: give both --engine and --program")
        if self.engine and self.scheduler is Scheduler.local:
            raise UsageError("--engine needs a batch system: --scheduler slurm or sge")
        texts = (self.queue, self.account, self.interface, self.mpi_options, self.program)
        for text in (*texts, *self.lines, *self.before, self.root):
            if "\n" in str(text or ""):
                raise UsageError(f"{str(text)!r}: a line of a job script has no line break")
        if re.search(r"[\s%$'\"\\]", str(self.results)):
            raise UsageError(
                f"{str(self.results)!r}: schedulers read a space, %, $ or quotes in a path as "
                "something else: choose another folder with --results"
            )

    @property
    def batch(self) -> Path:
        """The folder of scripts, logs and marks."""
        return self.results / "batch"

    @property
    def site(self) -> Path:
        """Where the site is built: beside the results."""
        return self.results.parent / "site"

    @property
    def tables(self) -> Path:
        """Where the tables are written: beside the results."""
        return self.results.parent / "tables"

    @property
    def slots(self) -> int:
        """Cores that the job asks for: those of dask-mpi are ranks."""
        return self.workers + (MPI_RANKS if self.engine is Engine.mpi else 0)

    @property
    def warning_seconds(self) -> int:
        """How long before the walltime the job is told to stop."""
        return int(min(WARNING_SECONDS, self.walltime_seconds / 5))

    @property
    def pins(self) -> tuple[str, ...]:
        """The variables that hold native threads to one."""
        return VARIABLES

    @property
    def activation(self) -> tuple[str, ...]:
        """Shell lines that put this Python's environment in force."""
        prefix = self.python.parents[1]
        quoted = shlex.quote(str(prefix))
        if (prefix / "bin" / "activate").is_file() and (prefix / "pyvenv.cfg").is_file():
            return (f"source {shlex.quote(str(prefix / 'bin' / 'activate'))}",)
        if (prefix / "conda-meta").is_dir():
            return ('eval "$(conda shell.bash hook)"', f"conda activate {quoted}")
        return (f"export PATH={shlex.quote(str(self.python.parent))}:$PATH",)


def walltime(seconds: float) -> str:
    """``HH:MM:SS``, rounded up; hours may be more than 24."""
    whole = math.ceil(seconds)
    return f"{whole // 3600:02d}:{whole % 3600 // 60:02d}:{whole % 60:02d}"


def default_walltime(budget_seconds: float) -> float:
    """The budget, a quarter more for what a budget does not count, and time to start and stop."""
    return 1.25 * budget_seconds + 900
