"""Ask for the accounting of jobs again for a while: batch systems book a job some time after it
has ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which
from time import monotonic, sleep

from harness.apps.folders.accounts import COMMANDS, Accounted, Ask, Outcome, account

PAUSE_SECONDS = 5.0
BOOKED_LATER = timedelta(days=7)
"""What began so long ago is booked by now, or never will be."""


def account_in_time(
    results: Path,
    files: Sequence[str] = (),
    source: str = "auto",
    *,
    wait_seconds: float = 0.0,
    ask: Ask | None = None,
) -> list[Accounted]:
    """Do what :func:`harness.apps.folders.accounts.account` does, and do it again until nothing
    more may come, or *wait_seconds* are over.

    Listings that are given do not change, and are read once.
    """
    deadline = monotonic() + wait_seconds
    while True:
        jobs = account(results, files, source, ask)
        left = deadline - monotonic()
        if files or left <= 0 or not any(map(may_come, jobs)):
            return jobs
        sleep(min(left, PAUSE_SECONDS))


def may_come(job: Accounted) -> bool:
    """Whether the batch system, if it can be asked here, may still book more of *job*."""
    last = max(job.wanted.began, default=None)
    recent = last is None or datetime.now(UTC) - last < BOOKED_LATER
    command = COMMANDS.get(job.wanted.scheduler)
    asked = command == COMMANDS[None] or (command is not None and which(command) is not None)
    return asked and recent and job.outcome in (Outcome.MISSING, Outcome.NOT_ENDED)
