"""The options ``--python`` and ``--with``: measure on another Python than chunkbench's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from harness.core import run_options

PythonOption = Annotated[
    str | None,
    typer.Option(
        "--python",
        envvar=run_options.PYTHON,
        help="Measure on this interpreter: a path, or a version: 3.12.",
    ),
]
WithOption = Annotated[
    str | None,
    typer.Option(
        "--with",
        help="Measure in an environment built with these: dask==2024.8.0,numpy==1.26.4.",
    ),
]


def other_python(
    python: str | None, with_packages: str | None, executors: Sequence[str] = ()
) -> Path | None:
    """The interpreter that the two options ask for, whose environment is built where it is new and
    needed; ``None`` for chunkbench's own.

    Raises
    ------
    UsageError
        For an interpreter that is not there, or what is no requirement.
    BuildError
        Where the environment cannot be built.
    """
    from harness.running.measure.environment.built_environment import built
    from harness.running.measure.environment.other_python import find_python
    from harness.running.measure.environment.requirements import parse_requirements

    base = find_python(python) if python else None
    if with_packages is None:
        return base
    named = parse_requirements(with_packages)
    return built(named, executors, python=base, say=lambda line: typer.echo(line, err=True))
