"""The command ``advise``."""

from __future__ import annotations

from typing import Annotated

import typer

from harness.cli.app import (
    Format,
    FormatOption,
    MachineOption,
    app,
    print_json,
)
from harness.core import units
from harness.core.errors import UsageError


def _shape(text: str) -> tuple[int, ...]:
    parts = text.replace(",", "x").strip("x() ").split("x")
    if not all(part.strip().isdigit() for part in parts):
        raise UsageError(f"{text!r} is no shape: write for example 4000x4000")
    return tuple(int(part) for part in parts)


@app.command()
def advise(
    work: Annotated[
        str | None,
        typer.Argument(
            help="MODULE:FUNCTION that returns a Dask array, bag or delayed.", show_default=False
        ),
    ] = None,
    shape: Annotated[str | None, typer.Option(help="Shape of the array: 4000x4000.")] = None,
    dtype: Annotated[str, typer.Option(help="Dtype of the array.")] = "float64",
    numpy: Annotated[
        bool, typer.Option("--numpy", help="The function takes a NumPy array, chunk by chunk.")
    ] = False,
    chunk: Annotated[
        list[str] | None, typer.Option(help="Shape of a chunk, without a function; repeatable.")
    ] = None,
    chunk_seconds: Annotated[
        list[float] | None, typer.Option(help="Serial seconds of that chunk; repeatable.")
    ] = None,
    executor: Annotated[str, typer.Option(help="The Dask scheduler.")] = "dask-threads",
    workers: Annotated[int | None, typer.Option(help="Default: all usable cores.")] = None,
    budget: Annotated[str, typer.Option(help="About how long to measure: 30s, 2m.")] = "30s",
    rounds: Annotated[int, typer.Option(help="Rounds in which every part is timed.")] = 7,
    check: Annotated[
        bool, typer.Option("--check", help="Run it at held-out chunk sizes; print the error.")
    ] = False,
    check_all: Annotated[
        bool, typer.Option("--check-all", help="The same at every chunk size.")
    ] = False,
    machine: MachineOption = None,
    output: FormatOption = Format.text,
) -> None:
    """Which chunks for one's own work, what to expect of them, and does parallel pay at all?

    Example: chunkbench advise --shape 4000x4000 --chunk 500x500 --chunk-seconds 0.02
    """
    from harness.apps.advice import advise as advised
    from harness.reading.report.advice.advice_record import text

    found = advised(
        work,
        shape=None if shape is None else _shape(shape),
        dtype=dtype,
        numpy=numpy,
        chunk=[_shape(one) for one in chunk or ()],
        chunk_seconds=chunk_seconds or (),
        executor=executor,
        workers=workers,
        budget_seconds=units.parse_seconds(budget),
        rounds=rounds,
        check=check,
        check_all=check_all,
        machine_name=machine,
    )
    if output is Format.json:
        print_json(found.model_dump(mode="json"))
    else:
        typer.echo(text(found), nl=False)
