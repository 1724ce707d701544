"""A sweep over cases of one's own choice, from Python and without ASV: what notebooks call."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.core.errors import UsageError
from harness.core.records import Case
from harness.core.units import parse_seconds
from harness.reading.analysis.verdict.verdicts import decided
from harness.running.executors import lookup
from harness.running.executors.base import Executor
from harness.running.host.machine import usable_cores
from harness.running.measure.sweep.progress import Report
from harness.running.measure.sweep.refusals import all_cores_reference
from harness.running.measure.sweep.session import measure
from harness.running.plan.sweep import Plan, chunk_axis, make_profile, span
from harness.running.workloads import make_workload

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
) -> Plan:
    """The sweep of one workload, or of several, over the axes given.

    Only what makes sense is planned: an executor that computes the whole at once gets the whole
    as its chunk, a serial one has one worker, each has the pins that it knows. NumPy on all cores
    is added where it is what a case has to beat (rule 1).

    Parameters
    ----------
    workloads, executors, chunks, workers, pins, size, profile, budget
        See :func:`run`.

    Raises
    ------
    UsageError
        For an axis without values, an unknown name, or fewer than one worker.
    """
    level = make_profile(profile)
    if budget is not None:
        level = replace(level, budget_seconds=parse_seconds(budget), starts_count=True)
    for name, values in (("executors", executors), ("chunks", chunks), ("pins", pins)):
        if not values or isinstance(values, str):
            raise UsageError(f"{name} must be a list with at least one value")
    cores = max(1, math.floor(usable_cores().number))
    counts = list(workers) or [cores]
    if min(counts) < 1:
        raise UsageError(f"{min(counts)} workers: give at least 1")
    cases = []
    for workload in [workloads] if isinstance(workloads, str) else workloads:
        whole = size or level.size(workload)
        for name in executors:
            cases += _cases(lookup(name), workload, whole, counts, pins, chunks)
        if make_workload(workload, whole).native_threads:
            cases.append(all_cores_reference(workload, whole, cores))
    return Plan(SUITE, level, tuple(dict.fromkeys(cases)))


def _cases(
    executor: type[Executor],
    workload: str,
    size: int,
    workers: Sequence[int],
    pins: Sequence[str],
    chunks: Sequence[int],
) -> list[Case]:
    """What one executor can make of the axes."""
    axes: dict[str, Sequence[int | str]] = {
        "executor": [executor.name],
        "workers": workers if executor.max_workers is None else [executor.max_workers],
        "pin": [pin for pin in pins if pin in executor.pins] or executor.pins[:1],
        "chunk": chunk_axis(size, chunks, whole=False) if executor.chunked else [size],
    }
    return span(workload, size, axes)


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
