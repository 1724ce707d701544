"""A work of one's own, swept like ours: ``chunkbench try``, ``harness.run(harness.work(...))``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from time import monotonic
from types import MappingProxyType
from typing import NamedTuple

from harness.apps.answer_so_far import JournalWritten
from harness.apps.one_run import answered, judged_run
from harness.core import units
from harness.core.errors import UsageError
from harness.core.records import Case
from harness.core.units import parse_seconds, plural
from harness.reading.analysis.crossover.refine import refine
from harness.reading.analysis.verdict.verdicts import decided
from harness.reading.report.tried.tried_answer import Tried
from harness.reading.report.tried.tried_of_run import SUITE, tried
from harness.running.executors import full_name, lookup, running_clusters
from harness.running.host import machine, pins
from harness.running.measure.environment.other_python import Environment
from harness.running.measure.own.look import Looked, LookedWhole, look
from harness.running.measure.process.supervision import scratch_folder
from harness.running.measure.sweep.ports import Progress
from harness.running.measure.sweep.progress import Report
from harness.running.measure.sweep.session import measure
from harness.running.plan import tried_plan
from harness.running.plan.executor_cases import worker_counts
from harness.running.plan.profiles import TRY, Profile
from harness.running.plan.sweep import SweepPlan
from harness.running.plan.tried_plan import Chosen, TryingCosts
from harness.running.workloads import kept_works, users_objects
from harness.running.workloads.given_work import GivenWork
from harness.running.workloads.kept_works import WorkSpec

BUDGET = "2m"
LOOKING_SHARE = 0.05
"""Of the budget, at most 5 s: for looking at the work before it is swept."""
MOST_LOOKING_SECONDS = 5.0
HANG_FACTOR = 10.0
"""A call that takes so many times as long as the loop is a hang; one of under 2 minutes is not."""
CALL_SHARE = 0.05
"""A call that would take more of the budget than this is skipped, unless the loop takes as long."""


def run_work(
    work: GivenWork,
    *,
    executors: Sequence[str] = (),
    chunks: Sequence[int] | str = "auto",
    workers: Sequence[int] = (),
    pins: Sequence[str] = ("1",),
    budget: str = BUDGET,
    results: str | Path = "results",
    machine_name: str | None = None,
    report: Report = lambda progress: None,
    so_far: Callable[[Tried], None] | None = None,
    elsewhere: Environment | None = None,
) -> Tried:
    """Measure a work on engines beside its plain loop, and answer where that pays.

    Parameters
    ----------
    work : GivenWork
        What :func:`harness.work` returned.
    executors : sequence of str
        Also clusters that run already, ``"dask:tcp://node7:8786"``, ``"ray:auto"``. By default one
        for each idiom of what is installed, as far as the budget lasts; the others while there is
        time left.
    chunks : sequence of int, or "auto"
        Items a task; by default from one to all, with others added where the verdict changes.
    workers : sequence of int
        All usable cores by default; of a cluster that runs already all that it has.
    pins : sequence of {"1", "cores", "default"}
    budget : str
        ``"90s"``, ``"5m"``: for all of it.
    results : path
        Results folder; the journal stays there.
    machine_name : str, optional
    report : callable
        Told of progress.
    so_far : callable, optional
        Given the answer so far now and then between two pairs.
    elsewhere : Environment, optional
        The Python that all of it runs on, where it is another one than this.

    Raises
    ------
    UsageError
        Where something of the work is not there, or an option not what it should be.
    MeasureError
        Where the work fails in a plain loop.
    StoppedWithAnswer
        On Ctrl-C, SIGTERM or SIGHUP; it carries the answer so far.
    """
    seconds = parse_seconds(budget)
    if seconds <= 0:
        raise UsageError("a budget of 0 s measures nothing: write for example 90s or 2m")
    with running_clusters.joined(executors) as joined:
        way = "whole" if work.items is None else "tasks"
        names = [full_name(name) for name in joined] or tried_plan.installed(
            way, elsewhere.missing_of if elsewhere else None
        )
        _check_axes(names, chunks, pins)
        axes = TriedAxes(
            names, chunks, worker_counts(workers), pins, seconds, named=bool(executors)
        )
        attached = [name for name in names if lookup(name).kind == running_clusters.RUNNING]
        if attached and not workers:
            with scratch_folder("chunkbench-count-") as reaper:
                there = {
                    name: running_clusters.workers_there(name, reaper.scratch) for name in attached
                }
            axes = axes._replace(there=there)
        return _run(work, axes, Path(results), machine_name, report, so_far, elsewhere)


def _run(
    work: GivenWork,
    axes: TriedAxes,
    results: Path,
    machine_name: str | None,
    report: Report,
    so_far: Callable[[Tried], None] | None,
    elsewhere: Environment | None,
) -> Tried:
    """Look at *work*, plan its sweep, and measure it."""
    began, seconds, whole = monotonic(), axes.budget_seconds, work.items is None
    with scratch_folder("chunkbench-work-") as reaper:
        spec = work.spec(reaper.scratch)
        folders = [*users_objects.folders_of_user(["", *sys.path])]
        kept_works.keep([spec], folders=folders)
        try:
            first = "its serial way" if whole else "a few of its items"
            report(Progress(0, 0, "", news=f"looking at {spec.name}: {first}"))
            here = machine.describe(machine_name)
            most = min(MOST_LOOKING_SECONDS, LOOKING_SHARE * seconds)
            looked = look(spec, here.cores_usable or 1.0, most, seconds, elsewhere)
            axes = axes._replace(budget_seconds=max(1.0, seconds - (monotonic() - began)))
            spec, plan = (
                work_plan(spec, looked, axes)
                if isinstance(looked, Looked)
                else whole_plan(spec, looked, axes)
            )
            kept_works.keep([spec], folders=folders)
            for line in _words(spec, looked, plan):
                report(Progress(0, 0, "", news=line))
            return _measured(plan, results, machine_name, report, so_far, elsewhere)
        finally:
            kept_works.keep([])


def _check_axes(names: Sequence[str], chunks: Sequence[int] | str, asked: Sequence[str]) -> None:
    """Refuse what no sweep can be made of, before anything is started.

    Raises
    ------
    UsageError
        With the value that is wrong.
    """
    for name in names:
        lookup(name)
    for axis, values in (("executors", names), ("pins", asked)):
        if not values or isinstance(values, str):
            raise UsageError(f"{axis} must be a list with at least one value")
    if wrong := [pin for pin in asked if pin not in pins.PINS]:
        raise UsageError(f"unknown pin {wrong[0]!r}: choose one of {', '.join(pins.PINS)}")
    if isinstance(chunks, str):
        if chunks != "auto":
            raise UsageError(f"chunks {chunks!r}: write auto, or numbers of items a task")
    elif not chunks or min(chunks) < 1:
        raise UsageError("chunks are numbers of items a task: give at least one, of 1 or more")


class TriedAxes(NamedTuple):
    """What is swept: executors, items a task or ``"auto"``, workers, pins; for how long; whether
    the executors were named, so that none of them waits for time to be left; and the workers that
    are there already, of those of them that join a running cluster."""

    executors: Sequence[str]
    chunks: Sequence[int] | str
    workers: Sequence[int]
    pins: Sequence[str]
    budget_seconds: float
    named: bool = True
    there: Mapping[str, int] = MappingProxyType({})

    @property
    def most_workers(self) -> int:
        """The most workers of any executor."""
        return max([*self.workers, *self.there.values()])

    def chosen(self, unable: Collection[str], costs: TryingCosts) -> Chosen:
        """Which executors come first, and which wait: none that were named."""
        if self.named:
            return Chosen([*self.executors], [], [])
        return tried_plan.chosen(self.executors, unable, costs, self.budget_seconds)


def work_plan(spec: WorkSpec, looked: Looked, axes: TriedAxes) -> tuple[WorkSpec, SweepPlan]:
    """The sweep of a work that was looked at, and the work with the items that it takes.

    Raises
    ------
    UsageError
        Where two calls of one item give different answers.
    """
    if looked.unstable:
        raise UsageError(
            f"{spec.name} gives another answer each time it is called with the first item, so no "
            "answer can be checked: give --check none, close, or module:function"
        )
    chunks, workers, pins = axes.chunks, axes.workers, axes.pins
    each, start = looked.item_seconds, looked.start_seconds
    unable = tried_plan.unable(axes.executors, looked.unpicklable)
    set_ups, all_able = len(workers) * len(pins), set(axes.executors).difference(unable)
    least = min(tried_plan.LEAST_LOOP_SECONDS, looked.whole_seconds)
    loop = max(least, axes.most_workers * each)
    for whole in (True, False):  # the whole in one task, where there is time for all
        few = tried_plan.n_chunks(each, whole=whole) if isinstance(chunks, str) else len(chunks)
        costs = TryingCosts(start, loop, set_ups, set_ups * few)
        choice = axes.chosen(unable, costs)
        if costs.last(all_able, axes.budget_seconds):
            break
    able = [name for name in (*choice.first, *choice.promised) if name not in unable]
    seconds = tried_plan.calls_seconds(
        [*able, tried_plan.SERIAL], set_ups, start, axes.budget_seconds
    )
    for _ in range(2):  # more items may have more chunks, and more chunks fewer items
        n_cases = len(able) * set_ups * few + 1
        size = tried_plan.sample_size(
            looked.items, each, seconds, n_cases, axes.most_workers, start
        )
        grid = (
            tried_plan.chunks_to_try(size, each, axes.most_workers, whole=whole)
            if isinstance(chunks, str)
            else sorted(set(chunks))
        )
        few = max(few, len(grid))
    spec = replace(spec, size=size, seconds=size * each)
    planned = tried_plan.tried_cases(
        spec.name,
        size,
        executors=choice.all,
        chunks=grid,
        workers=workers,
        pins=pins,
        there=axes.there,
    )
    refused = tried_plan.refused(planned, looked.unpicklable)
    costs = costs._replace(loop_seconds=spec.seconds, cases=set_ups * len(grid))
    how = HowTried(choice, costs, axes.budget_seconds)
    return spec, _sweep_plan(spec, looked, planned, refused, how)


def whole_plan(spec: WorkSpec, looked: LookedWhole, axes: TriedAxes) -> tuple[WorkSpec, SweepPlan]:
    """The same for a work whose function does the whole.

    Raises
    ------
    UsageError
        Where the function needs chunks, and none are given.
    """
    values = () if isinstance(axes.chunks, str) else axes.chunks
    takes = looked.takes if looked.needed or values or looked.default else None
    if values and looked.takes is None:
        raise UsageError(f"{spec.name} has no argument chunks or npartitions: leave --chunks out")
    size, chunks = tried_plan.parts_to_try(takes, values, looked.default, axes.most_workers)
    seconds = looked.serial_seconds
    spec = replace(spec, size=size, takes=takes, seconds=seconds)
    set_ups = len(axes.workers) * len(axes.pins)
    costs = TryingCosts(looked.start_seconds, seconds, set_ups, set_ups * len(chunks))
    own = set(axes.executors).difference({tried_plan.SERIAL, tried_plan.AS_WRITTEN})
    choice = axes.chosen(() if looked.collection else own, costs)
    planned = tried_plan.whole_cases(
        spec.name,
        size,
        executors=choice.all,
        chunks=chunks,
        workers=axes.workers,
        pins=axes.pins,
        there=axes.there,
    )
    refused = {} if looked.collection else tried_plan.not_dasks(planned, looked.returns)
    how = HowTried(choice, costs, axes.budget_seconds)
    return spec, _sweep_plan(spec, looked, planned, refused, how)


class HowTried(NamedTuple):
    """Which executors a work is tried on and when, what they cost, and for how long."""

    choice: Chosen
    costs: TryingCosts
    budget_seconds: float


def _sweep_plan(
    spec: WorkSpec,
    looked: Looked | LookedWhole,
    planned: Sequence[Case],
    refused: dict[Case, str],
    how: HowTried,
) -> SweepPlan:
    """The sweep of the cases *planned*."""
    choice, costs, budget_seconds = how
    waiting = {name: costs.seconds(name) for name in (*choice.promised, *choice.others)}
    first = [case for case in planned if case.executor not in waiting and case not in refused]
    return SweepPlan(
        SUITE,
        _profile(spec.seconds, budget_seconds, first, looked.start_seconds),
        tuple(planned),
        refused=refused,
        question={"work": _question(spec, looked, planned) | {"later": list(waiting)}},
        in_order=True,
        later=waiting,
        promised=choice.promised,
        starts={
            case.executor: looked.start_seconds * tried_plan.starts_of(case.executor)
            for case in planned
        },
    )


def _profile(
    loop_seconds: float, budget_seconds: float, planned: Sequence[Case], start_seconds: float
) -> Profile:
    starts = tried_plan.start_ups(planned, start_seconds, budget_seconds)
    return replace(
        TRY,
        again_seconds=tried_plan.HOPELESS * loop_seconds,
        blocks=TRY.blocks if starts > 1 else (TRY.rounds,),
        budget_seconds=budget_seconds,
        most_seconds=max(CALL_SHARE * budget_seconds, 2 * loop_seconds),
        limit_seconds=max(TRY.limit_seconds, HANG_FACTOR * loop_seconds),
    )


def _question(
    spec: WorkSpec, looked: Looked | LookedWhole, planned: Sequence[Case]
) -> dict[str, object]:
    """What the journal's first line keeps of the work."""
    by_name: dict[str, object] = asdict(spec)
    del by_name["seconds"]
    by_name |= {
        key: "by value"
        for key in ("task", "items", "against", "check")
        if str(by_name[key]).startswith(users_objects.BY_VALUE)
    }
    told = looked.model_dump(exclude={"unstable", "unpicklable"})
    shared = sorted({case.executor for case in planned if lookup(case.executor).shares_items()})
    return {**by_name, **told, "loop_seconds": spec.seconds, "shared": shared}


