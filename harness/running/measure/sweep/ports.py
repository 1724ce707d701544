"""What a sweep needs of the world: something to measure on, somewhere to write, and what it tells
whoever watches it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from harness.core.records import Block, Case, Group, JournalLine, Pair, SetUp

First = Literal["parallel", "serial"]
"""Which of a pair runs first."""


@dataclass(frozen=True)
class Progress:
    """Where a sweep stands: pairs done and planned, the case that is measured now, the link to its
    engine's dashboard, if that is open, what there is to say once, and the seconds that the budget
    has left, if there is one: not all that is planned need come within it."""

    done: int
    planned: int
    label: str
    link: str | None = None
    news: str | None = None
    budget_left: float | None = None


class Station(Protocol):
    """One open block."""

    @property
    def blocks(self) -> list[Block]:
        """Its records, one for each group that it serves."""

    @property
    def link(self) -> str | None:
        """Where the engine's dashboard is, if it is open."""

    def warm(self, case: Case, expected_seconds: float | None) -> float:
        """Warm *case* up; seconds of one call, as measured or, for a long one, as expected.

        Raises
        ------
        CaseError
            With the status that the case gets instead of a result.
        """

    def pair(self, case: Case, number: int, first: First, seed: int) -> Pair:
        """Measure one run of *case* and one of its baseline.

        Raises
        ------
        CaseError
            With the status that the case gets instead of a result.
        """

    def close(self, *, graceful: bool) -> None:
        """End all that was started; where *graceful*, ask the engine to stop first."""


class Bench(Protocol):
    """Opens blocks."""

    def open(self, set_up: SetUp, groups: Sequence[Group], number: int) -> Station:
        """Start *set_up* in a fresh process as block *number*, to serve *groups*.

        Raises
        ------
        CaseError
            Where it does not come up.
        """


class Sink(Protocol):
    """Where records go."""

    def append(self, record: JournalLine) -> None:
        """Keep *record*."""
