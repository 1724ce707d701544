"""What a job asks the batch system for and what it runs, checked before anything is written."""

from __future__ import annotations

import itertools
import math
import re
import shlex
import sys
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from harness.apps.hpc.batch_systems import DIALECTS, BatchDialect, BatchSystem
from harness.core.errors import UsageError
from harness.running.host.pins import VARIABLES

WARNING_SECONDS = 120
"""A job is told to stop so long before its walltime: enough to end a journal."""

ATTEMPTS = 10
"""A job that was stopped is started again so often before it gives up."""

NIGHT_HOURS = 12
"""A sweep that did not come to its end is gone on with by a job that is submitted within so many
hours after it was last started; a later one is another night's."""

MPI_RANKS = 2
"""So many ranks of dask-mpi compute nothing: the scheduler and the client."""


class ProgramEngine(StrEnum):
    """Engines that can run a user's own program across nodes."""

    mpi = "dask-mpi"
    jobqueue = "dask-jobqueue"


@dataclass(frozen=True)
class JobRequest:
    """One job for any batch system.

    Attributes
    ----------
    scheduler : BatchSystem
    root : Path
        The folder that the job works in: the clone that suites and code are taken from; with an
        *engine*, that which the job was submitted in.
    results : Path
        The results folder; scripts and logs go to ``batch`` in it.
    name : str
        Name of the job and of its files.
    profile : str
    suites : tuple of str
        Suites to measure; all of them if empty.
    workers : int
        Cores to ask for; with an *engine*, workers.
    budget_seconds, walltime_seconds : float
        Time for measuring, and for the whole job.
    memory_bytes : int, optional
        Memory of the whole job, 0 for all of a node's; with dask-jobqueue, of each worker.
    tasks : int
        The suites are split over so many tasks of an array; 1 makes no array.
    queue, account : str, optional
        Partition or queue, and account or project that pays.
    parallel_environment : str
        Grid Engine's name for the way to spread slots over nodes.
    machine : str, optional
        What the owner calls the machine.
    executors : tuple of str
        Measure these instead of the suites' own.
    sweep_workers : str, optional
        Numbers of workers instead of the suites' own: ``1,2,4,..,cores``.
    adapt : int, optional
        Let Dask's clusters shrink to so many workers.
    bind : {"no", "cores"}
        Whether processes are bound to cores.
    smt : bool
        Count each hardware thread as a core.
    resume : bool
        Go on with a night that did not come to its end, however long ago it was.
    lines : tuple of str
        Further lines for the scheduler, without its prefix.
    before : tuple of str
        Shell lines that come before the environment of *python*.
    modules : tuple of str
        Environment modules to load before that.
    container : str
        Command that runs another in a container, such as ``apptainer exec image.sif``; the
        environment is then that of the container.
    scratch : str, optional
        Folder of the node for temporary files; may name variables of the shell, such as ``$USER``.
    engine : ProgramEngine, optional
        Runs *program* instead of a sweep.
    program : Path, optional
    interface : str, optional
        Network between nodes.
    launcher : str
        Command that starts ranks on all nodes of a job: ``mpirun``, ``srun --mpi=pmix``.
    mpi_options : str
        Further options of it.
    python : Path
        The interpreter whose environment the job uses.

    Raises
    ------
    UsageError
        Where its parts contradict each other, or a script could not hold them.
    """

    scheduler: BatchSystem
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
    executors: tuple[str, ...] = ()
    sweep_workers: str | None = None
    adapt: int | None = None
    bind: str = "no"
    smt: bool = False
    resume: bool = False
    lines: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    container: str = ""
    scratch: str | None = None
    engine: ProgramEngine | None = None
    program: Path | None = None
    interface: str | None = None
    launcher: str = "mpirun"
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
        if self.tasks > 1 and (self.engine or self.scheduler is BatchSystem.local):
            raise UsageError("an array is for sweeps in a batch system: leave out --array")
        if bool(self.engine) != bool(self.program):
            raise UsageError("--engine runs a program of yours: give both --engine and --program")
        if self.engine and self.scheduler is BatchSystem.local:
            raise UsageError("--engine needs a batch system: --scheduler slurm, sge, pbs or lsf")
        if self.memory_bytes == 0 and self.engine is ProgramEngine.jobqueue:
            raise UsageError("--memory 0 is all of a node's: say how much a worker of Dask gets")
        words = (self.queue, self.account, self.interface, self.program, self.root)
        commands = (self.mpi_options, self.launcher, self.container, self.scratch)
        lists = (self.lines, self.before, self.modules, self.executors)
        for text in (*words, *commands, *itertools.chain.from_iterable(lists)):
            if "\n" in str(text or ""):
                raise UsageError(f"{str(text)!r}: a line of a job script has no line break")
        if re.search(r"[\s\"`\\]|\$\(", self.scratch or ""):
            raise UsageError(f"{self.scratch!r}: name a folder, in which $VARIABLES may stand")
        if re.search(r"[\s%$'\"\\]", str(self.results)):
            raise UsageError(
                f"{str(self.results)!r}: schedulers read a space, %, $ or quotes in a path as "
                "something else: choose another folder with --results"
            )

    @property
    def batch(self) -> Path:
        """Folder of scripts, logs and the marks of jobs that have begun."""
        return self.results / "batch"

    @property
    def site(self) -> Path:
        """Folder that the site is built in, beside the results."""
        return self.results.parent / "site"

    @property
    def tables(self) -> Path:
        """Folder that the tables are written to, beside the results."""
        return self.results.parent / "tables"

    @property
    def slots(self) -> int:
        """Cores that the job asks for; with dask-mpi, one a rank."""
        return self.workers + (MPI_RANKS if self.engine is ProgramEngine.mpi else 0)

    @property
    def dialect(self) -> BatchDialect | None:
        """How its batch system is spoken to; none where the script runs here."""
        return DIALECTS.get(self.scheduler)

    @property
    def has_report_job(self) -> bool:
        """Whether a job of its own, which waits for the sweep, makes the report."""
        return self.engine is None and self.scheduler is not BatchSystem.local

    @property
    def warning_seconds(self) -> int:
        """The job is told to stop so long before its walltime."""
        return int(min(WARNING_SECONDS, self.walltime_seconds / 5))

    @property
    def pins(self) -> tuple[str, ...]:
        """Environment variables that limit native threads; the script sets each to 1."""
        return VARIABLES

    @property
    def activation(self) -> tuple[str, ...]:
        """Shell lines that activate the environment of *python*; a container has its own."""
        if self.container:
            return ()
        prefix = self.python.parents[1]
        quoted = shlex.quote(str(prefix))
        if (prefix / "bin" / "activate").is_file() and (prefix / "pyvenv.cfg").is_file():
            return (f"source {shlex.quote(str(prefix / 'bin' / 'activate'))}",)
        if (prefix / "conda-meta").is_dir():
            return ('eval "$(conda shell.bash hook)"', f"conda activate {quoted}")
        return (f"export PATH={shlex.quote(str(self.python.parent))}:$PATH",)


def walltime(seconds: float) -> str:
    """Write *seconds* as ``HH:MM:SS``, rounded up; hours may be more than 24."""
    whole = math.ceil(seconds)
    return f"{whole // 3600:02d}:{whole % 3600 // 60:02d}:{whole % 60:02d}"


def default_walltime(budget_seconds: float) -> float:
    """Add a quarter to the budget for what it does not count, and 15 minutes to start and stop."""
    return 1.25 * budget_seconds + 900
