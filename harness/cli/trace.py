"""The command ``trace``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.answering import answer
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
    secure: SecureOption = Secure.auto,
    output: FormatOption = Format.text,
) -> None:
    """Trace one case: show where the time of all workers went, and keep the engine's own pages.

    Example: chunkbench trace random-reduction/dask-threads/chunk=50000
    """
    from harness.apps.trace import as_json, as_text
    from harness.apps.trace import trace as trace_case
    from harness.running.measure.sweep.progress import shown

    hand_on(secure)
    with shown() as report:
        traced = trace_case(
            case, results, rounds=rounds, out=out, machine_name=machine, report=report
        )
    answer(output, text=lambda: as_text(traced), json=lambda: as_json(traced))
