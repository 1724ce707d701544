"""The command ``advise``."""

from __future__ import annotations

from typing import Annotated

import typer

from harness.cli.answering import answer
from harness.cli.app import Format, FormatOption, MachineOption, app
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
        list[str] | None,
        typer.Option(help="Without a function: shape of a chunk, 500x500; may be repeated."),
    ] = None,
    chunk_seconds: Annotated[
        list[float] | None,
        typer.Option(help="Serial seconds of that chunk, 0.02; as often as --chunk."),
    ] = None,
    executor: Annotated[
        str, typer.Option(help="One of Dask's schedulers, by its name in chunkbench systems.")
    ] = "dask-threads",
    workers: Annotated[
        int | None, typer.Option(help="The most workers; all usable cores by default.")
    ] = None,
    budget: Annotated[
        str, typer.Option(help="About how long to time the work: 30s, 2m; the check is extra.")
    ] = "30s",
    rounds: Annotated[int, typer.Option(help="Rounds in which every part is timed.")] = 7,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Also run the whole at chunk sizes that were held out, and print the error.",
        ),
    ] = False,
    check_all: Annotated[
        bool, typer.Option("--check-all", help="The same at every chunk size.")
    ] = False,
    machine: MachineOption = None,
    output: FormatOption = Format.text,
) -> None:
    """Say which chunks to take for your own work, how long it will take, and whether parallel pays.

    Example: chunkbench advise --shape 4000x4000 --chunk 500x500 --chunk-seconds 0.02
    """
    from harness.apps.advice import advise as make_advice
    from harness.reading.report.advice.advice_record import text

    advice = make_advice(
        work,
        shape=None if shape is None else _shape(shape),
        dtype=dtype,
        numpy=numpy,
        chunk=[_shape(sides) for sides in chunk or ()],
        chunk_seconds=chunk_seconds or (),
        executor=executor,
        workers=workers,
        budget_seconds=units.parse_seconds(budget),
        rounds=rounds,
        check=check,
        check_all=check_all,
        machine_name=machine,
    )
    answer(output, text=lambda: text(advice), json=lambda: advice.model_dump(mode="json"))
