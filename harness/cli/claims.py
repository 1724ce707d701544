"""The command that holds what others published of the engines against this machine."""

from __future__ import annotations

from typing import Annotated

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
from harness.core import units


@app.command()
def claims(
    names: Annotated[
        list[str] | None, typer.Argument(help="Claims by name; all by default.", show_default=False)
    ] = None,
    results: ResultsOption = RESULTS,
    machine: MachineOption = None,
    budget: Annotated[str, typer.Option(help="For all of it: 90s, 4m.")] = "4m",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a stopped run.")] = False,
    output: FormatOption = Format.text,
) -> None:
    """Do the figures hold here that the makers of Dask and Ray publish? With their own loops.

    Example: chunkbench claims ray-tasks-sync ray-tasks-async --budget 90s
    """
    from harness.apps.measured_claims import check_claims
    from harness.reading.report.formats.tables import render, to_records
    from harness.running.measure.sweep.progress import shown

    with shown() as report:
        found, journal = check_claims(
            results,
            names=names or (),
            budget_seconds=units.parse_seconds(budget),
            machine_name=machine,
            resume=resume,
            report=report,
        )
    if output is Format.json:
        print_json({"claims": to_records(found), "journal": journal.name})
        return
    typer.echo(render({"claims": found}, "text"), nl=False)
    typer.echo(f"journal: {journal.name}")
