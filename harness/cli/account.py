"""The command ``account``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.answering import answer
from harness.cli.app import RESULTS, Format, FormatOption, ResultsOption, app

if TYPE_CHECKING:
    from harness.apps.folders.accounts import Accounted


@app.command()
def account(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            help="Listings to read instead of asking sacct or qacct; - is standard input.",
            show_default=False,
        ),
    ] = None,
    results: ResultsOption = RESULTS,
    source: Annotated[
        str, typer.Option(help="What the listings are: auto, qacct, sacct-json, ...")
    ] = "auto",
    wait: Annotated[
        str | None, typer.Option(help="Ask again for so long for what is not booked yet: 2m.")
    ] = None,
    output: FormatOption = Format.text,
) -> None:
    """Keep beside the journals what the batch system booked for the jobs that measured.

    Exit code 1 where a record is missing, or its job has not ended.

    Example: chunkbench account --results results
    """
    from harness.apps.folders.account_again import account_in_time
    from harness.apps.folders.accounts import Outcome
    from harness.core.units import parse_seconds

    seconds = parse_seconds(wait) if wait else 0.0
    jobs = account_in_time(results, files or [], source, wait_seconds=seconds)
    answer(
        output,
        text=lambda: "\n".join(map(_line, jobs)) or "no journal names a batch job",
        json=lambda: {"jobs": [_record(job) for job in jobs]},
    )
    if any(job.outcome in (Outcome.MISSING, Outcome.NOT_ENDED) for job in jobs):
        raise typer.Exit(1)


def _record(job: Accounted) -> dict[str, Any]:
    return {
        "machine": job.wanted.folder.resolve().name,
        "job": job.wanted.label,
        "runs": job.wanted.runs,
        "outcome": job.outcome.value,
        "reason": job.reason,
        "file": None if job.path is None else str(job.path),
    }


def _line(job: Accounted) -> str:
    runs = len(job.wanted.runs)
    explanation = job.reason or job.path or "kept before"
    plural = "" if runs == 1 else "s"
    line = f"{job.wanted.label} ({runs} run{plural}): {job.outcome}: {explanation}"
    return "".join(letter if letter.isprintable() else "?" for letter in line)
