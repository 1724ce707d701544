"""``chunkbench account``: what batch systems booked for the jobs that measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from harness.apps.folders.accounts import Accounted

from harness.cli.app import RESULTS, Format, FormatOption, ResultsOption, app, print_json


@app.command()
def account(
    files: Annotated[
        list[str] | None,
        typer.Argument(help="Listings, instead of asking sacct or qacct.", show_default=False),
    ] = None,
    results: ResultsOption = RESULTS,
    source: Annotated[
        str, typer.Option(help="What the listings are: auto, qacct, sacct-json, ...")
    ] = "auto",
    output: FormatOption = Format.text,
) -> None:
    """Keep what the batch system booked for the jobs that measured; 1 if some is missing yet.

    Example: chunkbench account --results results
    """
    from harness.apps.folders.accounts import Outcome
    from harness.apps.folders.accounts import account as accounted

    found = accounted(results, files or [], source)
    if output is Format.json:
        print_json({"jobs": [_record(one) for one in found]})
    else:
        typer.echo("\n".join(map(_line, found)) or "no journal names a batch job")
    if any(one.outcome in (Outcome.MISSING, Outcome.NOT_ENDED) for one in found):
        raise typer.Exit(1)


def _record(one: Accounted) -> dict[str, Any]:
    wanted = one.wanted
    return {
        "machine": wanted.folder.resolve().name,
        "job": wanted.label,
        "runs": wanted.runs,
        "outcome": one.outcome.value,
        "reason": one.reason,
        "file": None if one.path is None else str(one.path),
    }


def _line(one: Accounted) -> str:
    runs = len(one.wanted.runs)
    rest = one.reason or one.path or "kept before"
    said = f"{one.wanted.label} ({runs} run{'' if runs == 1 else 's'}): {one.outcome}: {rest}"
    return "".join(letter if letter.isprintable() else "?" for letter in said)
