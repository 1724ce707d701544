"""The command ``chunkbench``: parse, call, print, exit code.

Exit codes: 0 done, 1 the answer is bad news where that is the command's point, 2 wrong usage or
input, 3 a gate that is strict cannot tell. Results go to stdout, everything else to stderr.
"""

from __future__ import annotations

import sys
from typing import NoReturn

import typer
from typer.exceptions import TyperException

from harness.cli import (
    account,
    advise,
    asv_export,
    badge,
    batch,
    claims,
    compact,
    contribute,
    duel,
    gate,
    measuring,
    merge,
    planning,
    publishing,
    read,
    reading,
    trace,
    trying,
)
from harness.cli.app import app
from harness.core.errors import ChunkbenchError, Interrupted
from harness.core.stop_signals import came_of_a_stop
from harness.core.system_errors import failure_words

__all__ = [
    "account",
    "advise",
    "app",
    "asv_export",
    "badge",
    "batch",
    "claims",
    "compact",
    "contribute",
    "duel",
    "gate",
    "main",
    "measuring",
    "merge",
    "planning",
    "publishing",
    "read",
    "reading",
    "trace",
    "trying",
]


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(f"chunkbench: {message}", err=True)
    sys.exit(code)


def main() -> None:
    """Run the command; every failure is one line, and a traceback only with ``--debug``."""
    debug = "--debug" in sys.argv
    try:
        code = app(standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        _fail("stopped", Interrupted.exit_code)
    except typer.Exit as stop:
        sys.exit(stop.exit_code)
    except TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # its message is the help
            typer.echo(error.format_message(), err=True)
            sys.exit(2)
        _fail(f"{' '.join(error.format_message().split())} (see chunkbench --help)", 2)
    except ChunkbenchError as error:
        if debug:
            raise
        _fail(str(error), error.exit_code)
    except Exception as error:
        if debug:
            raise
        if came_of_a_stop(error):
            _fail("stopped", Interrupted.exit_code)
        if words := failure_words(error):
            _fail(words, 2)
        _fail(f"{type(error).__name__}: {error} (a bug: run again with --debug and report it)", 2)
    if code == Interrupted.exit_code:  # Typer's own answer to Ctrl-C
        _fail("stopped", code)
    sys.exit(code or 0)
