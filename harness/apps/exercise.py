"""The many-or-few-chunks exercise, measured and answered on this machine."""

from __future__ import annotations

from pathlib import Path

from harness.core.errors import InputError, UsageError
from harness.core.records import Case
from harness.reading import ingest
from harness.reading.analysis.crossover.break_even import break_even
from harness.reading.analysis.crossover.refine import refine
from harness.reading.analysis.verdict.cases import cases
from harness.reading.analysis.verdict.verdicts import decided
from harness.reading.report.exercise.answer_of_run import answer
from harness.reading.report.exercise.answer_record import Answer
from harness.running.measure.sweep.progress import Report
from harness.running.measure.sweep.refusals import all_cores_reference
from harness.running.measure.sweep.session import measure
from harness.running.plan.executor_cases import executor_cases, worker_counts
from harness.running.plan.profiles import make_profile
from harness.running.plan.sweep import SweepPlan, usable_workers

SUITE = "settle"
CHUNKS = (1_000, 100_000, 1_000_000, 5_000_000, 10_000_000)
"""The exercise's two chunks and a coarse grid towards the whole, at the exercise's own size; the
sweep adds chunks where the verdict changes."""


def exercise(
    *, executor: str = "dask-threads", workers: int | None = None, profile: str = "exercise"
) -> SweepPlan:
    """The sweep that answers the exercise: one executor over the grid, and NumPy three ways.

    Parameters
    ----------
    executor : str
        A Dask executor; the default is what ``x.compute()`` uses for an array.
    workers : int, optional
        All usable cores by default.
    profile : str

    Raises
    ------
    UsageError
        For an executor that is not one of Dask's, or fewer than one worker.
    """
    if not executor.startswith("dask"):
        raise UsageError(
            f"the exercise is about Dask's chunks: {executor!r} is not a Dask executor"
        )
    counts = worker_counts([] if workers is None else [workers])
    chosen = make_profile(profile)
    size = chosen.size("random-sum")

    def numpy(workload: str) -> list[Case]:
        return executor_cases("numpy", workload, size, workers=counts, chunks=CHUNKS)

    return SweepPlan(
        SUITE,
        chosen,
        (
            *executor_cases(
                executor, "random-sum", size, workers=counts, chunks=CHUNKS, whole=True
            ),
            *numpy("random-sum"),
            all_cores_reference("random-sum", size, usable_workers()),
            *numpy("random-sum-as-written"),
        ),
    )


def settle(
    results: Path,
    *,
    executor: str = "dask-threads",
    workers: int | None = None,
    profile: str = "exercise",
    machine_name: str | None = None,
    resume: bool = False,
    report: Report = lambda progress: None,
) -> Answer:
    """Measure the exercise and answer it.

    Parameters
    ----------
    results : Path
        Results folder; the journal stays there.
    executor, workers, profile
        See :func:`exercise`.
    machine_name : str, optional
    resume : bool
        Go on with an unfinished run.
    report : callable
        Told of progress.

    Raises
    ------
    ChunkbenchError
        With one line that says what to do.
    """
    journal = measure(
        exercise(executor=executor, workers=workers, profile=profile),
        results,
        decide=decided,
        refine=refine,
        machine_name=machine_name,
        resume=resume,
        report=report,
    )
    return read_answer(journal)


def read_answer(journal: Path) -> Answer:
    """The answer that *journal* holds, without measuring anything.

    Raises
    ------
    InputError
        Where it is not the journal of an exercise that ended.
    """
    results = ingest.read_results(journal)
    if len(results.journals) != 1:
        raise InputError(f"{journal} holds {len(results.journals)} runs: name one journal")
    [run] = results.journals
    judged = cases(results.pairs, results.blocks, results.runs)
    return answer(
        judged,
        break_even(judged, results.pairs, results.runs),
        results.pairs,
        run.info,
        seconds_spent=run.end.seconds if run.end else None,
        journal=journal.name,
    )
