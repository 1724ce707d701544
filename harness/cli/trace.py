"""The command trace: where the time of all workers went in calls of one case."""

from __future__ import annotations

from pathlib import Path
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


@app.command()
def trace(
    case: Annotated[
        str,
        typer.Argument(
            help="WORKLOAD/EXECUTOR/chunk=N; optional /size=N, /workers=N, /pin=1|cores|default."
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the engine's pages; default: beside the trace.")
    ] = None,
    rounds: Annotated[
        int, typer.Option(min=1, max=100, help="Traced calls, each beside an untraced one.")
    ] = 6,
    results: ResultsOption = RESULTS,
    machine: MachineOption = None,
    output: FormatOption = Format.text,
) -> None:
    """Where the time of all workers went: a closed time budget, and the engine's own pages.

    Example: chunkbench trace random-reduction/dask-threads/chunk=50000
    """
    from harness.apps.trace import as_json, as_text
    from harness.apps.trace import trace as traced
    from harness.running.measure.sweep.progress import shown

    with shown() as report:
        found = traced(case, results, rounds=rounds, out=out, machine_name=machine, report=report)
    if output is Format.json:
        print_json(as_json(found))
    else:
        typer.echo(as_text(found), nl=False)
