"""What a sweep consists of: axes, the cases that they span, and the rounds of each."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from harness.core.errors import UsageError
from harness.core.records import Case, SetUp
from harness.running.host.machine import usable_cores
from harness.running.plan.profiles import Profile

PARAMETERS = ("executor", "workers", "pin", "chunk")
"""The axes of every suite, in this order; the chunk is last, so that it varies fastest."""


@dataclass(frozen=True)
class SweepPlan:
    """A planned sweep: suite, profile, cases, and those of them refused beforehand, with why.

    ``question`` is what the first line of the run tells of it beside that, so that the reading half
    knows what was asked where no case was measured. With ``in_order`` the first start-ups come in
    the order of the plan and not in a random one, so that what is cheap has an answer where the
    time ends early. The executors in ``later`` wait for their turn until all others have their
    rounds, and then have it one after the other, where so many seconds are left as they need; for
    those that are ``promised`` this time is kept.
    ``starts`` is about what a start-up of each executor takes, in s, where that is known before
    one was measured.
    """

    suite: str
    profile: Profile
    cases: tuple[Case, ...]
    refused: Mapping[Case, str] = field(default_factory=dict)
    question: Mapping[str, object] = field(default_factory=dict)
    in_order: bool = False
    later: Mapping[str, float] = field(default_factory=dict)
    promised: Collection[str] = ()
    starts: Mapping[str, float] = field(default_factory=dict)

    @property
    def set_ups(self) -> tuple[SetUp, ...]:
        """The distinct set-ups, in order."""
        return tuple(self._by_set_up)

    @property
    def turns(self) -> list[tuple[str | None, list[SetUp]]]:
        """The set-ups that are measured together, and then those of each executor in ``later``,
        with its name."""
        first = [each for each in self.set_ups if each.executor not in self.later]
        others = [
            (name, [each for each in self.set_ups if each.executor == name]) for name in self.later
        ]
        return [(None, first), *others]

    def cases_of(self, set_up: SetUp) -> tuple[Case, ...]:
        """The cases that one start-up of *set_up* serves."""
        return self._by_set_up.get(set_up, ())

    @cached_property
    def _by_set_up(self) -> dict[SetUp, tuple[Case, ...]]:
        found: dict[SetUp, list[Case]] = {}
        for case in self.cases:
            found.setdefault(case.group.set_up, []).append(case)
        return {set_up: tuple(cases) for set_up, cases in found.items()}


def usable_workers() -> int:
    """As many workers as there are whole usable cores; at least one."""
    return max(1, math.floor(usable_cores().number))


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
    number; with planned looks, which count from the first round on, in the first ones. Where a
    number fixed beforehand must fit a budget it may take part in all, since
    :func:`harness.running.plan.allocation.allocate` says in how many.
    """
    by_cost = profile.looks is None and profile.budget_seconds is not None
    if by_cost or seconds <= profile.slow_seconds or profile.slow_rounds >= profile.rounds:
        return frozenset(range(profile.rounds))
    if profile.looks is not None:
        return frozenset(range(profile.slow_rounds))
    by_turn = itertools.zip_longest(*profile.rounds_of_blocks)
    in_order = (number for turn in by_turn for number in turn if number is not None)
    return frozenset(itertools.islice(in_order, profile.slow_rounds))


def chunk_axis(size: int, chunks: Sequence[int], *, whole: bool = True) -> tuple[int, ...]:
    """*chunks* as far as they are smaller than *size*, rising, and the whole size last: if it is
    wanted, or nothing else is left."""
    smaller = {chunk for chunk in chunks if chunk < size}
    return tuple(sorted(smaller | {size} if whole or not smaller else smaller))


def all_cores_reference(workload: str, size: int, cores: int) -> Case:
    """NumPy on all cores, which ``verdict_vs_all_cores`` judges against (rule 1)."""
    return Case(
        workload=workload,
        size=size,
        executor="numpy-threads",
        workers=cores,
        pin="cores",
        chunk=size,
    )
