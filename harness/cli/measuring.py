"""Commands that measure: settle, run, doctor, systems, show, validate."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.app import (
    RESULTS,
    Format,
    FormatOption,
    MachineOption,
    ResultsOption,
    Secure,
    SecureOption,
    app,
    hand_on,
    print_json,
)
from harness.cli.eliot_log import SHARE, EliotOption, log_to, logged
from harness.cli.elsewhere import PythonOption, WithOption, other_python
from harness.cli.progress import progress
from harness.cli.sweep_options import (
    AdaptOption,
    Bind,
    BindOption,
    BudgetOption,
    ExecutorOption,
    ProfileOption,
    SmtOption,
    SuiteOption,
    SweepWorkersOption,
    WorkersOption,
    count_threads,
    worker_list,
)
from harness.core import run_options, units
from harness.core.errors import UsageError

if TYPE_CHECKING:
    from harness.reading.report.exercise.answer_record import Answer


@app.command()
def settle(
    results: ResultsOption = RESULTS,
    machine: MachineOption = None,
    executor: Annotated[
        str, typer.Option(help="The Dask scheduler to ask about.")
    ] = "dask-threads",
    workers: Annotated[int | None, typer.Option(help="Default: all usable cores.")] = None,
    profile: Annotated[str, typer.Option(help="How long and how deep to measure.")] = "exercise",
    budget: Annotated[
        str | None, typer.Option(help="Instead of the profile's: 90s, 2m; with starting engines.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a stopped run.")] = False,
    secure: SecureOption = Secure.auto,
    output: FormatOption = Format.text,
) -> None:
    """Many small chunks, few large ones, or NumPy? Measured and answered on this machine.

    Example: chunkbench settle --workers 2
    """
    from harness.apps.answer_so_far import StoppedWithAnswer
    from harness.apps.exercise import settle as measured
    from harness.cli.live_answer import live_answer

    hand_on(secure)
    try:
        with live_answer() as (report, so_far):
            answer = measured(
                results,
                executor=executor,
                workers=workers,
                profile=profile,
                budget_seconds=units.parse_seconds(budget) if budget else None,
                machine_name=machine,
                resume=resume,
                report=report,
                so_far=so_far,
            )
    except StoppedWithAnswer as stop:
        _print_answer(stop.answer, output)
        raise
    _print_answer(answer, output)


def _print_answer(answer: Answer, output: Format) -> None:
    if output is Format.json:
        print_json(answer.model_dump(mode="json"))
    else:
        from harness.cli.live_answer import fitting

        typer.echo(answer.text(fitting()), nl=False)


@app.command()
def run(
    profile: ProfileOption = run_options.DEFAULT_PROFILE,
    suite: SuiteOption = None,
    budget: BudgetOption = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", envvar=run_options.RESUME, help="Measure only what is missing."),
    ] = False,
    machine: MachineOption = None,
    dashboard: Annotated[
        bool,
        typer.Option(
            "--dashboard",
            envvar=run_options.DASHBOARD,
            help="Open Dask's dashboard, and print its link.",
        ),
    ] = False,
    isolated: Annotated[
        bool,
        typer.Option("--isolated", help="Each suite in an environment that ASV builds for it."),
    ] = False,
    existing: Annotated[bool, typer.Option("--existing", hidden=True)] = False,  # noqa: ARG001
    executor: ExecutorOption = None,
    workers: WorkersOption = None,
    sweep_workers: SweepWorkersOption = None,
    adapt: AdaptOption = None,
    bind: BindOption = Bind.no,
    smt: SmtOption = False,
    secure: SecureOption = Secure.auto,
    results: Annotated[
        Path | None,
        typer.Option(
            "--results",
            envvar=run_options.RESULTS,
            help="Another results folder than the clone's.",
        ),
    ] = None,
    share: Annotated[str | None, typer.Option("--share", help="A part of the suites: 2/8.")] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            envvar=run_options.SINCE,
            help="With --resume: what ended after this moment is not missing.",
        ),
    ] = None,
    python: PythonOption = None,
    with_packages: WithOption = None,
    eliot: EliotOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Measure nothing: print the plan and its cost.")
    ] = False,
    output: FormatOption = Format.text,
) -> None:
    """Sweep the suites, with progress; needs a clone of the repository.

    Example: chunkbench run --suite task_overhead --budget 5m
    """
    from harness.apps.asv.front import run as sweep
    from harness.apps.asv.front import suites_of
    from harness.apps.asv.planned import plan_of
    from harness.apps.asv.project_clone import project_root
    from harness.cli.planning import show_plan
    from harness.reading.report.time_spent import spent, words
    from harness.running.measure.sweep.progress import shown

    began = monotonic()
    count_threads(smt)
    other = None if dry_run else other_python(python, with_packages, executor or ())
    if other and isolated:
        raise UsageError("--isolated has ASV build the environment: leave out --python and --with")
    options = run_options.RunOptions(
        profile=profile,
        machine=machine,
        results=results,
        resume=resume,
        since=units.parse_moment(since) if since else None,
        dashboard=dashboard,
        executors=tuple(executor or ()),
        workers=(*(workers or ()), *worker_list(sweep_workers)),
        adapt=adapt,
        secure=secure.value,
        python=other,
        bind=bind.value,
        smt=smt,
    )
    seconds_given = units.parse_seconds(budget) if budget else None
    of_sweep = seconds_given * (1 - SHARE) if seconds_given and eliot else seconds_given
    if dry_run:
        show_plan(plan_of(suite or (), options, budget_seconds=of_sweep, share=share), output)
        return
    before: dict[Path, int] = {}
    with suppress(UsageError):  # the sweep says it, after what is wrong with its options
        root = project_root()
        before = _sizes(results or root / "results", suites_of(root, suite or (), share))
    with log_to(eliot, options, isolated=isolated) as log:
        with shown() as report:
            folder = sweep(
                suite or (),
                options,
                budget_seconds=of_sweep,
                isolated=isolated,
                share=share,
                report=report,
            )
        after = _sizes(folder, suites_of(project_root(), suite or (), share))
        written = [path for path, size in after.items() if size != before.get(path)]
        seconds = spent(written, monotonic() - began)
        costs = logged(log, written, options, seconds_given, began) if log else None
    if output is Format.json:
        cost = {"eliot": costs.model_dump(mode="json")} if costs else {}
        print_json({"results": str(folder), "seconds": seconds.model_dump(), **cost})
        return
    if line := words(seconds):
        typer.echo(line)
    if costs:
        typer.echo(costs.text(), nl=False)
    typer.echo(f"done: chunkbench tables --results {folder} shows what was measured")


def _sizes(results: Path, suites: Iterable[str]) -> dict[Path, int]:
    """Bytes of each journal of *suites* alone: other parts of the run, such as the tasks of an
    array, may be at work in the same folder."""
    return {
        path: path.stat().st_size
        for name in suites
        for path in results.absolute().glob(f"*/journal/*-{name}-*.jsonl")
    }


@app.command()
def show(
    case: Annotated[
        str,
        typer.Argument(
            help="WORKLOAD/EXECUTOR/chunk=N; optional /size=N, /workers=N, /pin=1|cores|default."
        ),
    ],
    script: Annotated[
        bool, typer.Option("--script", help="Print a program that reproduces the case.")
    ] = False,
    results: ResultsOption = RESULTS,
    output: FormatOption = Format.text,
) -> None:
    """What is known of one case, or a short program that reproduces it without chunkbench.

    Example: chunkbench show random-sum/dask-threads/chunk=100000 --script
    """
    from harness.apps import show as shown

    if script:
        parsed, program = shown.show_script(case)
        if output is Format.json:
            print_json({"case": parsed.model_dump(mode="json"), "script": program})
        else:
            typer.echo(program, nl=False)
        return
    card = shown.show(case, results if results != RESULTS or results.is_dir() else None)
    if output is Format.json:
        print_json(card.model_dump(mode="json"))
    else:
        typer.echo(shown.card_text(card), nl=False)


@app.command()
def systems(
    install: Annotated[
        list[str] | None,
        typer.Option(
            "--install",
            metavar="NAME",
            help="Build the environment of a system, where it is not built: polars, pyspark.",
        ),
    ] = None,
    python: PythonOption = None,
    with_packages: WithOption = None,
    output: FormatOption = Format.text,
) -> None:
    """Every system: available, or why not and how to get it; here, or on another Python.

    Example: chunkbench systems --install polars
    """
    from harness.running.executors import not_run
    from harness.running.measure.environment.homes import systems_at_home

    if install:
        if python or with_packages:
            raise UsageError("--install builds an environment by itself: give it alone")
        _install(install, output)
        return
    other = other_python(python, with_packages)
    environment = None
    if other is not None:
        from harness.running.measure.environment.other_python import look_into

        environment = look_into(other)
    rows = environment.systems() if environment else [*systems_at_home(), *not_run.rows()]
    if output is Format.json:
        there = {} if environment is None else {"environment": environment.name}
        print_json({"systems": rows, **there})
        return
    if environment is not None:
        typer.echo(f"in {environment.name}:")
    for row in rows:
        state = (
            row["version"] or "with Python"
            if row["available"]
            else f"not available: {row['reason']}"
        )
        home = f", in its environment {row['environment']}" if row.get("environment") else ""
        typer.echo(f"{row['name']:<28}{row['kind']:<20}{state}{home if row['available'] else ''}")


def _install(names: list[str], output: Format) -> None:
    """Build the environments *names*, and say what each is, takes and took."""
    from harness.core import units
    from harness.running.measure.environment.named_environments import environment_of, install

    done = []
    for name in dict.fromkeys(map(environment_of, names)):  # all known, before the first is built
        made = install(name, say=lambda line: typer.echo(line, err=True))
        took = "was built before" if made.seconds is None else units.seconds(made.seconds)
        done.append({**made._asdict(), "folder": str(made.folder)})
        if output is not Format.json:
            typer.echo(f"{made.name}: {units.size(made.bytes)}, {took}: {made.folder}")
    if output is Format.json:
        print_json({"installed": done})


@app.command()
def doctor(output: FormatOption = Format.text) -> None:
    """Is this machine fit to measure: cores, pins, noise, limits. Exit code 1 if not.

    Example: chunkbench doctor
    """
    from harness.running.measure.doctor import examine

    checks = examine()
    fit = all(check.fit for check in checks)
    if output is Format.json:
        print_json({"fit": fit, "checks": [check._asdict() for check in checks]})
    else:
        for check in checks:
            typer.echo(f"{'ok ' if check.fit else 'BAD'}  {check.name:<18}{check.found}")
            if not check.fit:
                typer.echo(f"     {'':<18}{check.advice}")
        typer.echo("fit to measure" if fit else "not fit to measure: see above")
    if not fit:
        raise typer.Exit(1)


@app.command()
def validate(
    sweeps: Annotated[int, typer.Option(min=1, help="Simulated sweeps with planted costs.")] = 1000,
    cases: Annotated[int, typer.Option(min=1, help="Simulated A/A cases.")] = 3000,
    processes: Annotated[int, typer.Option(min=0, help="Processes; 0 for all usable cores.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="First seed of the simulations.")] = 100_000,
    quick: Annotated[
        bool, typer.Option("--quick", help="A few of each: finds what is badly wrong.")
    ] = False,
    output: FormatOption = Format.text,
) -> None:
    """Test the harness on itself, by simulated sweeps whose truth is known. Exit code 1 if not met.

    Example: chunkbench validate --sweeps 100 --cases 300
    """
    from harness.apps.selftest.validate import validate as check_rules

    with progress() as step:
        lines = check_rules(sweeps, cases, processes, seed, quick=quick, step=step)
    met = all(line.met is not False for line in lines)
    if output is Format.json:
        print_json({"met": met, "lines": [line._asdict() for line in lines]})
    else:
        for line in lines:
            state = {True: "ok ", False: "BAD", None: "   "}[line.met]
            value = "-" if line.value is None else f"{line.value:.3f}"
            few = ", too few to tell" if line.met is None else ""
            needed = f"  needed {line.needed}{few}" if line.needed else ""
            rule = f"rule {line.rule}"
            typer.echo(f"{state}  {rule:<9}{line.claim:<66}{value:>7}  of {line.n:>5}{needed}")
        told = [line.met for line in lines if line.needed]
        if not met:
            typer.echo("not all rules are met: see above")
        elif None in told:
            typer.echo(
                f"met: {told.count(True)} of {len(told)}; too few to tell: {told.count(None)}"
            )
        else:
            typer.echo("the rules are met")
    if not met:
        raise typer.Exit(1)
