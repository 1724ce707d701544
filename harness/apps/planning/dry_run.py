"""Run a sweep on a fake clock: which cases get how far within a budget, and what that takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from harness.apps.planning.cost_model import CostModel
from harness.apps.planning.planned_bench import PlannedBench
from harness.core.records import (
    NO_TIME,
    Case,
    JournalLine,
    Machine,
    Pair,
    RunInfo,
    SetUp,
    Status,
)
from harness.running.measure.sweep.loop import SweepLoop
from harness.running.measure.sweep.scripted import FakeClock
from harness.running.plan.allocation import LEAST_ROUNDS
from harness.running.plan.profiles import Profile
from harness.running.plan.suite_cases import Node
from harness.running.plan.sweep import SweepPlan

UNREACHED = f"{NO_TIME} a part of its rounds, then the budget was spent"


@dataclass
class DryRun:
    """What a sweep took and reached on the fake clock.

    Attributes
    ----------
    seconds : float
    first_look_seconds : float
        When the last case that got so far was at its first look.
    starts, processes : int
    least : int
        The rounds of a first look.
    paces : dict of Case to float
        Seconds of a pair.
    overheads : dict of SetUp to float
        Seconds of a start-up, warm-ups included.
    rounds : dict of Case to int
    cut : dict of Case to str
        Cases that do not reach their first look, and why.
    """

    seconds: float = 0.0
    first_look_seconds: float = 0.0
    starts: int = 0
    processes: int = 0
    least: int = 1
    paces: dict[Case, float] = field(default_factory=dict)
    overheads: dict[SetUp, float] = field(default_factory=dict)
    rounds: dict[Case, int] = field(default_factory=dict)
    cut: dict[Case, str] = field(default_factory=dict)

    @property
    def reached(self) -> int:
        """Cases that are at their first look."""
        return len(self.rounds) - len(self.cut)

    @property
    def set_ups(self) -> int:
        """Distinct set-ups that were started."""
        return len(self.overheads)

    def seconds_of_all_rounds(self, profile: Profile) -> float:
        """What all rounds of *profile* take if no look stops a case, going by those that are done:
        more start-ups, and more pairs."""
        blocks = len(profile.blocks) - len(up_to_first_look(profile).blocks)
        most = {
            case: profile.rounds if pace < profile.slow_seconds else profile.slow_rounds
            for case, pace in self.paces.items()
        }
        pairs = sum((most[case] - self.rounds[case]) * pace for case, pace in self.paces.items())
        return self.seconds + max(0.0, pairs) + blocks * sum(self.overheads.values())


def added(runs: Sequence[DryRun]) -> DryRun:
    """Several dry runs, one after the other, as one."""
    whole = DryRun(least=max(run.least for run in runs))
    for run in runs:
        whole.seconds += run.seconds
        whole.starts += run.starts
        whole.processes += run.processes
        whole.paces |= run.paces
        whole.rounds |= run.rounds
        whole.cut |= run.cut
        for set_up, seconds in run.overheads.items():
            whole.overheads[set_up] = whole.overheads.get(set_up, 0.0) + seconds
    return whole


class _Notes:
    """A journal that only counts."""

    def __init__(self, run: DryRun, clock: FakeClock) -> None:
        self._run, self._clock = run, clock

    def append(self, record: JournalLine) -> None:
        """Count a round, or note why a case got none."""
        if not isinstance(record, Pair):
            return
        case, run = record.case, self._run
        if record.status is Status.OK:
            run.rounds[case] = run.rounds.get(case, 0) + 1
            if run.rounds[case] == run.least:
                run.first_look_seconds = self._clock()
        else:
            run.cut[case] = record.reason or ""


def first_look(profile: Profile) -> int:
    """The rounds from which there is a verdict: the first look, or the least that are allotted."""
    return profile.looks[0] if profile.looks else min(LEAST_ROUNDS, profile.rounds)


def up_to_first_look(profile: Profile) -> Profile:
    """*profile* cut to the rounds up to its first look, without a budget: a fixed number of rounds
    has one in each of its start-ups."""
    wanted = first_look(profile)
    blocks: list[int] = []
    for rounds in profile.blocks:
        if sum(blocks) < wanted:
            blocks.append(min(rounds if profile.looks else 1, wanted - sum(blocks)))
    blocks[-1] += wanted - sum(blocks)
    looks = (wanted,) if profile.looks else None
    return replace(
        profile,
        blocks=tuple(blocks),
        looks=looks,
        budget_seconds=None,
        slow_rounds=min(profile.slow_rounds, wanted),
    )


def dry_run(plan: SweepPlan, costs: CostModel, node: Node, seed: int = 0) -> DryRun:
    """Run *plan* by *costs*; with planned looks each case stops at its first one.

    Cases that the plan refuses are in none of the figures.
    """
    going = tuple(case for case in plan.cases if case not in plan.refused)
    plan = replace(plan, cases=going, refused={})
    clock, profile = FakeClock(), plan.profile
    run = DryRun(rounds=dict.fromkeys(going, 0), least=first_look(profile))
    if not going:
        return run
    info = RunInfo(
        run="planned",
        suite=plan.suite,
        profile=profile.name,
        looks=list(profile.looks) if profile.looks else None,
        machine=Machine(name="planned", cores_usable=float(node.cores)),
        seed=seed,
    )
    bench = PlannedBench(costs, node, clock, len(profile.blocks))
    sweep = SweepLoop(plan, info, bench, _Notes(run, clock), decide=_at_once, clock=clock)
    sweep.run()
    run.paces, run.overheads = sweep.ledger.paces, sweep.allotment.overheads
    for case, rounds in run.rounds.items():
        if rounds < run.least:
            run.cut.setdefault(case, UNREACHED)
        else:
            run.cut.pop(case, None)
    run.seconds, run.starts, run.processes = clock(), bench.opened, bench.processes
    return run


def _at_once(
    d: Sequence[float], looks: Sequence[int], others: Sequence[Sequence[float]] = ()
) -> bool:
    """The first look stops a case."""
    del looks, others
    return len(d) > 0
