"""The command ``asv-export``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.answering import answer
from harness.cli.app import RESULTS, Format, FormatOption, MachineOption, ResultsOption, app
from harness.core.units import plural

if TYPE_CHECKING:
    from harness.apps.asv.rebuild import Rebuilt


@app.command("asv-export")
def asv_export(
    results: ResultsOption = RESULTS,
    machine: MachineOption = None,
    commit: Annotated[
        str | None, typer.Option(help="Only this commit; it may be shortened.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the files; by default the results folder.", show_default=False
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also replace results in a file that ASV itself saved.")
    ] = False,
    output: FormatOption = Format.text,
) -> None:
    """Rebuild ASV's result files from journals, also of a run that was killed.

    Example: chunkbench asv-export --machine reference-2core --out rebuilt
    """
    from harness.apps.asv.rebuild import rebuild

    done = rebuild(results, out, machine=machine, commit=commit, force=force)
    answer(
        output,
        text=lambda: _text(done),
        json=lambda: {
            "files": {str(path): runs for path, runs in done.files.items()},
            "left_out": done.left_out,
        },
    )


def _text(done: Rebuilt) -> str:
    lines = [f"{path}: of {plural(len(runs), 'run')}" for path, runs in done.files.items()]
    return "\n".join([*lines, *(f"? {run}: {why}" for run, why in done.left_out.items())])
