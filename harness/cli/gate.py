"""The command ``gate``: may this version go in, or has it become slower?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.amounts import share
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
from harness.cli.duel_options import (
    CasesArgument,
    EarlierOption,
    PairsOption,
    RoundsOption,
    measured,
)
from harness.core.duel_size import PAIRS, ROUNDS


@app.command()
def gate(
    against: Annotated[
        str, typer.Option(help="The reference, a side as duel has it: dask==2026.7.0.")
    ],
    cases: CasesArgument = None,
    side: Annotated[str, typer.Option(help="What may go in, written the same way.")] = "here",
    rise: Annotated[str, typer.Option(help="How much slower it may be: 20%.")] = "20%",
    max_false_alarms: Annotated[
        float, typer.Option(help="The chance of any alarm where both are equal.")
    ] = 0.01,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 3 where this machine cannot tell.")
    ] = False,
    pairs: PairsOption = PAIRS,
    rounds: RoundsOption = ROUNDS,
    budget: EarlierOption = None,
    junit: Annotated[
        Path | None, typer.Option(help="Write JUnit's XML to this file as well.")
    ] = None,
    results: ResultsOption = RESULTS,
    machine: MachineOption = None,
    secure: SecureOption = Secure.auto,
    output: FormatOption = Format.text,
) -> None:
    """Exit with 1 where a version or setting is slower than a reference, start-ups in turn.

    Example: chunkbench gate --against dask==2026.7.0 --rise 20%
    """
    from harness.core.errors import UsageError
    from harness.core.whole_files import write_whole
    from harness.reading.report.duelled.gate_answer import gate_of_duel

    allowed = share(rise)
    if allowed <= 0:
        raise UsageError(f"--rise {rise}: noise alone would raise alarms; allow for example 20%")
    if junit is not None and not junit.absolute().parent.is_dir():
        raise UsageError(f"--junit {junit}: there is no folder {junit.absolute().parent}")
    hand_on(secure)
    duel = measured(
        (against, side),
        cases,
        budget=budget,
        results=results,
        pairs=pairs,
        rounds=rounds,
        most_false_alarms=max_false_alarms,
        least_ratio=1 + allowed,
        machine_name=machine,
    )
    found = gate_of_duel(duel)
    answer(
        output,
        text=found.text,
        json=lambda: found.model_dump(mode="json") | {"sentences": found.sentences},
    )
    if os.environ.get("GITHUB_ACTIONS") == "true":
        typer.echo("\n".join(found.annotations()), err=True)
    if junit is not None:
        write_whole(junit, found.junit(strict=strict).encode())
    if code := found.exit_code(strict=strict):
        raise typer.Exit(code)
