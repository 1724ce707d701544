"""What the commands have in common that set two sides against each other."""

from __future__ import annotations

from typing import Annotated

import typer

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
