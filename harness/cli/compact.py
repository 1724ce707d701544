"""The command ``compact``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.answering import answer
from harness.cli.app import RESULTS, Format, FormatOption, ResultsOption, app

if TYPE_CHECKING:
    from harness.apps.folders.compact import Compaction


@app.command()
def compact(
    results: ResultsOption = RESULTS,
    restore: Annotated[
        bool, typer.Option("--restore", help="Make the journals again, and delete the parts.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the journals where they are as well.")
    ] = False,
    judge: Annotated[
        bool, typer.Option("--judge/--no-judge", help="Also store the tables, to read them later.")
    ] = True,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
    output: FormatOption = Format.text,
) -> None:
    """Put the journals of each month together as Parquet; nothing is lost, all commands read it.

    Example: chunkbench compact --results results
    """
    from harness.apps.folders import compact as folders
    from harness.core.errors import UsageError
    from harness.reading.report.in_processes import usable_cores

    def tell(text: str) -> None:
        typer.echo(text, err=True)

    if restore and (keep or dry_run):
        raise UsageError("--restore goes without --keep and --dry-run: give one of them")
    if restore:
        done = folders.restore(results, tell=tell)
    else:
        done = folders.compact(
            results,
            keep=keep,
            judge=judge,
            dry_run=dry_run,
            processes=usable_cores(),
            tell=tell,
        )
    verb = "restored from" if restore else "would be put into" if dry_run else "put into"
    answer(output, text=lambda: _text(done, verb), json=lambda: _record(done, dry_run=dry_run))


def _text(done: Compaction, verb: str) -> str:
    from harness.core import units

    lines = [f"left: {path} {why}" for path, why in done.left.items()]
    journals = units.plural(sum(done.parts.values()), "journal")
    size = units.size(done.bytes_before)
    if done.bytes_after:
        size += f" -> {units.size(done.bytes_after)}"
    parts = units.plural(len(done.parts), "part")
    return "\n".join([*lines, f"{journals} ({done.pairs} pairs, {size}) {verb} {parts}"])


def _record(done: Compaction, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "parts": done.parts,
        "left": done.left,
        "pairs": done.pairs,
        "bytes_before": done.bytes_before,
        "bytes_after": done.bytes_after,
    }
