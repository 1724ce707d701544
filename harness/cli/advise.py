"""The command ``advise``."""

from __future__ import annotations

from typing import Annotated

import typer

from harness.cli.amounts import memory_bytes
from harness.cli.answering import answer
from harness.cli.app import Format, FormatOption, MachineOption, Secure, SecureOption, app, hand_on
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
            help="MODULE:FUNCTION that returns a Dask array, bag, frame or delayed.",
            show_default=False,
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            help="MODULE:FUNCTION that does the whole serially: what you would run otherwise."
        ),
    ] = None,
    shape: Annotated[str | None, typer.Option(help="Shape of the array: 4000x4000.")] = None,
    dtype: Annotated[str, typer.Option(help="Dtype of the array.")] = "float64",
    numpy: Annotated[
        bool, typer.Option("--numpy", help="The function takes a NumPy array, chunk by chunk.")
    ] = False,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="PATH#NAME",
            help="Zarr store or HDF5 file, and its variable: what the function takes, in chunks.",
        ),
    ] = None,
    dims: Annotated[
        str | None, typer.Option(help="With --from: dimensions to cut along: time,lat.")
    ] = None,
    misaligned: Annotated[
        bool,
        typer.Option("--misaligned", help="With --from: also cut through chunks of the storage."),
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
    memory_per_worker: Annotated[
        str | None, typer.Option(help="Memory of a worker, 4G: no chunks that need more.")
    ] = None,
    budget: Annotated[
        str, typer.Option(help="About how long it takes: 30s, 2m; a check may take as long again.")
    ] = "30s",
    limit: Annotated[str, typer.Option(help="The longest that one call may take.")] = "300s",
    rounds: Annotated[
        int, typer.Option(help="Rounds in which every part is timed; with one there is no verdict.")
    ] = 7,
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
    secure: SecureOption = Secure.auto,
    output: FormatOption = Format.text,
) -> None:
    """Say which chunks to take for your own work, how long it will take, and whether parallel pays.

    Example: chunkbench advise --shape 4000x4000 --chunk 500x500 --chunk-seconds 0.02
    """
    from harness.apps.advice import advise as make_advice
    from harness.cli.progress import progress
    from harness.reading.report.advice.advice_record import text

    hand_on(secure)
    with progress() as step:
        advice = make_advice(
            work,
            against=against,
            shape=None if shape is None else _shape(shape),
            dtype=dtype,
            source=source,
            dims=[dim.strip() for dim in dims.split(",")] if dims else (),
            misaligned=misaligned,
            worker_bytes=memory_bytes(memory_per_worker) if memory_per_worker else None,
            numpy=numpy,
            chunk=[_shape(sides) for sides in chunk or ()],
            chunk_seconds=chunk_seconds or (),
            executor=executor,
            workers=workers,
            budget_seconds=units.parse_seconds(budget),
            limit_seconds=units.parse_seconds(limit),
            rounds=rounds,
            check=check,
            check_all=check_all,
            machine_name=machine,
            step=step,
        )
    answer(output, text=lambda: text(advice), json=lambda: advice.model_dump(mode="json"))
