"""Say what the wall time of a run was spent on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from harness.core import units
from harness.core.records import Record
from harness.reading.ingest.journals import read_journal


class TimeSpent(Record):
    """Seconds of wall time of a run through ASV, by what they were spent on.

    ``used`` were in calls of cases and baselines: timed, replayed, or to warm up. ``measuring`` is
    all of the sweeps but their start-ups, ``starting`` brought engines up and down, and ``around``
    is what lies outside of the sweeps: ASV, its environment, imports.
    """

    used: float
    measuring: float
    starting: float
    around: float

    @property
    def share(self) -> float | None:
        """Part of the measuring that was in calls; ``None`` where nothing was measured."""
        return self.used / self.measuring if self.measuring > 0 else None


def spent(journals: Iterable[Path], wall_seconds: float) -> TimeSpent:
    """Add up what *wall_seconds* of a run were spent on that wrote *journals*.

    Raises
    ------
    InputError
        Where a journal is broken.
    """
    ends = [end for path in journals if (end := read_journal(path).end) is not None]
    seconds = sum(end.seconds or 0.0 for end in ends)
    starting = sum(end.seconds_starting or 0.0 for end in ends)
    return TimeSpent(
        used=sum(end.seconds_used or 0.0 for end in ends),
        measuring=seconds - starting,
        starting=starting,
        around=wall_seconds - seconds,
    )


def words(time: TimeSpent) -> str:
    """Say it in one line; nothing where nothing was measured."""
    if time.share is None:
        return ""
    return (
        f"{units.seconds(time.measuring)} of measuring, {100 * time.share:.0f} % of it in calls "
        f"that are used; {units.seconds(time.starting)} to bring engines up and down, "
        f"{units.seconds(time.around)} for ASV and imports"
    )
