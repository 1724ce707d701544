"""The command ``read``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.answering import answer
from harness.cli.app import RESULTS, Format, FormatOption, MachineOption, ResultsOption, app

if TYPE_CHECKING:
    from harness.core.records.timings import Timings


@app.command()
def read(
    file: Annotated[Path, typer.Argument(help="A table of timings: comma-separated values.")],
    columns: Annotated[
        str, typer.Option(help="What its columns are: seconds=runtime,chunk=size,workers=a*b.")
    ] = "",
    unit: Annotated[str, typer.Option(help="Of times without one: s, ms, us, ns, min, h.")] = "s",
    machine: MachineOption = None,
    results: ResultsOption = RESULTS,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the timings, and keep nothing.")
    ] = False,
    output: FormatOption = Format.text,
) -> None:
    """Bring in timings that others took: curves, scaling and METG, never a verdict.

    Example: chunkbench read sweep.csv --columns seconds=runtime,chunk=chunk_size,workers=nodes
    """
    from harness.apps.folders.keep_timings import keep_timings
    from harness.reading.ingest.foreign.table_reading import read_table
    from harness.reading.report.timings_shown import as_records, as_text, tables_of

    timings = read_table(file, columns, unit=unit, machine=machine)
    path = None if dry_run else keep_timings(timings, results)
    tables = tables_of(timings)
    answer(
        output,
        text=lambda: as_text(timings, tables) + _kept(path, timings),
        json=lambda: {
            "path": None if path is None else str(path),
            "machine": timings.machine,
            "notes": timings.notes,
            **as_records(tables),
        },
    )


def _kept(path: Path | None, timings: Timings) -> str:
    counted = f"{len(timings.timings)} timings of {timings.source}"
    if path is None:
        return f"\n{counted}; nothing was kept"
    return f"\n{counted} are kept in {path}: tables and figures show them"
