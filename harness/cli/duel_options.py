"""What the commands have in common that set two sides against each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.core import units

if TYPE_CHECKING:
    from harness.reading.report.duelled.duel_answer import DuelAnswer

CasesArgument = Annotated[
    list[str] | None,
    typer.Argument(
        help="WORKLOAD/EXECUTOR/chunk=N; default: empty tasks on the engine of the sides.",
        show_default=False,
    ),
]
PairsOption = Annotated[int, typer.Option("--pairs", min=1, help="Start-ups of each side.")]
RoundsOption = Annotated[int, typer.Option("--rounds", min=1, help="Of each start-up.")]
EarlierOption = Annotated[
    str | None,
    typer.Option("--budget", help="End it earlier, from the third pair on: 90s, 5m."),
]


def measured(
    sides: tuple[str, str],
    cases: Sequence[str] | None,
    *,
    budget: str | None,
    results: Path,
    **how: Any,
) -> DuelAnswer:
    """Measure one side against the other, with progress on stderr; *how* is as
    :func:`harness.apps.duelling.duel` has it."""
    from harness.apps.duelling import duel
    from harness.running.measure.sweep.progress import shown

    with shown() as report:
        return duel(
            *sides,
            cases or (),
            results=results,
            seconds=units.parse_seconds(budget) if budget else None,
            report=report,
            say=lambda line: typer.echo(line, err=True),
            **how,
        )
