"""``chunkbench plan``: what a sweep would measure, start, cost and cut, before it is begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.app import (
    RESULTS,
    Format,
    FormatOption,
    MachineOption,
    ResultsOption,
    app,
    print_json,
)
from harness.cli.sweep_options import (
    BudgetOption,
    ExecutorOption,
    ProfileOption,
    SuiteOption,
    SweepWorkersOption,
    WorkersOption,
    worker_list,
)
from harness.core import run_options

if TYPE_CHECKING:
    from harness.apps.planning.plan_record import PlannedRun


@app.command()
def plan(
    profile: ProfileOption = run_options.DEFAULT_PROFILE,
    suite: SuiteOption = None,
    budget: BudgetOption = None,
    cores: Annotated[
        int | None, typer.Option(min=1, help="Of another machine. Default: those usable here.")
    ] = None,
    memory: Annotated[
        str | None, typer.Option(help="Of another machine: 512GiB. Default: this one's.")
    ] = None,
    executor: ExecutorOption = None,
    workers: WorkersOption = None,
    sweep_workers: SweepWorkersOption = None,
    results: ResultsOption = RESULTS,
    machine: MachineOption = None,
    output: FormatOption = Format.text,
) -> None:
    """What a sweep would measure, start, cost and cut. Exit code 1 where a case gets no first look.

    Example: chunkbench plan --profile nightly --cores 128 --memory 512GiB --budget 8h
    """
    from harness.apps.asv.planned import plan_of
    from harness.core import units
    from harness.core.run_options import RunOptions

    answer = plan_of(
        suite or (),
        RunOptions(
            profile=profile,
            machine=machine,
            results=results if results != RESULTS else None,
            executors=tuple(executor or ()),
            workers=(*(workers or ()), *worker_list(sweep_workers, cores)),
        ),
        budget_seconds=units.parse_seconds(budget) if budget else None,
        cores=cores,
        memory_bytes=units.parse_bytes(memory) if memory else None,
    )
    show_plan(answer, output)


def show_plan(answer: PlannedRun, output: Format) -> None:
    """Print a plan; exit code 1 where a case does not reach its first look."""
    if output is Format.json:
        print_json(answer.model_dump(mode="json"))
    else:
        typer.echo(answer.text(), nl=False)
    if not answer.fits:
        raise typer.Exit(1)
