"""The answer of a run that still measures, or was stopped: read from its journal now and then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Generic, Protocol, TypeVar

from harness.core.errors import ChunkbenchError, Interrupted
from harness.running.measure.sweep.ports import Progress
from harness.running.measure.sweep.progress import Report

EVERY_SECONDS = 5.0
"""At least so long between two readings of the journal."""

MOST_SHARE = 0.02
"""The most of a run's time that reading its journal may take."""


Known = TypeVar("Known")
"""An answer, as far as it is known."""
Read_co = TypeVar("Read_co", covariant=True)


class ReadAnswer(Protocol[Read_co]):
    """Reads the answer of a run from its journal; ``None`` while there is no journal."""

    def __call__(self, *, running: bool) -> Read_co | None:
        """Read it, of a run that measures now or not."""


class StoppedWithAnswer(Interrupted, Generic[Known]):
    """A run was stopped; ``answer`` is what was known until then."""

    def __init__(self, message: str, answer: Known) -> None:
        super().__init__(message)
        self.answer = answer


class JournalWritten:
    """Finds the journal that is written from now on: a new one, or one that grows.

    Parameters
    ----------
    folder : Path
        The folder of journals; it need not exist.
    suite : str
        The suite whose journals are looked at.
    """

    def __init__(self, folder: Path, suite: str) -> None:
        self._folder, self._pattern = folder, f"*-{suite}-*.jsonl"
        self._before = self._sizes()

    def path(self) -> Path | None:
        """The path; ``None`` where nothing was written yet."""
        changed = [p for p, size in self._sizes().items() if self._before.get(p) != size]
        return max(changed, default=None)

    def _sizes(self) -> dict[Path, int]:
        return {path: path.stat().st_size for path in self._folder.glob(self._pattern)}


class AnswerSoFar(Generic[Known]):
    """A report of progress that shows the answer so far as well: between two pairs, when no call is
    timed, and seldom enough to take no more than :data:`MOST_SHARE` of the time.

    Parameters
    ----------
    report : callable
        Told of progress each time.
    read : callable
        Reads the answer.
    show : callable
        Given the answer.
    clock : callable
        Seconds that only move forward.
    """

    def __init__(
        self,
        report: Report,
        read: ReadAnswer[Known],
        show: Callable[[Known], None],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._report, self._read, self._show, self._clock = report, read, show, clock
        self._next = clock() + EVERY_SECONDS
        self._done = 0

    def __call__(self, progress: Progress) -> None:
        """Tell of *progress*, and of the answer where it is time and there is a new pair."""
        self._report(progress)
        began = self._clock()
        if began < self._next or progress.done == self._done:
            return
        try:
            known = self._read(running=True)
        except ChunkbenchError:  # what ails the journal is said at the end, and stops no measuring
            known = None
        if known is not None:
            self._show(known)
        self._done, now = progress.done, self._clock()
        self._next = now + max(EVERY_SECONDS, (now - began) / MOST_SHARE)
