"""The tables ``jobs`` and ``job_cases``: what batch systems booked, beside what was measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from harness.core.records import Verdict
from harness.reading.analysis.by_group import Row, records, to_table
from harness.reading.analysis.estimate_columns import ENDS
from harness.reading.analysis.jobs.efficiency import Efficiency, Finding, efficiency
from harness.reading.analysis.jobs.job_calls import Spent, calls_of_runs
from harness.reading.analysis.jobs.job_records import Use, merged_records, total, uses
from harness.reading.analysis.keys import CASE, CASE_ON_ANY_RUN, PROVENANCE
from harness.reading.ingest import Results
from harness.reading.ingest.journals import job_label, workers_jobs

HOUR = 3600.0
BOOKED, COUNTED = "booked by the scheduler", "counted by the harness"
CONCLUSIONS = frozenset(Verdict) - {Verdict.UNDETERMINED}
Words = Callable[[Efficiency], Sequence[str]]


def job_tables(
    results: Results, cases: pd.DataFrame, words: Words
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the tables ``jobs`` and ``job_cases`` of all runs that were measured in batch jobs.

    CPU efficiency is CPU time over elapsed time times slots, of all records of the job together.
    Where the scheduler booked as good as nothing, as Slurm does for the workers of a cluster that
    its client ends, the CPU time of the timed calls stands in, a lower bound, and ``cpu_source``
    says so. The core-hours of a job with several runs are shared among them by wall time, and
    within a run among its cases by time in calls. A conclusion is a case with a verdict other than
    ``undetermined``; it counts in the job that measured its last round.

    Parameters
    ----------
    results : Results
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
    all_uses = uses(results)
    if not all_uses:
        return to_table("jobs", []), to_table("job_cases", [])
    seconds: dict[tuple[str, str, str], list[float | None]] = {}
    for use in all_uses:
        seconds.setdefault((use.machine, use.label, use.role), []).append(use.run_seconds)
    calls = calls_of_runs(results.pairs)
    judged = {tuple(case[name] for name in CASE): case for case in reversed(records(cases))}
    served = _served(results)
    rows, parts = [], []
    for use in all_uses:
        row, known = _row(use, words), results.runs[use.run]
        row |= {"suite": known.suite, "profile": known.profile, "commit": known.commit}
        share = _share(use, seconds[use.machine, use.label, use.role])
        hours = row["job_core_hours"]
        row["core_hours"] = None if hours is None or share is None else hours * share
        of_use: list[Row] = []
        if use.run in calls:
            of_run = calls[use.run]
            blocks = served.get((use.run, use.label), [])
            mine = np.isin(of_run.block, blocks) if use.role != "run" else of_run.job == use.label
            of_use = [
                _case(row, spent, judged[spent.case])
                for spent in of_run.of_cases(mine)
                if spent.case in judged
            ]
        row |= _sums(row, of_use, use.role)
        rows.append(row)
        parts += of_use
    return to_table("jobs", rows), to_table("job_cases", parts)


def _row(use: Use, words: Words) -> Row:
    row: Row = {
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
    judged = efficiency(merged_records(use.records))
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
    core_seconds = total(
        None
        if record.slots is None or record.elapsed_seconds is None
        else record.slots * record.elapsed_seconds
        for record in use.records
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


def _share(use: Use, seconds: Sequence[float | None]) -> float | None:
    """The part of the job's core-hours that this run had, by the wall time that each of its runs
    had in it; all if it is alone."""
    if len(seconds) == 1:
        return 1.0
    every = total(seconds)
    return None if use.run_seconds is None or not every else use.run_seconds / every


def _served(results: Results) -> dict[tuple[str, str], list[int]]:
    """Map run and label of a job of workers to the numbers of the blocks that it served."""
    blocks: dict[tuple[str, str], list[int]] = {}
    for journal in results.journals:
        for block in journal.blocks:
            for job in workers_jobs([block]):
                key = journal.info.run, job_label(*job)
                blocks.setdefault(key, []).append(block.block)
    return blocks


def _case(row: Row, spent: Spent, case: Row) -> Row:
    """Make a row of ``job_cases`` for a case that one job measured or served.

    The item ``last`` says whether the job measured the last pair of the case.
    """
    cores = spent.seconds * float(case["workers"])
    hours = row["core_hours"]
    return {
        **{name: row[name] for name in (*PROVENANCE, "job", "role")},
        **{name: case[name] for name in CASE_ON_ANY_RUN},
        "status": case["status"],
        "reason": case["reason"],
        "verdict": case["verdict"],
        "rounds": spent.rounds,
        **{f"efficiency{end}": case[f"efficiency{end}"] for end in ENDS},
        "case_cpu_efficiency": spent.cpu_seconds / cores if cores else None,
        "job_cpu_efficiency": row.get("cpu_efficiency"),
        "core_hours": hours * spent.share if hours is not None and spent.share else None,
        "last": spent.last_job == row["job"],
    }


def _sums(row: Mapping[str, Any], of_use: list[Row], role: str) -> Row:
    known = [case["efficiency"] for case in of_use if case["efficiency"] is not None]
    out: Row = {
        "cases": len(of_use),
        "parallel_efficiency": float(np.median(known)) if known else None,
    }
    if role != "run":
        return out
    concluded = sum(case["last"] and case["verdict"] in CONCLUSIONS for case in of_use)
    hours = row["core_hours"]
    per = hours / concluded if hours is not None and concluded else None
    return {**out, "conclusions": concluded, "core_hours_per_conclusion": per}
