"""The command ``merge``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.answering import answer
from harness.cli.app import RESULTS, Format, FormatOption, app

if TYPE_CHECKING:
    from harness.apps.folders.merge import MergePlan

LINES = {
    "copied": "+ {}",
    "replaced": "> {}: grown since",
    "removed": "- {}: under another name, or in a longer file",
    "left_out": "? {}: no result, left out",
}
"""How a file is listed, by what becomes of it; files that stay as they are, are counted only."""


@app.command()
def merge(
    folders: Annotated[
        list[Path],
        typer.Argument(help="Results folders, folders of one machine, or files of contribute."),
    ],
    out: Annotated[Path, typer.Option(help="The results folder to merge into.")] = RESULTS,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
    output: FormatOption = Format.text,
) -> None:
    """Merge the results of several machines into one folder; no result is overwritten or edited.

    Example: chunkbench merge laptop/results cluster/results --out results
    """
    from harness.apps.folders.merge import merge as merge_folders

    plan = merge_folders(folders, out, dry_run=dry_run)
    answer(
        output,
        text=lambda: _text(plan, dry_run=dry_run),
        json=lambda: {"out": str(out), "dry_run": dry_run, **_paths(plan)},
    )


def _paths(plan: MergePlan) -> dict[str, list[str]]:
    return {
        "copied": sorted(plan.copied),
        "replaced": sorted(plan.replaced),
        "removed": plan.removed,
        "kept": sorted(plan.kept),
        "left_out": plan.left_out,
    }


def _text(plan: MergePlan, *, dry_run: bool) -> str:
    paths = _paths(plan)
    lines = [line.format(path) for name, line in LINES.items() for path in paths[name]]
    counts = ", ".join(f"{len(each)} {name.replace('_', ' ')}" for name, each in paths.items())
    would = "would be: " if dry_run else ""
    return "\n".join([*lines, f"{plan.out}: {would}{counts}"])
