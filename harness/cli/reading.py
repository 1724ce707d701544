"""Commands that read what was measured: tables, figures, compare, efficiency."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.app import (
    RESULTS,
    Format,
    FormatOption,
    ResultsOption,
    app,
    print_json,
)


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
    out: Annotated[Path | None, typer.Option(help="Write files here, one a table.")] = None,
    output: Annotated[TableFormat, typer.Option("--format", help="Format of the tables.")] = (
        TableFormat.text
    ),
) -> None:
    """The tidy tables: cases with verdicts, and break-even chunks.

    Example: chunkbench tables --format csv --out tables
    """
    from harness.reading.report.analysed import analysed
    from harness.reading.report.formats.tables import render, write

    found = analysed(results)
    for note in found.notes:
        typer.echo(f"note: {note}", err=True)
    if out is None:
        typer.echo(render(found.tables, output.value), nl=False)
        return
    paths = [str(path) for path in write(found.tables, output.value, out)]
    if output is TableFormat.json:
        print_json({"files": paths})
    else:
        typer.echo("\n".join(paths))


@app.command()
def figures(
    results: ResultsOption = RESULTS,
    out: Annotated[Path, typer.Option(help="Folder for the figures.")] = Path("figures"),
    output: FormatOption = Format.text,
) -> None:
    """Figures of all that was measured, as PNG and SVG, with text for those who do not see them.

    Example: chunkbench figures --results results --out figures
    """
    from harness.reading.report.analysed import analysed
    from harness.reading.report.figures import save_all

    saved = save_all(analysed(results), out)
    if output is Format.json:
        paths = [str(one.path) for one in saved]
        texts = {str(one.path): one.alt for one in saved}
        print_json({"figures": paths, "alt": texts})
    else:
        typer.echo("\n".join(str(one.path) for one in saved))


@app.command()
def compare(
    a: Annotated[str, typer.Argument(help="A machine or run, or a journal or folder.")],
    b: Annotated[str, typer.Argument(help="Another one.")],
    results: ResultsOption = RESULTS,
    output: FormatOption = Format.text,
) -> None:
    """Two machines or runs, side by side: what changed, and by how much.

    Example: chunkbench compare laptop workstation
    """
    from harness.reading.report.compared import as_json, text
    from harness.reading.report.compared import compare as compared

    found = compared(results, a, b)
    if output is Format.json:
        print_json(as_json(found))
    else:
        typer.echo(text(found), nl=False)


@app.command()
def efficiency(
    files: Annotated[
        list[str] | None, typer.Argument(help="Listings; - is standard input.", show_default=False)
    ] = None,
    job: Annotated[
        str | None, typer.Option("--job", help="Ask qacct or sacct for this id.")
    ] = None,
    source: Annotated[
        str, typer.Option(help="What the listing is: auto, qacct, sacct-json, ... or with --job.")
    ] = "auto",
    output: FormatOption = Format.text,
) -> None:
    """How well jobs used the cores and the memory they were granted.

    Example: chunkbench efficiency --job 3524046 --source qacct
    """
    from harness.reading.analysis.jobs.efficiency import efficiency as judged
    from harness.reading.ingest.accounting import gathered
    from harness.reading.report.job_listing import records, text

    found = [judged(one) for one in gathered(files or [], job, source)]
    if output is Format.json:
        print_json({"jobs": records(found)})
    else:
        typer.echo(text(found), nl=False)
