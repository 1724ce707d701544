"""The tables ``jobs`` and ``job_cases``: what batch systems booked, beside what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from harness import schema
from harness.analysis.jobs import Efficiency, Finding, efficiency
from harness.analysis.rounds import CASE, PROVENANCE
from harness.ingest import Results
from harness.ingest.accounting.job import Job
from harness.ingest.accounting.kept import Kept, around, same_job
from harness.ingest.journals import Stretch, job_label, workers_jobs
from harness.records import Record, Scheduler, Status, Verdict

HOUR = 3600.0
BOOKED, COUNTED = "booked by the scheduler", "counted by the harness"
Words = Callable[[Efficiency], Sequence[str]]


class Use(Record):
    """One job in one run: its records as one, and what the run had of it.

    ``counted_seconds`` is the CPU time of the timed calls of cases, as the harness counted it.
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
        """As tables name the job."""
        return job_label(self.scheduler, self.job)


def job_tables(
    found: Results, cases: pd.DataFrame, words: Words
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables ``jobs`` and ``job_cases`` of all runs that were measured in batch jobs.

    CPU efficiency is CPU time over elapsed time times slots, of all records of the job together.
    Where the scheduler booked as good as nothing, as Slurm does for the workers of a cluster that
    its client ends, the CPU time of the timed calls stands in, a lower bound, and ``cpu_source``
    says so. The core-hours of a job with several runs are shared among them by wall time, and
    within a run among its cases by time in calls. A conclusion is a case with a verdict other than
    ``undetermined``; it counts in the job that measured its last round.

    Parameters
    ----------
    found : Results
        Journals, and the accounting kept beside them.
    cases : DataFrame
        Obeys ``schema.CASES``.
    words : callable
        The findings on a job in plain words.

    Returns
    -------
    tuple of DataFrame
        They obey ``schema.JOBS`` and ``schema.JOB_CASES``.
    """
    uses = _uses(found)
    pairs = _in_jobs(found.pairs)
    rows, parts = [], []
    for use in uses:
        row, known = _row(use, words), found.runs[use.run]
        row |= {"suite": known.suite, "profile": known.profile, "commit": known.commit}
        share = _share(use, uses)
        hours = row["job_core_hours"]
        row["core_hours"] = None if hours is None or share is None else hours * share
        if use.role == "run":
            mine = pairs[(pairs["run"] == use.run) & (pairs["job"] == use.label)]
        else:
            mine = _served(found, pairs, use)
        of_use = _cases(row, mine, pairs, cases)
        row |= _sums(row, of_use, use.role)
        rows.append(row)
        parts += of_use
    return _frame("jobs", rows), _frame("job_cases", parts)


def _frame(table: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=schema.names(table))
    return frame.astype(schema.dtypes(table))


def _uses(found: Results) -> list[Use]:
    uses: dict[tuple[str, str, str], Use] = {}
    for journal in found.journals:
        for stretch in journal.stretches:
            kept = found.accounts.get(journal.path.parent.parent, [])
            for use in _of_stretch(stretch, journal.info.run, kept):
                key = use.run, use.label, use.role
                uses[key] = _joined(uses[key], use) if key in uses else use
    return list(uses.values())


def _joined(one: Use, more: Use) -> Use:
    """A run that was resumed in the same job."""
    update = {
        name: None if left is None or right is None else left + right
        for name in ("run_seconds", "counted_seconds")
        for left, right in [(getattr(one, name), getattr(more, name))]
    }
    return one.model_copy(update=update)


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
        for one in accounts
        if scheduler in (None, one.scheduler) and same_job(job, one.job, one.scheduler)
        for record in one.records
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
    """CPU seconds of the timed calls; for a job of workers its even part of those it served."""
    parts = {}
    for block in stretch.blocks:
        labels = [job_label(*one) for one in workers_jobs([block])]
        parts[block.block] = 1.0 if worker is None else (worker in labels) / max(len(labels), 1)
    known = [
        pair.parallel_cpu_seconds * (pair.calls or 1) * part
        for pair in stretch.pairs
        if pair.parallel_cpu_seconds is not None
        and (part := 1.0 if worker is None else parts.get(pair.block, 0.0))  # type: ignore[arg-type]
    ]
    return sum(known) if known else None


def whole(records: Sequence[Job]) -> Job:
    """All records of a job as one: times add up, the last one says how it ended.

    Unknown in one is unknown in the sum, and cores that changed from run to run are unknown.
    """
    last = records[-1]
    if len(records) == 1:
        return last
    slots = {job.slots for job in records}
    peaks = [job.max_memory_bytes for job in records if job.max_memory_bytes is not None]
    return last.model_copy(
        update={
            "slots": slots.pop() if len(slots) == 1 else None,
            "elapsed_seconds": _sum(job.elapsed_seconds for job in records),
            "wait_seconds": _sum(job.wait_seconds for job in records),
            "cpu_seconds": _sum(job.cpu_seconds for job in records),
            "involuntary_switches": _whole(_sum(job.involuntary_switches for job in records)),
            "cpu_is_lower_bound": any(job.cpu_is_lower_bound for job in records),
            "max_memory_bytes": max(peaks, default=None),
            "attempt": 1,
            "attempts": 1,
            "notes": (
                *dict.fromkeys(note for job in records for note in job.notes),
                f"{len(records)} records of its runs are added up: it was put back and ran again",
            ),
        }
    )


def _sum(values: Iterable[float | None]) -> float | None:
    every = list(values)
    return None if None in every else sum(value for value in every if value is not None)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _row(use: Use, words: Words) -> dict[str, Any]:
    row: dict[str, Any] = {
        "machine": use.machine,
        "run": use.run,
        "job": use.label,
        "scheduler": use.scheduler,
        "cluster": use.cluster,
        "role": use.role,
        "records": len(use.records),
        "run_seconds": use.run_seconds,
        "job_core_hours": None,
    }
    remarks = []
    if use.others:
        remarks.append(f"{use.others} records of another job that had this id are left out")
    if not use.records:
        remarks.append("no accounting is kept for it: run chunkbench account")
        return {**row, "reason": "; ".join(remarks)}
    judged = efficiency(whole(use.records))
    job = judged.job
    row |= {
        "state": job.state.value,
        "slots": job.slots,
        "elapsed_seconds": job.elapsed_seconds,
        "wait_seconds": job.wait_seconds,
        "max_memory_bytes": job.max_memory_bytes,
        "requested_memory_bytes": job.requested_memory_bytes,
        "memory_efficiency": judged.memory_efficiency,
        "cpu_seconds": job.cpu_seconds,
        "cpu_source": None if job.cpu_seconds is None else BOOKED,
        "cpu_is_lower_bound": None if job.cpu_seconds is None else job.cpu_is_lower_bound,
        "cpu_efficiency": judged.cpu_efficiency,
        "cores_used": judged.cores_used,
        "findings": "; ".join(words(judged)) or None,
    }
    core_seconds = _sum(
        None
        if one.slots is None or one.elapsed_seconds is None
        else one.slots * one.elapsed_seconds
        for one in use.records
    )
    row["job_core_hours"] = None if core_seconds is None else core_seconds / HOUR
    unbooked = job.cpu_seconds is None or Finding.NOTHING_BOOKED in judged.findings
    if unbooked and use.counted_seconds is not None:
        cpu, elapsed = use.counted_seconds, job.elapsed_seconds
        row |= {
            "cpu_seconds": cpu,
            "cpu_source": COUNTED,
            "cpu_is_lower_bound": True,
            "cpu_efficiency": cpu / core_seconds if core_seconds else None,
            "cores_used": cpu / elapsed if elapsed else None,
        }
        remarks.append(
            "the scheduler booked as good as no CPU time: this is what the harness counted in the "
            "timed calls, a lower bound"
        )
    elif core_seconds and job.slots is None and Finding.NOTHING_BOOKED not in judged.findings:
        row["cpu_efficiency"] = None if job.cpu_seconds is None else job.cpu_seconds / core_seconds
    if Finding.NOT_ENDED in judged.findings:
        remarks.append("it had not ended when this was fetched: run chunkbench account again")
    return {**row, "reason": "; ".join(remarks) or None}


def _share(use: Use, uses: Sequence[Use]) -> float | None:
    """The part of the job's core-hours that this run had, by wall time; all if it is alone."""
    mine = use.machine, use.label, use.role
    same = [one for one in uses if (one.machine, one.label, one.role) == mine]
    total = _sum(one.run_seconds for one in same)
    if len(same) == 1:
        return 1.0
    return None if use.run_seconds is None or not total else use.run_seconds / total


def _in_jobs(pairs: pd.DataFrame) -> pd.DataFrame:
    """*pairs* with the time that each spent in calls, and in which job its case ended."""
    seconds = pairs["parallel_seconds"] * pairs["calls"].fillna(1).astype("float64")
    serial = pairs["serial_seconds"] * pairs["serial_calls"].fillna(1).astype("float64")
    cpu = pairs["parallel_cpu_seconds"] * pairs["calls"].fillna(1).astype("float64")
    in_calls = seconds.fillna(0) + serial.fillna(0) + pairs["replay_seconds"].fillna(0)
    return pairs.assign(tp_seconds=seconds, cpu_seconds=cpu, in_calls=in_calls)


def _served(found: Results, pairs: pd.DataFrame, use: Use) -> pd.DataFrame:
    """The pairs of the blocks that a job of workers served."""
    [journal] = [one for one in found.journals if one.info.run == use.run]
    numbers = {
        block.block
        for block in journal.blocks
        if use.label in [job_label(*one) for one in workers_jobs([block])]
    }
    return pairs[(pairs["run"] == use.run) & pairs["block"].isin(numbers)]


def _cases(
    row: Mapping[str, Any], mine: pd.DataFrame, pairs: pd.DataFrame, cases: pd.DataFrame
) -> list[dict[str, Any]]:
    """A row of ``job_cases`` for each case with pairs among *mine*; ``last`` is dropped later."""
    if mine.empty:
        return []
    known = cases[cases["run"] == row["run"]].set_index(CASE[1:], drop=False)
    ends = pairs[pairs["run"] == row["run"]].groupby(CASE[1:], sort=False)["job"].last()
    total = float(mine["in_calls"].sum())
    found = []
    for key, lines in mine.groupby(CASE[1:], sort=False):
        if key not in known.index:
            continue
        case = known.loc[[key]].iloc[0]
        ok = lines[lines["status"].eq(Status.OK).fillna(False).astype(bool)]
        counted = ok[ok["cpu_seconds"].notna()]
        cores = float(counted["tp_seconds"].sum()) * float(case["workers"])
        hours, took = row["core_hours"], float(lines["in_calls"].sum())
        found.append(
            {
                **{name: row[name] for name in (*PROVENANCE, "job", "role")},
                **dict(zip(CASE[1:], key)),
                "status": case["status"],
                "reason": case["reason"],
                "verdict": case["verdict"],
                "rounds": len(ok),
                **{f"efficiency{end}": case[f"efficiency{end}"] for end in ("", "_low", "_high")},
                "case_cpu_efficiency": counted["cpu_seconds"].sum() / cores if cores else None,
                "job_cpu_efficiency": row.get("cpu_efficiency"),
                "core_hours": hours * took / total if hours is not None and total else None,
                "last": ends.get(key) == row["job"],
            }
        )
    return found


def _sums(row: Mapping[str, Any], of_use: list[dict[str, Any]], role: str) -> dict[str, Any]:
    known = [one["efficiency"] for one in of_use if not pd.isna(one["efficiency"])]
    out: dict[str, Any] = {
        "cases": len(of_use),
        "parallel_efficiency": float(np.median(known)) if known else None,
    }
    if role != "run":
        return out
    concluded = sum(
        bool(one["last"]) and not pd.isna(one["verdict"]) and one["verdict"] != Verdict.UNDETERMINED
        for one in of_use
    )
    hours = row["core_hours"]
    per = hours / concluded if hours is not None and concluded else None
    return {**out, "conclusions": concluded, "core_hours_per_conclusion": per}
