"""The command ``try``: a work of one's own on engines, beside its plain loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.answering import answer
from harness.cli.app import (
    RESULTS,
    Format,
    FormatOption,
    MachineOption,
    ResultsOption,
    Secure,
    SecureOption,
    app,
    hand_on,
)
from harness.cli.elsewhere import PythonOption, WithOption, other_python
from harness.core.errors import UsageError

if TYPE_CHECKING:
    from harness.reading.report.tried.tried_answer import Tried
    from harness.running.measure.sweep.progress import Report


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _numbers(text: str | None, option: str) -> list[int]:
    parts = _listed(text)
    if not all(part.isdigit() for part in parts):
        raise UsageError(f"{text!r} is no list of numbers: write for example {option} 1,2")
    return [int(part) for part in parts]


@app.command(name="try")
def try_work(
    work: Annotated[
        str,
        typer.Argument(
            help="MODULE:FUNCTION of one item; of nothing, chunks or npartitions with --against.",
            show_default=False,
        ),
    ],
    items: Annotated[
        str | None,
        typer.Option(help="MODULE:NAME of the items: a list, or a function that returns one."),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            help="Instead of items: MODULE:FUNCTION, what you run today; WORK does the whole then."
        ),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(
            "--on",
            help="Executors, by their names in chunkbench systems; dask:tcp://HOST:PORT, ray:auto: "
            "a cluster that runs already. Default: one of each kind, others while time is left.",
        ),
    ] = None,
    chunks: Annotated[
        str,
        typer.Option(help="Items a task, or values of chunks or npartitions: 1,10,100; or auto."),
    ] = "auto",
    workers: Annotated[str | None, typer.Option(help="1,2; default: all usable cores.")] = None,
    pins: Annotated[str, typer.Option(help="Native threads of a worker: 1, cores, default.")] = "1",
    budget: Annotated[str, typer.Option(help="For all of it: 90s, 5m.")] = "2m",
    check: Annotated[
        str | None,
        typer.Option(
            help="How answers are compared: equal (default), close (with --against), none, "
            "MODULE:FUNCTION."
        ),
    ] = None,
    results: ResultsOption = RESULTS,
    machine: MachineOption = None,
    secure: SecureOption = Secure.auto,
    python: PythonOption = None,
    with_packages: WithOption = None,
    output: FormatOption = Format.text,
) -> None:
    """Your own function, swept on engines beside your plain loop: where does that pay?

    Example: chunkbench try mywork:task --items mywork:inputs --on thread-pool,process-pool
    """
    from harness.apps.answer_so_far import StoppedWithAnswer
    from harness.apps.tried import run_work
    from harness.running.executors import full_name
    from harness.running.measure.environment.other_python import look_into
    from harness.running.workloads.given_work import work as given

    if (items is None) == (against is None):
        raise UsageError(
            "give --items module:name of a list, for a function that is mapped over it; or "
            "--against module:function of what you run today, for one that does the whole"
        )

    def told(tried: Tried) -> None:
        answer(output, text=tried.text, json=lambda: tried.model_dump(mode="json"))

    hand_on(secure)
    other = other_python(python, with_packages, [full_name(name) for name in _listed(on)])
    try:
        with _live() as (report, so_far):
            tried = run_work(
                given(work, items=items, against=against, check=check or "default"),
                executors=_listed(on),
                chunks=chunks if chunks == "auto" else _numbers(chunks, "--chunks"),
                workers=_numbers(workers, "--workers"),
                pins=_listed(pins),
                budget=budget,
                results=results,
                machine_name=machine,
                report=report,
                so_far=so_far,
                elsewhere=look_into(other) if other else None,
            )
    except StoppedWithAnswer as stop:
        told(stop.answer)
        raise
    told(tried)


@contextmanager
def _live() -> Iterator[tuple[Report, Callable[[Tried], None]]]:
    """What to tell of progress, and what to give the answer so far; both write to stderr."""
    import sys

    from harness.running.measure.sweep.progress import Above, kept_alive, shown

    above = Above()
    last: list[str] = []

    def so_far(tried: Tried) -> None:
        if above.width is not None:
            above.text = tried.text_so_far(above.width).rstrip("\n")
            return
        if tried.sentences[:1] != last:
            last[:] = tried.sentences[:1]
            print(f"so far: {last[0]}", file=sys.stderr, flush=True)

    with shown(above=above) as told, kept_alive(told) as report:
        yield report, so_far
