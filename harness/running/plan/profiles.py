"""The profiles: how long and how deep to measure."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from harness.core.errors import UnknownNameError, UsageError
from harness.running.workloads import workload_class

LOOKS = (2, 3, 4, 6, 8, 12, 16, 24, 32)
"""Planned numbers of rounds at which a case may stop (rule 18): one that two rounds decide takes no
time from the others."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """How long and how deep to measure.

    Attributes
    ----------
    blocks : tuple of int
        The most rounds that each successive engine start-up runs; their sum is the most rounds a
        case gets. Where looks are planned the first two have one round, so that a case that the
        first look decides was measured in two start-ups.
    looks : tuple of int or None
        Planned looks, or ``None`` for a number of rounds fixed beforehand: within a budget by the
        cost of each case alone (:mod:`harness.running.plan.allocation`).
    slow_seconds, slow_rounds : float, int
        With planned looks, or without a budget: a case whose pilot call lasts longer gets only
        that many rounds, spread over the blocks.
    most_seconds : float
        A case whose call would last longer is skipped, with the figure.
    limit_seconds : float
        A call that has not answered after this is ended: a hang.
    budget_seconds : float or None
        For all suites together; each has its share. No round is started after it.
    thrifty : bool
        Whether dear cases get no more rounds than belongs to the most of the cheap ones, so that a
        fast machine answers early; else the whole budget may be used.
    refined : bool
        Whether chunks and numbers of workers are added where the grid leaves a question open.
    starts_count : bool
        Whether the budget is also for bringing engines up and down, or for measuring alone.
    full_workers_only : bool
        Engines that can have several workers are started with all of them only.
    clusters_once : bool
        Each engine that starts servers is started in one suite only.
    finishes_what_it_starts : bool
        Where bringing engines up would take more than it leaves for pairs, set-ups that were
        started have theirs before others are started.
    every_count : bool
        Suites that ask how things scale are measured with 1, 2, 4 ... workers, up to all cores, by
        the executors that short profiles have as well. All else is measured with all cores only:
        one worker can gain nothing, so that its verdict is known, and its costs are in those
        suites; and a variant of an executor scales as that one does.
    budget_by_cost : bool
        A budget that a user gives for several suites goes to each by what its cases need to reach
        their first look, and what one leaves goes to the others; else each has as much.
    again_seconds : float
        A set-up whose every warm-up call took longer is not started a second time. No warm-up is in
        a round, so that an interval over the rounds stays exact.
    sizes_of : str or None
        The profile whose sizes it takes from the workloads; ``None`` for its own.
    """

    name: str
    blocks: tuple[int, ...]
    looks: tuple[int, ...] | None
    slow_seconds: float
    slow_rounds: int
    most_seconds: float
    limit_seconds: float
    budget_seconds: float | None
    thrifty: bool = False
    refined: bool = True
    starts_count: bool = True
    full_workers_only: bool = False
    clusters_once: bool = False
    finishes_what_it_starts: bool = False
    every_count: bool = False
    budget_by_cost: bool = False
    again_seconds: float = math.inf
    sizes_of: str | None = None

    def sizes(self, workload: str) -> tuple[int, ...]:
        """The sizes of *workload*, the largest first; empty where it has none for this profile."""
        sizes = workload_class(workload).sizes.get(self.sizes_of or self.name, ())
        return (sizes,) if isinstance(sizes, int) else sizes

    def size(self, workload: str, fits: Callable[[int], bool] = lambda size: True) -> int:
        """The size of *workload*: the first that *fits*, else the last.

        Raises
        ------
        UsageError
            Where the workload has none for this profile, or does not exist.
        """
        sizes = self.sizes(workload)
        if not sizes:
            raise UsageError(
                f"profile {self.name} has no size for {workload!r}: add one to its class"
            )
        return next(filter(fits, sizes), sizes[-1])

    def with_budget(self, seconds: float) -> Profile:
        """This profile with a budget that a user gives: it is for bringing engines up as well, and
        all of it may be used."""
        return replace(self, budget_seconds=seconds, starts_count=True, thrifty=False)

    @property
    def rounds_of_blocks(self) -> tuple[range, ...]:
        """The numbers of the rounds of each block."""
        starts = itertools.accumulate(self.blocks, initial=0)
        return tuple(range(*both) for both in itertools.pairwise(starts))

    @property
    def rounds(self) -> int:
        """The most rounds that a case gets."""
        return sum(self.blocks)


SMOKE = Profile(
    name="smoke",
    blocks=(2,),
    looks=None,
    slow_seconds=5.0,
    slow_rounds=1,
    most_seconds=10.0,
    limit_seconds=60.0,
    budget_seconds=120.0,
    refined=False,
    starts_count=False,
    full_workers_only=True,
    clusters_once=True,
)
EXERCISE = Profile(
    name="exercise",
    blocks=(8, 8),
    looks=None,
    slow_seconds=2.0,
    slow_rounds=6,
    most_seconds=60.0,
    limit_seconds=120.0,
    budget_seconds=86.0,
    thrifty=True,
    sizes_of="laptop",
)
LAPTOP = Profile(
    name="laptop",
    blocks=(1, 31),
    looks=LOOKS,
    slow_seconds=1.0,
    slow_rounds=8,
    most_seconds=1.0,
    limit_seconds=120.0,
    budget_seconds=480.0,
    starts_count=False,
    full_workers_only=True,
)
NIGHTLY = Profile(
    name="nightly",
    blocks=(1, 1, *(2,) * 15),
    looks=LOOKS,
    slow_seconds=30.0,
    slow_rounds=12,
    most_seconds=600.0,
    limit_seconds=3600.0,
    budget_seconds=None,
    finishes_what_it_starts=True,
    every_count=True,
    budget_by_cost=True,
)
TRY = Profile(
    name="try",
    blocks=(8, 8),
    looks=None,
    slow_seconds=math.inf,
    slow_rounds=16,
    most_seconds=60.0,
    limit_seconds=120.0,
    budget_seconds=120.0,
    thrifty=True,
)
"""For a work of a user's own, which has a size of its own: no profile of a sweep of suites."""
PROFILES = {profile.name: profile for profile in (SMOKE, EXERCISE, LAPTOP, NIGHTLY)}


def make_profile(name: str) -> Profile:
    """The profile *name*.

    Raises
    ------
    UnknownNameError
        With the profiles that exist.
    """
    if name not in PROFILES:
        raise UnknownNameError("profile", name, list(PROFILES))
    return PROFILES[name]
