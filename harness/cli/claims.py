"""The command ``claims``."""

from __future__ import annotations

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
from harness.core import units


@app.command()
def claims(
    names: Annotated[
        list[str] | None, typer.Argument(help="Claims by name; all by default.", show_default=False)
    ] = None,
    results: ResultsOption = RESULTS,
    machine: MachineOption = None,
    budget: Annotated[
        str, typer.Option(help="Time for everything, start-ups included: 90s, 4m.")
    ] = "4m",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run of the same claims that was stopped.")
    ] = False,
    secure: SecureOption = Secure.auto,
    output: FormatOption = Format.text,
) -> None:
    """Check on this machine the figures that the makers of Dask and Ray publish of them.

    Each figure is measured with its maker's own loop, where one was published. Exit code 1 where
    none of them could be measured.

    Example: chunkbench claims ray-tasks-sync ray-tasks-async --budget 90s
    """
    from harness.apps.measured_claims import check_claims
    from harness.reading.analysis.beyond.claim_verdicts import Holding
    from harness.reading.report.formats.tables import render, to_records
    from harness.running.measure.sweep.progress import shown

    hand_on(secure)
    with shown() as report:
        table, journal = check_claims(
            results,
            names=names or (),
            budget_seconds=units.parse_seconds(budget),
            machine_name=machine,
            resume=resume,
            report=report,
        )
    answer(
        output,
        text=lambda: f"{render({'claims': table}, 'text')}journal: {journal.name}",
        json=lambda: {"claims": to_records(table), "journal": journal.name},
    )
    if table["verdict"].eq(Holding.UNMEASURED).all():
        raise typer.Exit(1)
