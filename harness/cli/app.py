"""The application of the command line, and what its commands share."""

from __future__ import annotations

import json
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from harness import __version__
from harness.cli.quick_start import Commands
from harness.core import run_options

app = typer.Typer(
    name="chunkbench",
    help="Where does scheduler overhead exceed the gain of going parallel?",
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
RESULTS = Path("results")


class Format(StrEnum):
    """Formats of commands that answer with one object."""

    text = "text"
    json = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="For people, or one JSON object.")]
ResultsOption = Annotated[
    Path, typer.Option("--results", envvar=run_options.RESULTS, help="The results folder.")
]
MachineOption = Annotated[
    str | None,
    typer.Option(
        "--machine",
        envvar=run_options.MACHINE,
        help="What you call this machine; names its folder.",
    ),
]


class Secure(StrEnum):
    """Whether other users of the machine are kept out of Dask's clusters."""

    auto = "auto"
    on = "on"
    off = "off"


SecureOption = Annotated[
    Secure,
    typer.Option(
        "--secure",
        envvar=run_options.SECURE,
        help="Keep other users out of Dask's clusters; auto: where this machine is not yours "
        "alone.",
    ),
]


def hand_on(secure: Secure) -> None:
    """Tell what starts engines in this process, which reads it from the environment."""
    os.environ[run_options.SECURE] = secure.value


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"chunkbench {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of every command."""


def print_json(value: Any) -> None:
    """One JSON object on stdout."""
    typer.echo(json.dumps(value, indent=2, allow_nan=False))
