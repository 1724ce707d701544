"""The command ``publish``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness import __version__
from harness.cli.answering import answer
from harness.cli.app import RESULTS, Format, FormatOption, ResultsOption, app


@app.command()
def publish(
    results: ResultsOption = RESULTS,
    tables: Annotated[
        Path | None,
        typer.Option(
            help="Instead of results: a folder that chunkbench tables --format parquet wrote."
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option(help="Folder for the site; an earlier site in it is replaced.")
    ] = Path("site"),
    figures: Annotated[
        bool, typer.Option("--figures/--no-figures", help="Also draw the figures for papers.")
    ] = True,
    asv: Annotated[
        bool, typer.Option("--asv", help="Also build ASV's own site in asv/; needs a clone.")
    ] = False,
    docs: Annotated[
        bool, typer.Option("--docs", help="Also build the documentation in docs/; needs a clone.")
    ] = False,
    output: FormatOption = Format.text,
) -> None:
    """Build the static site from what was measured; it opens from a disk or any web server.

    Example: chunkbench publish --out site
    """
    from harness.cli.progress import progress
    from harness.core.extras import check_installed
    from harness.core.input_digest import digest, of_code, of_file, of_files
    from harness.reading.report.in_processes import usable_cores
    from harness.reading.report.manifest import unchanged

    for extra in ("site", *(["plots"] if figures else []), *(["asv"] if asv else [])):
        check_installed(extra)
    place = results if tables is None else tables
    clone = _clone() if docs else None
    options = ["publish", __version__, *map(str, (tables is None, figures, asv, docs))]
    if clone:
        options += [of_files(clone / name) for name in ("docs", "notebooks")]
        options += [of_file(path) for path in sorted(clone.glob("*.md"))]
    inputs = digest(*options, of_code(), str(place), of_files(place))
    page = out / "index.html"
    if unchanged(out, inputs) is None:
        from harness.reading.report.site import build, from_results, from_tables

        source = from_results(results) if tables is None else from_tables(tables)
        with progress() as step:
            page = build(
                source,
                out,
                version=__version__,
                figures=figures,
                asv=asv,
                docs=clone,
                inputs=inputs,
                processes=usable_cores(),
                step=step,
            )
    if asv:
        from harness.apps.asv.site import publish as publish_asv

        publish_asv(results, out)
    answer(
        output,
        text=lambda: f"{page}: open it in a browser, or put its folder on any web server",
        json=lambda: {"site": str(page)},
    )


def _clone() -> Path:
    from harness.apps.asv.project_clone import project_root

    return project_root()
