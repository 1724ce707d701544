"""Options of the commands that sweep suites, or plan to: each is said once."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Annotated

import typer

from harness.core import run_options

ProfileOption = Annotated[
    str, typer.Option(envvar=run_options.PROFILE, help="smoke, laptop, exercise or nightly.")
]
SuiteOption = Annotated[list[str] | None, typer.Option(help="A suite; may be repeated.")]
BudgetOption = Annotated[str | None, typer.Option(help="For all suites together: 90s, 5m, 3h.")]
ExecutorOption = Annotated[
    list[str] | None,
    typer.Option(
        envvar=run_options.EXECUTORS, help="This one instead of the suites' own; may be repeated."
    ),
]
WorkersOption = Annotated[
    list[int] | None,
    typer.Option(envvar=run_options.WORKERS, help="The same for numbers of workers."),
]
SweepWorkersOption = Annotated[
    str | None,
    typer.Option(
        "--sweep-workers", help="Numbers of workers to measure, as a list: 1,2,4,..,cores."
    ),
]
AdaptOption = Annotated[
    int | None,
    typer.Option(
        min=1, envvar=run_options.ADAPT, help="Let Dask's clusters shrink to so many workers."
    ),
]


class Bind(StrEnum):
    """Whether processes are bound to cores."""

    no = "no"
    cores = "cores"


BindOption = Annotated[
    Bind,
    typer.Option(
        "--bind", envvar=run_options.BIND, help="Bind each process to the cores that are its own."
    ),
]
SmtOption = Annotated[
    bool,
    typer.Option("--smt", envvar=run_options.SMT, help="Count each hardware thread as a core."),
]


def count_threads(smt: bool) -> None:
    """Tell what counts cores in this process, which reads it from the environment."""
    if smt:
        os.environ[run_options.SMT] = "1"


def worker_list(text: str | None, cores: int | None = None) -> tuple[int, ...]:
    """The numbers of workers of ``--sweep-workers``, on so many *cores* or on those of here."""
    from harness.running.plan.executor_cases import counts_of_list

    return counts_of_list(text, cores) if text else ()
