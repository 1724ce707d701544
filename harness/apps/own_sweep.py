"""A sweep over cases of one's own choice, from Python and without ASV: what notebooks call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.core.errors import UsageError
from harness.core.units import parse_seconds
from harness.reading.analysis.verdict.verdicts import decided
from harness.running.measure.sweep.progress import Report
from harness.running.measure.sweep.session import measure
from harness.running.plan.executor_cases import executor_cases, worker_counts
from harness.running.plan.profiles import make_profile
from harness.running.plan.sweep import SweepPlan, all_cores_reference, usable_workers
from harness.running.workloads import workload_class

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
        chosen = replace(chosen, budget_seconds=parse_seconds(budget), starts_count=True)
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


def run(
    workloads: str | Sequence[str],
    *,
    executors: Sequence[str],
    chunks: Sequence[int],
    workers: Sequence[int] = (),
    pins: Sequence[str] = ("1",),
    size: int | None = None,
    profile: str = "laptop",
    budget: str | None = None,
    results: str | Path = "results",
    machine_name: str | None = None,
    resume: bool = False,
    report: Report = lambda progress: None,
) -> Path:
    """Measure one workload, or several, over the axes given, without ASV or a clone.

    Returns the path of the journal, which ``read_results`` reads.

    Parameters
    ----------
    workloads : str or sequence of str
    executors : sequence of str
    chunks : sequence of int
        Elements a task; a chunk that the size cannot be cut into is refused, with the reason.
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
    report : callable
        Told of progress.

    Raises
    ------
    ChunkbenchError
        With one line that says what to do.
    """
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
        report=report,
    )
