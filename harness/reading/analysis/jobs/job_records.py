"""Jobs with the runs that they measured: records of accounting, and what the harness counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from harness.core.records import Record, Scheduler
from harness.reading.ingest import Results
from harness.reading.ingest.accounting.job import Job
from harness.reading.ingest.accounting.kept import Kept, around, same_job
from harness.reading.ingest.journals import Stretch, job_label, workers_jobs


class Use(Record):
    """The use that one run made of one batch job.

    Attributes
    ----------
    machine, run : str
    scheduler : Scheduler or None
    job : str
        The job's id, as its batch system writes it.
    cluster : str or None
    role : str
        ``run``: the job ran the sweep; ``workers``: the sweep started it for its workers.
    records : tuple of Job
        What accounting has of the job; several where it was put back in the queue.
    others : int
        Records with the same id that belong to another job, years before or after.
    run_seconds : float or None
        Wall time that the run spent in the job.
    counted_seconds : float or None
        CPU time of the timed calls of cases, as the harness counted it.
    """

    machine: str
    run: str
    scheduler: Scheduler | None
    job: str
    cluster: str | None
    role: str
    records: tuple[Job, ...] = ()
    others: int = 0
    run_seconds: float | None = None
    counted_seconds: float | None = None

    @property
    def label(self) -> str:
        """The job as tables name it: ``slurm-1234_7``."""
        return job_label(self.scheduler, self.job)


def uses(results: Results) -> list[Use]:
    """The use that each run in *results* made of each batch job, in the order of the runs."""
    uses_by_key: dict[tuple[str, str, str], Use] = {}
    for journal in results.journals:
        for stretch in journal.stretches:
            kept = results.accounts.get(journal.path.parent.parent, [])
            for use in _of_stretch(stretch, journal.info.run, kept):
                key = use.run, use.label, use.role
                known = uses_by_key.get(key)
                uses_by_key[key] = _joined(known, use) if known else use
    return list(uses_by_key.values())


def _joined(earlier: Use, later: Use) -> Use:
    """Both stretches of a run that was resumed in the same job, as one."""
    update = {
        name: None if left is None or right is None else left + right
        for name in ("run_seconds", "counted_seconds")
        for left, right in [(getattr(earlier, name), getattr(later, name))]
    }
    return earlier.model_copy(update=update)


def _of_stretch(stretch: Stretch, run: str, accounts: Sequence[Kept]) -> Iterator[Use]:
    info = stretch.info
    if info.job:
        cpu = _counted(stretch, None)
        yield _use(stretch, run, accounts, info.scheduler, info.job, "run", cpu)
    for scheduler, job in workers_jobs(stretch.blocks):
        cpu = _counted(stretch, job_label(scheduler, job))
        yield _use(stretch, run, accounts, scheduler, job, "workers", cpu)


def _use(
    stretch: Stretch,
    run: str,
    accounts: Sequence[Kept],
    scheduler: Scheduler | None,
    job: str,
    role: str,
    counted: float | None,
) -> Use:
    of_id = [
        record
        for kept in accounts
        if scheduler in (None, kept.scheduler) and same_job(job, kept.job, kept.scheduler)
        for record in kept.records
    ]
    records = around(of_id, stretch.began)
    return Use(
        machine=stretch.info.machine.name,
        run=run,
        scheduler=scheduler,
        job=job,
        cluster=stretch.info.cluster,
        role=role,
        records=tuple(records),
        others=len(of_id) - len(records),
        run_seconds=stretch.seconds,
        counted_seconds=counted,
    )


def _counted(stretch: Stretch, worker: str | None) -> float | None:
    """CPU seconds of the timed calls; for a job of workers, its equal share of those it served."""
    columns = stretch.columns
    seconds, calls, block = (
        columns[name].to_numpy() for name in ("parallel_cpu_seconds", "calls", "block")
    )
    known = ~np.isnan(seconds)
    part = np.ones(seconds.size)
    if worker is not None:
        part[:] = 0.0
        for start_up in stretch.blocks:
            labels = [job_label(*scheduler_and_id) for scheduler_and_id in workers_jobs([start_up])]
            part[block == start_up.block] = (worker in labels) / max(len(labels), 1)
        known &= part > 0
    counted = seconds * np.where(np.isnan(calls) | (calls == 0), 1, calls) * part
    return float(counted[known].sum()) if known.any() else None


def merged_records(records: Sequence[Job]) -> Job:
    """Merge all records of a job into one: add up the times, and take the end from the last.

    What is unknown in one record is unknown in the sum; so are cores that changed from record to
    record.

    Parameters
    ----------
    records : sequence of Job
        At least one, in order of time.
    """
    last = records[-1]
    if len(records) == 1:
        return last
    slots = {job.slots for job in records}
    peak = max(records, key=lambda job: job.max_memory_bytes or 0.0)
    return last.model_copy(
        update={
            "slots": slots.pop() if len(slots) == 1 else None,
            "elapsed_seconds": total(job.elapsed_seconds for job in records),
            "wait_seconds": total(job.wait_seconds for job in records),
            "cpu_seconds": total(job.cpu_seconds for job in records),
            "involuntary_switches": _whole(total(job.involuntary_switches for job in records)),
            "cpu_is_lower_bound": any(job.cpu_is_lower_bound for job in records),
            "max_memory_bytes": peak.max_memory_bytes,
            "memory_of": peak.memory_of,
            "attempt": 1,
            "attempts": 1,
            "notes": (
                *dict.fromkeys(note for job in records for note in job.notes),
                f"{len(records)} records of its runs are added up: it was put back and ran again",
            ),
        }
    )


def total(values: Iterable[float | None]) -> float | None:
    """The sum of *values*; ``None`` where one of them is unknown."""
    addends = list(values)
    return None if None in addends else sum(value for value in addends if value is not None)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
