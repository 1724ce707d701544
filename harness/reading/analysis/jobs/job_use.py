"""The tables ``jobs`` and ``job_cases``: what batch systems booked, beside what was measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from harness.core.records import Status, Verdict
from harness.reading.analysis.by_group import Row, by_key, to_table
from harness.reading.analysis.estimate_columns import ENDS
from harness.reading.analysis.jobs.efficiency import Efficiency, Finding, efficiency
from harness.reading.analysis.jobs.job_records import Use, merged_records, total, uses
from harness.reading.analysis.keys import CASE_ON_ANY_RUN, PROVENANCE, RUN
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
    seconds: dict[tuple[str, str, str], list[float | None]] = {}
    for use in all_uses:
        seconds.setdefault((use.machine, use.label, use.role), []).append(use.run_seconds)
    pairs, judged = by_key(_in_calls(results.pairs), RUN), by_key(cases, RUN)
    served = _served(results)
    rows, parts = [], []
    for use in all_uses:
        row, known = _row(use, words), results.runs[use.run]
        row |= {"suite": known.suite, "profile": known.profile, "commit": known.commit}
        share = _share(use, seconds[use.machine, use.label, use.role])
        hours = row["job_core_hours"]
        row["core_hours"] = None if hours is None or share is None else hours * share
        of_use: list[Row] = []
        run = (use.run,)
        if run in pairs:
            of_run = pairs[run]
            blocks = served.get((use.run, use.label), ())
            mine = of_run["block"].isin(blocks) if use.role != "run" else of_run["job"] == use.label
            of_use = _cases(row, of_run[mine.fillna(False)], of_run, judged[run])
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


def _in_calls(pairs: pd.DataFrame) -> pd.DataFrame:
    """Add columns to *pairs*: the wall time and the CPU time in s that each spent in calls."""
    seconds = pairs["parallel_seconds"] * pairs["calls"].fillna(1).astype("float64")
    serial = pairs["serial_seconds"] * pairs["serial_calls"].fillna(1).astype("float64")
    cpu = pairs["parallel_cpu_seconds"] * pairs["calls"].fillna(1).astype("float64")
    in_calls = seconds.fillna(0) + serial.fillna(0) + pairs["replay_seconds"].fillna(0)
    return pairs.assign(tp_seconds=seconds, cpu_seconds=cpu, in_calls=in_calls)


def _served(results: Results) -> dict[tuple[str, str], list[int]]:
    """Map run and label of a job of workers to the numbers of the blocks that it served."""
    blocks: dict[tuple[str, str], list[int]] = {}
    for journal in results.journals:
        for block in journal.blocks:
            for job in workers_jobs([block]):
                key = journal.info.run, job_label(*job)
                blocks.setdefault(key, []).append(block.block)
    return blocks


def _cases(
    row: Mapping[str, Any], mine: pd.DataFrame, pairs: pd.DataFrame, cases: pd.DataFrame
) -> list[Row]:
    """Make a row of ``job_cases`` for each case that one job measured or served.

    *mine* are the pairs of that job, out of the *pairs* of its run. The item ``last`` of a row says
    whether the job measured the last pair of the case.
    """
    if mine.empty:
        return []
    known = cases.set_index(CASE_ON_ANY_RUN, drop=False)
    ends = pairs.groupby(CASE_ON_ANY_RUN, sort=False)["job"].last()
    in_calls = float(mine["in_calls"].sum())
    rows = []
    for key, lines in mine.groupby(CASE_ON_ANY_RUN, sort=False):
        if key not in known.index:
            continue
        case = known.loc[[key]].iloc[0]
        ok = lines[lines["status"].eq(Status.OK).fillna(False).astype(bool)]
        counted = ok[ok["cpu_seconds"].notna()]
        cores = float(counted["tp_seconds"].sum()) * float(case["workers"])
        hours, took = row["core_hours"], float(lines["in_calls"].sum())
        rows.append(
            {
                **{name: row[name] for name in (*PROVENANCE, "job", "role")},
                **dict(zip(CASE_ON_ANY_RUN, key)),
                "status": case["status"],
                "reason": case["reason"],
                "verdict": case["verdict"],
                "rounds": len(ok),
                **{f"efficiency{end}": case[f"efficiency{end}"] for end in ENDS},
                "case_cpu_efficiency": counted["cpu_seconds"].sum() / cores if cores else None,
                "job_cpu_efficiency": row.get("cpu_efficiency"),
                "core_hours": hours * took / in_calls if hours is not None and took else None,
                "last": ends.get(key) == row["job"],
            }
        )
    return rows


def _sums(row: Mapping[str, Any], of_use: list[Row], role: str) -> Row:
    known = pd.Series([case["efficiency"] for case in of_use], dtype="float64").dropna()
    out: Row = {
        "cases": len(of_use),
        "parallel_efficiency": float(np.median(known)) if len(known) else None,
    }
    if role != "run":
        return out
    concluded = sum(case["last"] and case["verdict"] in CONCLUSIONS for case in of_use)
    hours = row["core_hours"]
    per = hours / concluded if hours is not None and concluded else None
    return {**out, "conclusions": concluded, "core_hours_per_conclusion": per}
