"""Print what a command answers: for people, or as one JSON object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer

from harness.cli.app import Format, print_json


def answer(output: Format, *, text: Callable[[], str], json: Callable[[], Any]) -> None:
    """Print on stdout what *output* asks for; the other form is not made.

    Parameters
    ----------
    output : Format
    text : callable
        Gives the answer for people; the line break at its end may be left out.
    json : callable
        Gives the object for programs.
    """
    if output is Format.json:
        print_json(json())
    else:
        typer.echo(text().removesuffix("\n"))