def _words(spec: WorkSpec, looked: Looked | LookedWhole, plan: SweepPlan) -> list[str]:
    """What is known of the work, and what is not measured, before anything is."""
    return [*_size_words(spec, looked, plan), *_refused_words(plan), *_later_words(plan)]


def _size_words(spec: WorkSpec, looked: Looked | LookedWhole, plan: SweepPlan) -> list[str]:
    first = sum(case.executor not in plan.later for case in plan.cases)
    planned = plural(first, "case")
    if isinstance(looked, LookedWhole):
        return [f"{spec.against}: {units.seconds(looked.serial_seconds)}; {planned} planned"]
    whole = units.seconds(looked.whole_seconds)
    each = units.seconds(looked.item_seconds)
    lines = [
        f"your loop: {plural(looked.items, 'item')} of {each}, {whole} in all; {planned} planned"
    ]
    if spec.size < looked.items:
        lines.append(
            f"{spec.size} of them are measured, evenly spaced, which take about "
            f"{units.seconds(spec.seconds)}: all do not fit the budget of "
            f"{units.seconds(plan.profile.budget_seconds)}"
        )
    return lines


def _refused_words(plan: SweepPlan) -> list[str]:
    lines = []
    for reason in dict.fromkeys(plan.refused.values()):
        names = dict.fromkeys(case.executor for case, why in plan.refused.items() if why == reason)
        lines.append(f"not on {', '.join(names)}: {reason}")
    return lines


