"""The time of one sweep: what is spent of it, and what each set-up may have (rule 18)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from harness.core import units
from harness.running.plan.profiles import Profile

REFINING_SHARE = 0.3
"""The part that a number of rounds fixed beforehand leaves for refining, of what is left when each
case has its least rounds, once there is a bracket to be refined."""
PART_WHILE_OTHERS_WAIT = 0.5
"""The part of what is left of the budget for a set-up that refining it may use while others wait
for their turn."""


class Budget:
    """The seconds of one sweep; without a budget in the profile, they never end.

    Parameters
    ----------
    profile : Profile
        The budget, blocks and looks.
    clock : callable
        Seconds that only move forward.

    Attributes
    ----------
    began : float
        What the clock showed at the start.
    starting_seconds : float
        Time in bringing engines up and down.
    pair_seconds : float
        Time in pairs, with all that belongs to one.
    kept : float
        Seconds that are for what has its turn later.
    cut_short : bool
        Whether anything was left out because the time was over.
    """

    def __init__(self, profile: Profile, clock: Callable[[], float]) -> None:
        self._profile, self.clock = profile, clock
        self.began = clock()
        self.starting_seconds = 0.0
        self.pair_seconds = 0.0
        self.kept = 0.0
        self.cut_short = False
        self._share = 1.0
        self._share_ends = math.inf

    def spent(self) -> float:
        """Seconds of the budget that are gone."""
        gone = self.clock() - self.began
        return gone if self._profile.starts_count else gone - self.starting_seconds

    def left(self) -> float:
        """Seconds that are left, but for what is kept; below 0 where they are overdrawn."""
        budget = self._profile.budget_seconds
        return math.inf if budget is None else budget - self.kept - self.spent()

    def left_of_share(self) -> float:
        """Seconds that are left of the share of the set-up that is served."""
        return min(self.left(), self._share_ends - self.spent())

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Count what is done inside as time to bring engines up and down."""
        before = self.clock()
        try:
            yield
        finally:
            self.starting_seconds += self.clock() - before

    @contextmanager
    def measuring(self) -> Iterator[None]:
        """Count what is done inside as time in a pair."""
        before = self.clock()
        try:
            yield
        finally:
            self.pair_seconds += self.clock() - before

    def spent_words(self, pairs: int) -> str:
        """What the time went into, with *pairs* that have a result."""
        gone = self.clock() - self.began
        rest = gone - self.pair_seconds - self.starting_seconds
        return (
            f"spent: {units.seconds(gone)}, of these {units.seconds(self.pair_seconds)} in "
            f"{units.plural(pairs, 'pair')}, {units.seconds(self.starting_seconds)} in bringing "
            f"engines up and down, {units.seconds(rest)} in warm-ups and all else"
        )

    def seconds_per_start(self, starts: int) -> float:
        """What one more start-up takes of the budget, going by the *starts* so far."""
        counts = self._profile.starts_count and starts > 0
        return self.starting_seconds / starts if counts else 0.0

    def serve_next(self, share: float) -> None:
        """Give the set-up that is served next its *share* of what is left: 1 where it is the last.

        Rounds beyond the first look wait for nobody: without shares a set-up that is slow and
        undecided would leave none for those that come after it.
        """
        self._share = share
        profile, spent = self._profile, self.spent()
        if profile.budget_seconds is None or not profile.looks:
            self._share_ends = math.inf
        else:
            self._share_ends = spent + (profile.budget_seconds - spent) * share

    def refining_until(self) -> float:
        """How much will be spent of the budget when the set-up that is served has been refined.

        The last one may use all that is left, others a part of their share: those that come after
        it may need more than theirs to reach their first look.
        """
        budget, spent = self._profile.budget_seconds, self.spent()
        if budget is None:
            return math.inf
        budget -= self.kept
        end = min(self._share_ends, spent + max(0.0, budget - spent) * self._share)
        part = 1.0 if self._share == 1 else PART_WHILE_OTHERS_WAIT
        return spent + part * max(0.0, end - spent)

    def must_stop(self) -> bool:
        """Whether no round may be begun any more; if so, the sweep counts as cut short."""
        late = self.left() < 0
        self.cut_short |= late
        return late

    def must_leave_time(self, number: int) -> bool:
        """Whether the set-up that is served may not begin round *number*, since its share is spent
        and the rest is for those after it; if so, the sweep counts as cut short.

        Rounds up to the first look are begun in any case.
        """
        looks = self._profile.looks
        over = looks is not None and number >= looks[0] and self.spent() > self._share_ends
        self.cut_short |= over
        return over
