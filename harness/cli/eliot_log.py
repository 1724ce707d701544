"""The option ``--eliot`` of ``run``: log Dask's tasks once the sweep has ended."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from harness.core.errors import UsageError
from harness.core.extras import check_installed

if TYPE_CHECKING:
    from harness.core.run_options import RunOptions
    from harness.reading.report.log_costs import LogCosts

EliotOption = Annotated[
    Path | None,
    typer.Option(
        "--eliot",
        metavar="FILE",
        help="Then log Dask's tasks to this new file with eliot, and measure what that costs.",
    ),
]
SHARE = 0.25
"""Of a budget that is given, what is kept for the log."""


@contextmanager
def log_to(path: Path | None, options: RunOptions, *, isolated: bool) -> Iterator[BinaryIO | None]:
    """The new file at *path*, if there is one; whatever stands in the way is said before anything
    is measured.

    Raises
    ------
    UsageError
        Without eliot, on another Python, for executors that are not Dask's alone, or where *path*
        exists.
    OSError
        Where it cannot be written.
    """
    if path is None:
        yield None
        return
    from harness.apps.eliot_log import check_executors, new_log

    check_installed("eliot")
    if options.python or isolated:
        raise UsageError(
            "--eliot logs calls on chunkbench's own Python: leave out --python, --with, --isolated"
        )
    check_executors(options.executors)
    with new_log(path) as log:
        yield log


def logged(
    log: BinaryIO,
    journals: Iterable[Path],
    options: RunOptions,
    budget_seconds: float | None,
    began: float,
) -> LogCosts:
    """Log what the run of *journals* has measured, with its *options* and with progress on stderr:
    for its share of the budget, or what is left of it since the run *began*, if that is more."""
    from harness.apps.eliot_log import log_measured
    from harness.running.measure.sweep.progress import shown

    seconds = None
    if budget_seconds is not None:
        seconds = max(SHARE * budget_seconds, began + budget_seconds - monotonic())
    before = dict(os.environ)
    os.environ.update(options.to_env())  # what starts engines reads them there, as the sweep did
    try:
        with shown() as report:
            return log_measured(journals, log, seconds=seconds, report=report)
    finally:
        os.environ.clear()
        os.environ.update(before)
