"""A sweep over cases of one's own choice, from Python and without ASV: what notebooks call."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import overload

from harness.apps.tried import BUDGET, run_work
from harness.core.errors import UsageError
from harness.core.units import parse_seconds
from harness.reading.analysis.verdict.verdicts import decided
from harness.reading.report.tried.tried_answer import Tried
from harness.running.measure.sweep.progress import Report, kept_alive, shown
from harness.running.measure.sweep.session import measure
from harness.running.plan.executor_cases import executor_cases, worker_counts
from harness.running.plan.profiles import make_profile
from harness.running.plan.sweep import SweepPlan, all_cores_reference, usable_workers
from harness.running.workloads import workload_class
from harness.running.workloads.given_work import GivenWork

SUITE = "own"


def own_plan(
    workloads: str | Sequence[str],
    *,
    executors: Sequence[str],
    chunks: Sequence[int],
    workers: Sequence[int] = (),
    pins: Sequence[str] = ("1",),
    size: int | None = None,
    profile: str = "laptop",
    budget: str | None = None,
) -> SweepPlan:
    """The sweep of one workload, or of several, over the axes given.

    Of each executor what makes sense is planned, see
    :func:`harness.running.plan.executor_cases.executor_cases`. NumPy on all cores is added where
    it is what a case has to beat (rule 1).

    Parameters
    ----------
    workloads, executors, chunks, workers, pins, size, profile, budget
        See :func:`run`.

    Raises
    ------
    UsageError
        For an axis without values, an unknown name, or fewer than one worker.
    """
    chosen = make_profile(profile)
    if budget is not None:
        chosen = chosen.with_budget(parse_seconds(budget))
    for name, values in (("executors", executors), ("chunks", chunks), ("pins", pins)):
        if not values or isinstance(values, str):
            raise UsageError(f"{name} must be a list with at least one value")
    counts = worker_counts(workers)
    cases = []
    for workload in [workloads] if isinstance(workloads, str) else workloads:
        elements = size or chosen.size(workload)
        for executor in executors:
            cases += executor_cases(
                executor, workload, elements, workers=counts, chunks=chunks, pins=pins
            )
        if workload_class(workload).native_threads:
            cases.append(all_cores_reference(workload, elements, usable_workers()))
    return SweepPlan(SUITE, chosen, tuple(dict.fromkeys(cases)))


@overload
def run(
    workloads: GivenWork,
    *,
    executors: Sequence[str] = ...,
    chunks: Sequence[int] | str = ...,
    workers: Sequence[int] = ...,
    pins: Sequence[str] = ...,
    budget: str | None = ...,
    results: str | Path = ...,
    machine_name: str | None = ...,
    report: Report | None = ...,
) -> Tried: ...


@overload
def run(
    workloads: str | Sequence[str],
    *,
    executors: Sequence[str],
    chunks: Sequence[int],
    workers: Sequence[int] = ...,
    pins: Sequence[str] = ...,
    size: int | None = ...,
    profile: str = ...,
    budget: str | None = ...,
    results: str | Path = ...,
    machine_name: str | None = ...,
    resume: bool = ...,
    report: Report | None = ...,
) -> Path: ...


def run(
    workloads: GivenWork | str | Sequence[str],
    *,
    executors: Sequence[str] = (),
    chunks: Sequence[int] | str = "auto",
    workers: Sequence[int] = (),
    pins: Sequence[str] = ("1",),
    size: int | None = None,
    profile: str = "laptop",
    budget: str | None = None,
    results: str | Path = "results",
    machine_name: str | None = None,
    resume: bool = False,
    report: Report | None = None,
) -> Tried | Path:
    """Measure a work of one's own, or workloads by name, over the axes given, without ASV or a
    clone.

    Returns the answer of a work of one's own (:func:`harness.work`); of workloads by name the path
    of the journal, which ``read_results`` reads.

    Parameters
    ----------
    workloads : GivenWork, str or sequence of str
    executors : sequence of str
        Of a work of one's own, what is installed by default.
    chunks : sequence of int
        Elements a task; a chunk that the size cannot be cut into is refused, with the reason. Of a
        work of one's own, items a task, and by default from one to all.
    workers : sequence of int
        All usable cores by default.
    pins : sequence of {"1", "cores", "default"}
    size : int, optional
        Elements of the whole; the profile's by default.
    profile : str
        How long and how deep to measure.
    budget : str, optional
        ``"90s"``, ``"5m"``: the profile's by default, which is for all suites together.
    results : path
        Results folder; the journal stays there.
    machine_name : str, optional
    resume : bool
        Go on with an unfinished run of the same cases.
    report : callable, optional
        Told of progress; by default a work of one's own tells it on stderr, others do not.

    Raises
    ------
    ChunkbenchError
        With one line that says what to do.
    """
    if isinstance(workloads, GivenWork):
        with shown() as bar, kept_alive(bar) as told:
            return run_work(
                workloads,
                executors=executors,
                chunks=chunks,
                workers=workers,
                pins=pins,
                budget=budget or BUDGET,
                results=results,
                machine_name=machine_name,
                report=report or told,
            )
    if isinstance(chunks, str):
        raise UsageError(f"chunks must be a list of numbers of elements a task, not {chunks!r}")
    plan = own_plan(
        workloads,
        executors=executors,
        chunks=chunks,
        workers=workers,
        pins=pins,
        size=size,
        profile=profile,
        budget=budget,
    )
    return measure(
        plan,
        Path(results),
        decide=decided,
        machine_name=machine_name,
        resume=resume,
        report=report or (lambda progress: None),
    )
