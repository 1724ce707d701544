"""What a sweep consists of: profiles, axes, and the cases that they span."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.core.errors import UnknownNameError, UsageError
from harness.core.records import Case, SetUp
from harness.running.plan import sizes

PARAMETERS = ("executor", "workers", "pin", "chunk")
"""The axes of every suite, in this order; the chunk is last, so that it varies fastest."""

LOOKS = (8, 12, 16, 24, 32)
"""Planned numbers of rounds at which a case may stop (rule 18)."""


@dataclass(frozen=True)
class Profile:
    """How long and how deep to measure.

    Attributes
    ----------
    blocks : tuple of int
        Rounds that each successive engine start-up runs; their sum is the most rounds a case gets.
    looks : tuple of int or None
        Planned looks, or ``None`` for a number of rounds fixed beforehand.
    slow_seconds, slow_rounds : float, int
        A case whose pilot call lasts longer gets only that many rounds, spread over the blocks.
    most_seconds : float
        A case whose call would last longer is skipped, with the figure.
    limit_seconds : float
        A call that has not answered after this is ended: a hang.
    budget_seconds : float or None
        For all suites together; each has its share. No round is started after it. Where the first
        block shows that a fixed number of rounds will not fit, every later block gets fewer, so
        that no start-up is lost.
    sizes : Sizes
        Size of each workload.
    starts_count : bool
        Whether the budget is also for bringing engines up and down, or for measuring alone.
    full_workers_only : bool
        Engines that can have several workers are started with all of them only.
    clusters_once : bool
        Each engine that starts servers is started in one suite only.
    """

    name: str
    blocks: tuple[int, ...]
    looks: tuple[int, ...] | None
    slow_seconds: float
    slow_rounds: int
    most_seconds: float
    limit_seconds: float
    budget_seconds: float | None
    sizes: sizes.Sizes = field(default_factory=dict)
    starts_count: bool = True
    full_workers_only: bool = False
    clusters_once: bool = False

    def size(self, workload: str, fits: Callable[[int], bool] = lambda size: True) -> int:
        """The size of *workload*: the first that *fits*, else the last.

        Raises
        ------
        UsageError
            Where the profile has none.
        """
        if workload not in self.sizes:
            raise UsageError(
                f"profile {self.name} has no size for {workload!r}: add it in sizes.py"
            )
        candidates = self.sizes[workload]
        return next(filter(fits, candidates), candidates[-1])

    @property
    def rounds(self) -> int:
        """The most rounds that a case gets."""
        return sum(self.blocks)


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("smoke", (2,), None, 5.0, 1, 10.0, 60.0, 120.0, sizes.SMOKE, False, True, True),
        Profile("exercise", (4, 8, 8), None, 2.0, 6, 30.0, 120.0, 76.0, sizes.LAPTOP),
        Profile("laptop", (32,), LOOKS, 1.0, 8, 1.0, 120.0, 480.0, sizes.LAPTOP, False, True),
        Profile("nightly", (2,) * 16, LOOKS, 30.0, 12, 600.0, 3600.0, None, sizes.NIGHTLY),
    )
}


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


@dataclass(frozen=True)
class Plan:
    """A planned sweep: suite, profile, cases, and those of them refused beforehand, with why."""

    suite: str
    profile: Profile
    cases: tuple[Case, ...]
    refused: Mapping[Case, str] = field(default_factory=dict)

    @property
    def set_ups(self) -> tuple[SetUp, ...]:
        """The distinct set-ups, in order."""
        return tuple(dict.fromkeys(case.group.set_up for case in self.cases))

    def cases_of(self, set_up: SetUp) -> tuple[Case, ...]:
        """The cases that one start-up of *set_up* serves."""
        return tuple(case for case in self.cases if case.group.set_up == set_up)


def span(workload: str, size: int, axes: Mapping[str, Sequence[int | str]]) -> list[Case]:
    """Every combination of the *axes*, as cases of one workload.

    Raises
    ------
    UsageError
        Where an axis is missing, unknown, empty or has a value twice.
    """
    if tuple(axes) != PARAMETERS:
        raise UsageError(
            f"axes must be {', '.join(PARAMETERS)} in this order, not {', '.join(axes)}"
        )
    for name, values in axes.items():
        if not values or len(set(values)) != len(values):
            raise UsageError(f"axis {name!r} must have values, each once: {list(values)}")
    return [
        Case.model_validate(
            {"workload": workload, "size": size} | dict(zip(axes, point, strict=True))
        )
        for point in itertools.product(*axes.values())
    ]


def rounds_of(seconds: float, profile: Profile) -> frozenset[int]:
    """The rounds in which a case takes part whose pilot call lasted *seconds*.

    A slow one takes part in fewer: the first of every block, then the second, until it has its
    number; with planned looks, which count from the first round on, in the first ones.
    """
    if seconds <= profile.slow_seconds or profile.slow_rounds >= profile.rounds:
        return frozenset(range(profile.rounds))
    if profile.looks is not None:
        return frozenset(range(profile.slow_rounds))
    starts = [0, *itertools.accumulate(profile.blocks)]
    blocks = [range(*edges) for edges in itertools.pairwise(starts)]
    by_turn = itertools.zip_longest(*blocks)
    wanted = (number for turn in by_turn for number in turn if number is not None)
    return frozenset(itertools.islice(wanted, profile.slow_rounds))


def chunk_axis(size: int, chunks: Sequence[int], *, whole: bool = True) -> tuple[int, ...]:
    """*chunks* as far as they are smaller than *size*, rising, and the whole size last: if it is
    wanted, or nothing else is left."""
    smaller = {chunk for chunk in chunks if chunk < size}
    return tuple(sorted(smaller | {size} if whole or not smaller else smaller))
