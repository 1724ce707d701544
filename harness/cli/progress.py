"""One line on stderr that says what a command is doing and how far it is."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from harness.core.progress_step import Step

_EVERY = 10.0
"""Seconds between two lines where stderr is no terminal."""


@contextmanager
def progress() -> Iterator[Step]:
    """Show steps while the block runs: ``step("figures", 12, 40)`` shows ``figures 12 of 40``.

    On a terminal the line is written anew in place, and gone at the end. Elsewhere, as in the log
    of a batch job, a line is written now and then, and none of what takes a few seconds.
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
    said: set[str] = set()

    def step(what: str, done: int, of: int) -> None:
        nonlocal last
        if time.monotonic() - last > _EVERY or (done == of and what in said):
            last = time.monotonic()
            said.add(what)
            print(_said(what, done, of), file=sys.stderr, flush=True)

    yield step


def _said(what: str, done: int, of: int) -> str:
    return f"{what} {done} of {of}"
