"""The command ``badge``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.answering import answer
from harness.cli.app import RESULTS, Format, FormatOption, ResultsOption, app

if TYPE_CHECKING:
    from harness.reading.report.glance.badges import Badge


@app.command()
def badge(
    results: ResultsOption = RESULTS,
    executor: Annotated[
        str | None, typer.Option(help="Of which it speaks; dask-threads where that was measured.")
    ] = None,
    workload: Annotated[str, typer.Option(help="What pays, or does not.")] = "random-sum",
    out: Annotated[
        Path | None, typer.Option(help="Also write an SVG and a JSON file a machine into it.")
    ] = None,
    output: FormatOption = Format.text,
) -> None:
    """Say in one line a machine what a task costs and what pays; as a picture for a README.

    Example: chunkbench badge --out badges
    """
    from harness.cli.progress import progress
    from harness.reading.report.archive import every_table
    from harness.reading.report.glance.badges import as_record, badges

    with progress() as step:
        tables = every_table(results, step)
        made = badges(tables, executor=executor, workload=workload)
    files = [] if out is None else _written(made, out)
    lines = [f"{each.line} ({each.about})" for each in made]
    answer(
        output,
        text=lambda: "\n".join([*lines, *(path for pair in files for path in pair)]),
        json=lambda: {
            "badges": [
                {**as_record(each), "files": files[at] if files else []}
                for at, each in enumerate(made)
            ]
        },
    )


def _written(made: list[Badge], out: Path) -> list[list[str]]:
    """Write each badge as a picture and for services that draw badges; return the paths."""
    import json

    from harness.reading.report.glance.badge_picture import picture
    from harness.reading.report.site.files import unique_slugs

    out.mkdir(parents=True, exist_ok=True)
    names = unique_slugs([each.machine for each in made])
    files = []
    for each in made:
        contents = {".svg": picture(each), ".json": f"{json.dumps(each.endpoint())}\n"}
        paths = {out / f"{names[each.machine]}{end}": text for end, text in contents.items()}
        for path, text in paths.items():
            path.write_text(text, encoding="utf-8")
        files.append([*map(str, paths)])
    return files
