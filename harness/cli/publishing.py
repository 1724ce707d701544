"""The command that makes the static site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness import __version__
from harness.cli.app import RESULTS, Format, FormatOption, ResultsOption, app, print_json


@app.command()
def publish(
    results: ResultsOption = RESULTS,
    tables: Annotated[
        Path | None,
        typer.Option(help="Instead of results: a folder of tables written as Parquet."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the site, replaced.")] = Path("site"),
    figures: Annotated[
        bool, typer.Option("--figures/--no-figures", help="Also draw the figures for papers.")
    ] = True,
    asv: Annotated[
        bool, typer.Option("--asv", help="Also build ASV's own site in asv/; needs a clone.")
    ] = False,
    output: FormatOption = Format.text,
) -> None:
    """Build the static site from what was measured; it opens from a disk or any web server.

    Example: chunkbench publish --out site
    """
    from harness.reading.report.site import build, from_results, from_tables

    source = from_results(results) if tables is None else from_tables(tables)
    page = build(source, out, version=__version__, figures=figures, asv=asv)
    if asv:
        from harness.apps.asv.site import publish as publish_asv

        publish_asv(results, out)
    if output is Format.json:
        print_json({"site": str(page)})
    else:
        typer.echo(f"{page}: open it in a browser, or put its folder on any web server")
