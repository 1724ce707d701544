"""The command ``contribute``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.answering import answer
from harness.cli.app import RESULTS, Format, FormatOption, ResultsOption, app

if TYPE_CHECKING:
    from harness.apps.folders.contribute import Contribution

SHOWN = 8
"""At most so many words of a field are shown; --format json has all."""


@app.command()
def contribute(
    machine: Annotated[
        str | None,
        typer.Argument(
            help="The machine, by its folder; needless where there is one.", show_default=False
        ),
    ] = None,
    results: ResultsOption = RESULTS,
    called: Annotated[
        str | None, typer.Option("--as", help="What others are to call the machine.")
    ] = None,
    hide: Annotated[
        list[str] | None,
        typer.Option(help="A word to take out as well, such as a project; may be repeated."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the file.")] = Path(),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be packed, and write nothing.")
    ] = False,
    output: FormatOption = Format.text,
) -> None:
    """Pack what a machine measured into one file for others, without names, hosts and paths.

    Example: chunkbench contribute laptop --as ryzen-7840u-8core --dry-run
    """
    from harness.apps.folders.contribute import contribution

    made = contribution(results, machine=machine, called=called, hidden=hide or ())
    path = out / made.name
    if not dry_run:
        out.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made.content)
    answer(
        output,
        text=lambda: _text(made, path, dry_run=dry_run),
        json=lambda: _record(made, path, dry_run=dry_run),
    )


def _text(made: Contribution, path: Path, *, dry_run: bool) -> str:
    from harness.core.units import plural, size

    lines = [f"{made.machine}: {plural(len(made.journals), 'run')}, {plural(made.pairs, 'pair')}"]
    lines += ["", "What is asked of a contribution"]
    lines += [f"  {'ok ' if good else 'no '} {words}" for good, words in made.checks]
    lines += ["", "Taken out"]
    lines += [f"  {what}: {many} times" for what, many in made.taken.items()] or ["  nothing"]
    if made.left_out:
        lines += ["", "Left out"]
        lines += [f"  {name}: {why}" for name, why in made.left_out.items()]
    lines += ["", "All words that are left, by field: is there one that others should not see?"]
    lines += [f"  {field}: {_listed(field, words)}" for field, words in made.left.items()]
    journals = f"{plural(len(made.journals), 'journal')}, {size(len(made.content))}"
    if dry_run:
        return "\n".join([*lines, "", f"would write {path} ({journals})"])
    return "\n".join(
        [
            *lines,
            "",
            f"{path} ({journals}): look at it, then give it to whoever collects.",
            f"They take it by: chunkbench merge {path} --out results",
        ]
    )


def _listed(field: str, words: Counter[str]) -> str:
    if field == "t":
        return f"{min(words)} to {max(words)}"
    shown = sorted(words)[:SHOWN]
    more = len(words) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _record(made: Contribution, path: Path, *, dry_run: bool) -> dict[str, Any]:
    return {
        "file": None if dry_run else str(path),
        "dry_run": dry_run,
        "machine": made.machine,
        "runs": sorted(name.removesuffix(".jsonl") for name in made.journals),
        "pairs": made.pairs,
        "bytes": len(made.content),
        "checks": [check._asdict() for check in made.checks],
        "taken_out": made.taken,
        "left_out": made.left_out,
        "left": {field: sorted(words) for field, words in made.left.items()},
    }