def _later_words(plan: SweepPlan) -> list[str]:
    others = [name for name in plan.later if name not in plan.promised]
    lines = [f"then {', '.join(plan.promised)}"] if plan.promised else []
    return [*lines, f"if time is left: {', '.join(others)}"] if others else lines


def _measured(
    plan: SweepPlan,
    results: Path,
    machine_name: str | None,
    report: Report,
    so_far: Callable[[Tried], None] | None,
    elsewhere: Environment | None,
) -> Tried:
    journal = answered(
        JournalWritten(results / machine.describe(machine_name).name / "journal", SUITE),
        lambda path, running: read_tried(path, running=running),
        lambda told: measure(
            plan,
            results,
            decide=decided,
            refine=refine,
            machine_name=machine_name,
            report=told,
            elsewhere=elsewhere,
        ),
        report,
        so_far,
        lambda stop: stop.partition(";")[0],
    )
    return read_tried(journal)


def read_tried(journal: Path, *, running: bool = False) -> Tried:
    """The answer that *journal* holds, as far as it goes, without measuring anything.

    Parameters
    ----------
    journal : Path
    running : bool
        Whether it is being written now.

    Raises
    ------
    InputError
        Where it is not the journal of a work of one's own, or broken.
    """
    run, _, judged, edges = judged_run(journal)
    return tried(judged, edges, run, running=running)
