"""``chunkbench merge``: results of several machines into one folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.app import RESULTS, Format, FormatOption, app, print_json


@app.command()
def merge(
    folders: Annotated[
        list[Path], typer.Argument(help="Results folders, or folders of one machine.")
    ],
    out: Annotated[Path, typer.Option(help="The results folder to merge into.")] = RESULTS,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
    output: FormatOption = Format.text,
) -> None:
    """Results of several machines into one folder; nothing is overwritten or edited.

    Example: chunkbench merge laptop/results cluster/results --out results
    """
    from harness.apps.folders.merge import merge as merged

    plan = merged(folders, out, dry_run=dry_run)
    lists = {
        "copied": sorted(plan.copied),
        "replaced": sorted(plan.replaced),
        "removed": plan.removed,
        "kept": sorted(plan.kept),
        "left_out": plan.left_out,
    }
    if output is Format.json:
        print_json({"out": str(out), "dry_run": dry_run, **lists})
        return
    said = {
        "copied": "+ {}",
        "replaced": "> {}: grown since",
        "removed": "- {}: under another name, or in a longer file",
        "left_out": "? {}: no result, left out",
    }
    lines = [words.format(path) for name, words in said.items() for path in lists[name]]
    counts = ", ".join(f"{len(paths)} {name.replace('_', ' ')}" for name, paths in lists.items())
    would = "would be: " if dry_run else ""
    typer.echo("\n".join([*lines, f"{out}: {would}{counts}"]))
