"""The many-or-few-chunks exercise, measured and answered on this machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from harness.apps.answer_so_far import JournalWritten
from harness.apps.one_run import answered, judged_run
from harness.core.errors import UsageError
from harness.core.records import Case
from harness.reading.analysis.crossover.refine import refine
from harness.reading.analysis.verdict.verdicts import decided
from harness.reading.report.exercise.answer_of_run import answer
from harness.reading.report.exercise.answer_record import Answer
from harness.reading.report.exercise.question import (
    AS_WRITTEN,
    EXECUTOR,
    PROFILE,
    SUITE,
    WORKLOAD,
    asked,
    command_to_go_on,
    question,
)
from harness.running.host import machine
from harness.running.host.alone import alone
from harness.running.measure.sweep.progress import Report
from harness.running.measure.sweep.session import measure
from harness.running.plan.executor_cases import executor_cases, worker_counts
from harness.running.plan.profiles import make_profile
from harness.running.plan.sweep import SweepPlan, all_cores_reference, usable_workers

CHUNKS = (1_000, 100_000, 1_000_000, 5_000_000, 10_000_000)
"""The exercise's two chunks and a coarse grid towards the whole, at the exercise's own size; the
sweep adds chunks where the verdict changes."""

LOCK = ".settle.lock"
"""Held in the machine's folder while the exercise is measured."""


def exercise(
    *,
    executor: str = EXECUTOR,
    workers: int | None = None,
    profile: str = PROFILE,
    budget_seconds: float | None = None,
) -> SweepPlan:
    """The sweep that answers the exercise: one executor over the grid, and NumPy three ways.

    Parameters
    ----------
    executor : str
        A Dask executor; the default is what ``x.compute()`` uses for an array.
    workers : int, optional
        All usable cores by default.
    profile : str
    budget_seconds : float, optional
        Instead of the profile's budget; bringing engines up and down counts.

    Raises
    ------
    UsageError
        For an executor that is not one of Dask's, fewer than one worker, or no time at all.
    """
    if not executor.startswith("dask"):
        raise UsageError(
            f"the exercise is about Dask's chunks: {executor!r} is not a Dask executor"
        )
    counts = worker_counts([] if workers is None else [workers])
    chosen = make_profile(profile)
    if budget_seconds is not None:
        if budget_seconds <= 0:
            raise UsageError("a budget of 0 s measures nothing: write for example 90s or 2m")
        chosen = chosen.with_budget(budget_seconds)
    size = chosen.size(WORKLOAD)

    def numpy(workload: str) -> list[Case]:
        return executor_cases("numpy", workload, size, workers=counts, chunks=CHUNKS)

    return SweepPlan(
        SUITE,
        chosen,
        (
            *executor_cases(executor, WORKLOAD, size, workers=counts, chunks=CHUNKS, whole=True),
            *numpy(WORKLOAD),
            all_cores_reference(WORKLOAD, size, usable_workers()),
            *numpy(AS_WRITTEN),
        ),
        question=question(executor, counts[0], size),
    )


def settle(
    results: Path,
    *,
    executor: str = EXECUTOR,
    workers: int | None = None,
    profile: str = PROFILE,
    budget_seconds: float | None = None,
    machine_name: str | None = None,
    resume: bool = False,
    report: Report = lambda progress: None,
    so_far: Callable[[Answer], None] | None = None,
) -> Answer:
    """Measure the exercise and answer it.

    Parameters
    ----------
    results : Path
        Results folder; the journal stays there.
    executor, workers, profile, budget_seconds
        See :func:`exercise`.
    machine_name : str, optional
    resume : bool
        Go on with an unfinished run.
    report : callable
        Told of progress.
    so_far : callable, optional
        Given the answer so far now and then between two pairs.

    Raises
    ------
    UsageError
        Where another process measures the exercise in the same folder.
    StoppedWithAnswer
        On Ctrl-C, SIGTERM or SIGHUP; it carries the answer so far.
    ChunkbenchError
        With one line that says what to do.
    """
    plan = exercise(
        executor=executor, workers=workers, profile=profile, budget_seconds=budget_seconds
    )
    folder = results / machine.describe(machine_name).name
    with alone(folder / LOCK, "settle"):
        journal = answered(
            JournalWritten(folder / "journal", SUITE),
            lambda path, running: read_answer(
                path, results=results, machine_name=machine_name, running=running
            ),
            lambda told: measure(
                plan,
                results,
                decide=decided,
                refine=refine,
                machine_name=machine_name,
                resume=resume,
                report=told,
            ),
            report,
            so_far,
        )
    return read_answer(journal, results=results, machine_name=machine_name)


def read_answer(
    journal: Path,
    *,
    results: Path | None = None,
    machine_name: str | None = None,
    running: bool = False,
) -> Answer:
    """The answer that *journal* holds, as far as it goes, without measuring anything.

    Parameters
    ----------
    journal : Path
    results, machine_name
        As they were given to :func:`settle`, for the command that goes on with the run.
    running : bool
        Whether it is being written now.

    Raises
    ------
    InputError
        Where it is not the journal of an exercise, or broken.
    """
    run, pairs, judged, edges = judged_run(journal)
    go_on = None
    if results is not None:
        go_on = command_to_go_on(
            asked(run.info, judged), run.info, results=results, machine=machine_name
        )
    return answer(judged, edges, pairs, run, running=running, go_on=go_on)
