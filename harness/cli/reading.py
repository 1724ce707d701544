"""Commands that read what was measured: tables, figures, compare, efficiency."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.answering import answer
from harness.cli.app import RESULTS, Format, FormatOption, ResultsOption, app

if TYPE_CHECKING:
    from pandas import DataFrame

    from harness.core.records import RunInfo

PIPE = 100
"""Columns of a text that goes to no terminal."""


class TableFormat(StrEnum):
    """Formats of ``chunkbench tables``."""

    text = "text"
    csv = "csv"
    markdown = "markdown"
    latex = "latex"
    html = "html"
    json = "json"
    parquet = "parquet"


@app.command()
def tables(
    results: ResultsOption = RESULTS,
    every: Annotated[
        bool, typer.Option("--all", help="Print every table, not the answers on one screen.")
    ] = False,
    table: Annotated[
        list[str] | None, typer.Option("--table", help="This table alone; may be repeated.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="Rows with this value: workload=random-sum; may be repeated."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write one file a table into this folder.")
    ] = None,
    table_format: Annotated[
        TableFormat, typer.Option("--format", help="Format of the tables; parquet needs --out.")
    ] = TableFormat.text,
) -> None:
    """Show what was measured: the answers on one screen, or any table with all its rows.

    Example: chunkbench tables --only workload=random-sum --table cases
    """
    from harness.cli.progress import progress
    from harness.reading.report.archive import every_table
    from harness.reading.report.formats.selected import parsed, selected
    from harness.reading.report.formats.tables import write

    wanted = parsed(only or ())
    brief = (
        out is None
        and table_format is TableFormat.text
        and not every
        and not table
        and wanted.keys() <= {"machine"}
    )
    with progress() as step:
        measured = every_table(results, step)
        chosen = selected(measured, first_screen_tables() if brief else table or (), wanted)
        text = _shown(chosen, measured.runs, results, table_format, brief) if out is None else ""
        paths = [] if out is None else [*map(str, write(chosen, table_format.value, out))]
    for note in measured.notes:
        typer.echo(f"note: {note}", err=True)
    if out is None:
        typer.echo(text, nl=False)
        return
    output = Format.json if table_format is TableFormat.json else Format.text
    answer(output, text=lambda: "\n".join(paths), json=lambda: {"files": paths})


def first_screen_tables() -> tuple[str, ...]:
    """The tables that the first screen is made of."""
    from harness.reading.report.glance.first_screen import TABLES

    return TABLES


def _shown(
    tables: Mapping[str, DataFrame],
    runs: Mapping[str, RunInfo],
    results: Path,
    table_format: TableFormat,
    brief: bool,
) -> str:
    """Write tables for stdout: on a terminal as wide as that is, and with colours."""
    from harness.cli.terminal import painted, width
    from harness.reading.report.formats.tables import render, to_terminal
    from harness.reading.report.glance.first_screen import first_screen

    if brief:
        folder = "" if results == RESULTS else f"--results {results}"
        text = first_screen(tables, runs, datetime.now(UTC), width() or PIPE, folder)
    elif table_format is TableFormat.text and (columns := width()) is not None:
        text = to_terminal(tables, columns)
    else:
        return render(tables, table_format.value)
    return painted(text)


@app.command()
def figures(
    results: ResultsOption = RESULTS,
    out: Annotated[Path, typer.Option(help="Folder for the figures.")] = Path("figures"),
    output: FormatOption = Format.text,
) -> None:
    """Draw all that was measured as PNG and SVG, with a text for those who cannot see a figure.

    Example: chunkbench figures --results results --out figures
    """
    from harness.cli.progress import progress
    from harness.core.extras import check_installed
    from harness.core.input_digest import digest, of_code, of_files
    from harness.reading.report.in_processes import usable_cores
    from harness.reading.report.manifest import Outputs, unchanged

    check_installed("plots")
    inputs = digest("figures", of_code(), str(results), of_files(results), str(out))
    same = unchanged(out, inputs)
    if same is not None:
        texts: dict[str, str] = same.answer
    else:
        from harness.reading.report.analysed import analysed
        from harness.reading.report.figures import save_all

        outputs = Outputs(out)
        try:
            with progress() as step:
                saved = save_all(
                    analysed(results), out, processes=usable_cores(), outputs=outputs, step=step
                )
        except BaseException:
            outputs.save_unfinished()
            raise
        texts = {str(figure.path): figure.alt for figure in saved}
        outputs.save(inputs, texts)
    answer(
        output,
        text=lambda: "\n".join(texts),
        json=lambda: {"figures": [*texts], "alt": texts},
    )


class ComparedFormat(StrEnum):
    """Formats of ``chunkbench compare``."""

    text = "text"
    markdown = "markdown"
    html = "html"
    json = "json"


@app.command()
def compare(
    a: Annotated[str, typer.Argument(help="A machine or run by name, or a journal or folder.")],
    b: Annotated[str, typer.Argument(help="Another one.")],
    results: ResultsOption = RESULTS,
    every_row: Annotated[
        bool, typer.Option("--all", help="Show every case, also those that do not differ.")
    ] = False,
    compared_format: Annotated[
        ComparedFormat, typer.Option("--format", help="For people, or one JSON object.")
    ] = ComparedFormat.text,
) -> None:
    """Set two machines or runs side by side: by how much they differ, and in what.

    Example: chunkbench compare laptop workstation
    """
    from harness.reading.report.compared import as_json, in_format
    from harness.reading.report.compared import compare as compare_runs

    comparison = compare_runs(results, a, b)
    style = compared_format.value
    output = Format.json if compared_format is ComparedFormat.json else Format.text
    answer(
        output,
        text=lambda: in_format(comparison, style, every_row=every_row),
        json=lambda: as_json(comparison),
    )


@app.command()
def efficiency(
    files: Annotated[
        list[str] | None,
        typer.Argument(help="Listings of jobs; - is standard input.", show_default=False),
    ] = None,
    job: Annotated[
        str | None, typer.Option("--job", help="Ask sacct or qacct for the job of this id.")
    ] = None,
    source: Annotated[
        str,
        typer.Option(
            help="What the listings are: auto, qacct, sacct-json, ...; with --job whom to ask."
        ),
    ] = "auto",
    output: FormatOption = Format.text,
) -> None:
    """Say how well jobs used the cores and the memory that they were granted.

    Example: chunkbench efficiency --job 3524046 --source qacct
    """
    from harness.reading.analysis.jobs.efficiency import efficiency as job_efficiency
    from harness.reading.ingest.accounting.listings import gathered
    from harness.reading.report.job_listing import records, text

    jobs = [job_efficiency(listed) for listed in gathered(files or [], job, source)]
    answer(output, text=lambda: text(jobs), json=lambda: {"jobs": records(jobs)})
