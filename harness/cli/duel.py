"""The command ``duel``: two versions, Pythons or settings against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

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
from harness.cli.duel_options import (
    CasesArgument,
    EarlierOption,
    PairsOption,
    RoundsOption,
    measured,
)
from harness.core.duel_size import MOST_FALSE_ALARMS, PAIRS, ROUNDS

if TYPE_CHECKING:
    from harness.reading.report.duelled.duel_answer import DuelAnswer


@app.command()
def duel(
    a: Annotated[
        str,
        typer.Argument(
            help="dask==2024.8.0, 3.12, ~/envs/old, worker-saturation=inf, secure=on, pin=1, or "
            "here.",
            show_default=False,
        ),
    ],
    b: Annotated[str, typer.Argument(help="The other side.", show_default=False)],
    cases: CasesArgument = None,
    pairs: PairsOption = PAIRS,
    rounds: RoundsOption = ROUNDS,
    budget: EarlierOption = None,
    max_false_alarms: Annotated[
        float, typer.Option(help="The chance of any alarm where A and B are equal.")
    ] = MOST_FALSE_ALARMS,
    results: ResultsOption = RESULTS,
    machine: MachineOption = None,
    secure: SecureOption = Secure.auto,
    output: FormatOption = Format.text,
) -> None:
    """Two versions, Pythons or settings, start-ups in turn: what differs, and by how much?

    Example: chunkbench duel dask==2024.8.0 here
    """
    from harness.apps.answer_so_far import StoppedWithAnswer

    def told(found: DuelAnswer) -> None:
        answer(
            output,
            text=found.text,
            json=lambda: found.model_dump(mode="json") | {"sentences": found.sentences},
        )

    hand_on(secure)
    try:
        found = measured(
            (a, b),
            cases,
            budget=budget,
            results=results,
            pairs=pairs,
            rounds=rounds,
            most_false_alarms=max_false_alarms,
            machine_name=machine,
        )
    except StoppedWithAnswer as stop:
        told(stop.answer)
        raise
    told(found)
