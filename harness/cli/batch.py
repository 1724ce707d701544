"""``chunkbench submit``: hand a sweep, or a program of one's own, to a batch system."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.amounts import memory_bytes
from harness.cli.app import (
    RESULTS,
    Format,
    FormatOption,
    MachineOption,
    ResultsOption,
    app,
    print_json,
)
from harness.cli.site_file import SiteCommand
from harness.cli.sweep_options import (
    AdaptOption,
    Bind,
    BindOption,
    ExecutorOption,
    SmtOption,
    SuiteOption,
    SweepWorkersOption,
)


class SchedulerName(StrEnum):
    """Batch systems, and none."""

    slurm = "slurm"
    sge = "sge"
    pbs = "pbs"
    lsf = "lsf"
    local = "local"


class EngineName(StrEnum):
    """Engines for a program of one's own."""

    mpi = "dask-mpi"
    jobqueue = "dask-jobqueue"


class Every(StrEnum):
    """How often."""

    night = "night"


@app.command(cls=SiteCommand)
def submit(
    scheduler: Annotated[SchedulerName, typer.Option(help="local runs it here and now.")],
    profile: Annotated[str, typer.Option(help="smoke, laptop or nightly.")] = "nightly",
    suite: SuiteOption = None,
    budget: Annotated[str, typer.Option(help="For measuring: 90m, 3h.")] = "3h",
    walltime: Annotated[
        str | None,
        typer.Option(help="For the job: 4h, 04:00:00; a quarter and 15 min more than the budget."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Cores; with --engine, workers. By itself 1; local has all of this machine.",
            show_default=False,
        ),
    ] = None,
    memory: Annotated[
        str | None,
        typer.Option(help="For the job: 16G, 0 for all; for each worker of dask-jobqueue."),
    ] = None,
    executor: ExecutorOption = None,
    sweep_workers: SweepWorkersOption = None,
    adapt: AdaptOption = None,
    bind: BindOption = Bind.no,
    smt: SmtOption = False,
    array: Annotated[int, typer.Option(min=1, help="Split the suites over that many tasks.")] = 1,
    queue: Annotated[str | None, typer.Option(help="Partition or queue.")] = None,
    account: Annotated[str | None, typer.Option(help="Account or project that pays.")] = None,
    pe: Annotated[str, typer.Option(help="Parallel environment of Grid Engine.")] = "smp",
    line: Annotated[
        list[str] | None, typer.Option(help="A further option for the scheduler: --exclusive.")
    ] = None,
    before: Annotated[
        list[str] | None, typer.Option(help="A shell line to begin with: 'ulimit -n 4096'.")
    ] = None,
    module: Annotated[
        list[str] | None, typer.Option(help="A module to load: openmpi/4.1; may be repeated.")
    ] = None,
    container: Annotated[
        str, typer.Option(help="Run in a container: 'apptainer exec chunkbench.sif'.")
    ] = "",
    scratch: Annotated[
        str | None, typer.Option(help="The node's folder for temporary files: '/scratch/$USER'.")
    ] = None,
    name: Annotated[str, typer.Option(help="Of the job and its files.")] = "chunkbench",
    results: ResultsOption = RESULTS,
    machine: MachineOption = None,
    engine: Annotated[
        EngineName | None, typer.Option(help="Run a program of yours on Dask, across nodes.")
    ] = None,
    program: Annotated[Path | None, typer.Option(help="That program, in Python.")] = None,
    interface: Annotated[str | None, typer.Option(help="Network between nodes: ib0.")] = None,
    launcher: Annotated[
        str, typer.Option(help="Starts ranks on all nodes: mpirun, 'srun --mpi=pmix'.")
    ] = "mpirun",
    mpi: Annotated[str, typer.Option(help="Options of the launcher.")] = "",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a night that was cut, however old it is.")
    ] = False,
    every: Annotated[
        Every | None, typer.Option(help="Print the line that submits it each night.")
    ] = None,
    show: Annotated[bool, typer.Option("--print", help="Show the script; submit nothing.")] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also where the budget is too short for every case.")
    ] = False,
    output: FormatOption = Format.text,
) -> None:
    """A sweep as a batch job that survives its walltime, or a program of yours on Dask.

    What a site always needs may stand in chunkbench.toml or ~/.config/chunkbench/site.toml.

    Example: chunkbench submit --scheduler slurm --workers 16 --budget 3h --print
    """
    from harness.apps.asv.planned import time_of_job
    from harness.apps.asv.project_clone import check_suites, project_root, suites
    from harness.apps.hpc.batch_systems import BatchSystem
    from harness.apps.hpc.job_request import (
        JobRequest,
        ProgramEngine,
        default_walltime,
    )
    from harness.apps.hpc.scripts import scripts
    from harness.apps.hpc.submit import every_night, run_here
    from harness.apps.hpc.submit import submit as submitted
    from harness.core import units
    from harness.core.errors import UsageError
    from harness.running.executors import lookup
    from harness.running.plan.executor_cases import counts_of_list
    from harness.running.plan.profiles import make_profile

    if every and resume:
        raise UsageError("--resume is for one submission: leave it out with --every")
    make_profile(profile)
    root = project_root() if engine is None else Path.cwd()
    if engine is None:
        check_suites(suite or (), root)
    for each in executor or ():
        lookup(each)
    cores = _cores(scheduler, workers, engine)
    if sweep_workers:
        counts_of_list(sweep_workers, cores)
    seconds = units.parse_seconds(budget)
    job = JobRequest(
        scheduler=BatchSystem(scheduler),
        root=root,
        results=(root / results if results == RESULTS else results).absolute(),
        name=name,
        profile=profile,
        suites=tuple(suite or ()),
        workers=cores,
        budget_seconds=seconds,
        walltime_seconds=units.parse_seconds(walltime) if walltime else default_walltime(seconds),
        memory_bytes=memory_bytes(memory) if memory else None,
        tasks=array,
        queue=queue,
        account=account,
        parallel_environment=pe,
        machine=machine,
        executors=tuple(executor or ()),
        sweep_workers=sweep_workers,
        adapt=adapt,
        bind=bind.value,
        smt=smt,
        resume=resume,
        lines=tuple(line or ()),
        before=tuple(before or ()),
        modules=tuple(module or ()),
        container=container,
        scratch=scratch,
        engine=ProgramEngine(engine) if engine else None,
        program=program.absolute() if program else None,
        interface=interface,
        launcher=launcher,
        mpi_options=mpi,
    )
    if engine is None and array > len(suite or suites(root)):
        raise UsageError(f"--array {array}: there are only {len(suite or suites(root))} suites")
    time = time_of_job(job) if job.engine is None else None
    if time is not None and (show or anyway):
        typer.echo(time.words, err=True)
    elif time is not None and not time.fits:
        raise UsageError(f"{time.words}, fewer suites, or --anyway")
    if show:
        if output is Format.json:
            print_json({"files": scripts(job)})
        else:
            typer.echo(_side_by_side(scripts(job)), nl=False)
        return
    if every:
        lines = every_night(job, _again())
        if output is Format.json:
            print_json({"lines": lines.splitlines()})
        else:
            typer.echo(lines)
        return
    if job.scheduler is BatchSystem.local:
        run_here(job)
    answer = submitted(job)
    if output is Format.json:
        print_json({"jobs": list(answer.jobs), "files": [str(path) for path in answer.files]})
    else:
        typer.echo(
            "\n".join([*(f"job {job_id}" for job_id in answer.jobs), *map(str, answer.files)])
        )
        typer.echo(answer.words, err=True)


def _cores(scheduler: SchedulerName, asked: int | None, engine: EngineName | None) -> int:
    """The cores of the job, or the workers of its engine.

    Raises
    ------
    UsageError
        Where a sweep that runs here and now is to have others than there are.
    """
    if scheduler is not SchedulerName.local or engine is not None:
        return asked or 1
    from harness.core.errors import UsageError
    from harness.running.plan.sweep import usable_workers

    has = usable_workers()
    if asked not in (None, has):
        raise UsageError(
            f"--workers {asked}: local measures on all that this process may use, which is {has}; "
            "leave it out, or begin with: taskset --cpu-list 0-1 chunkbench submit"
        )
    return has


def _side_by_side(files: dict[str, str]) -> str:
    """The text of one script, or of several one after the other, each under its name."""
    if len(files) == 1:
        return next(iter(files.values()))
    return "\n".join(f"==> {name} <==\n{text}" for name, text in files.items())


def _again() -> list[str]:
    """The words of this command without ``--every``; by its full path, since cron has no other."""
    words = sys.argv[1:]
    while "--every" in words:
        del words[words.index("--every") : words.index("--every") + 2]
    words = [word for word in words if not word.startswith("--every=")]
    return [str(Path(sys.executable).parent / "chunkbench"), *words]
