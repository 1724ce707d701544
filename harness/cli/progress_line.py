"""One line on stderr that says what a command is doing and how far it is."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from harness.core.steps import Step

_EVERY = 10.0
"""Seconds between two lines where stderr is no terminal."""


@contextmanager
def progress() -> Iterator[Step]:
    """Show steps while the block runs: ``step("figures", 12, 40)`` shows ``figures 12 of 40``.

    On a terminal the line is written anew in place, and gone at the end. Elsewhere a line is
    written now and then, and one for each kind of step when it is done. Nothing is shown of what
    is never told.
    """
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.live import Live
        from rich.text import Text

        with Live(
            console=Console(file=sys.stderr),
            transient=True,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        ) as live:
            yield lambda what, done, of: live.update(Text(_said(what, done, of)), refresh=True)
        return
    last = time.monotonic()

    def step(what: str, done: int, of: int) -> None:
        nonlocal last
        if done == of or time.monotonic() - last > _EVERY:
            last = time.monotonic()
            print(_said(what, done, of), file=sys.stderr, flush=True)

    yield step


def _said(what: str, done: int, of: int) -> str:
    return f"{what} {done} of {of}"
