"""Measure and judge the same cases with this harness."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import pandas as pd

from harness.apps.exercise import exercise
from harness.core.records import Case, Verdict
from harness.reading import ingest
from harness.reading.analysis.verdict.cases import cases
from harness.reading.analysis.verdict.verdicts import decided
from harness.running.measure.sweep.ports import Progress
from harness.running.measure.sweep.session import measure
from harness.running.plan.profiles import make_profile
from harness.running.plan.sweep import SweepPlan, usable_workers
from selfbench.sides import (
    AS_WRITTEN,
    CLUSTER_CHUNKS,
    FEW,
    FEW_CHUNKS,
    MANY,
    MANY_CHUNKS,
    SAME,
    SIZE,
    Side,
    cluster_case,
)

CLUSTER = "dask-distributed-processes"
CLUSTER_BUDGET_SECONDS = 60.0
MACHINE = "self"


def plans() -> tuple[SweepPlan, SweepPlan]:
    """Plan the exercise with the chunks of its own text alone, and the sweep over the cluster."""
    whole = exercise()
    few = tuple(case for case in whole.cases if _name(case.model_dump()) is not None)
    cores = usable_workers()
    sweep = tuple(
        Case(
            workload="random-sum", size=SIZE, executor=CLUSTER, workers=cores, pin="1", chunk=chunk
        )
        for chunk in CLUSTER_CHUNKS
    )
    profile = replace(make_profile("exercise"), budget_seconds=CLUSTER_BUDGET_SECONDS)
    return replace(whole, cases=few), SweepPlan("cluster", profile, sweep)


def run_ours(report: Callable[[Progress], None] = lambda progress: None) -> Side:
    """Measure and judge both plans; the journals are read and thrown away.

    Raises
    ------
    ChunkbenchError
        With one line that says what to do.
    """
    began = monotonic()
    with tempfile.TemporaryDirectory(prefix="selfbench-") as folder:
        for plan in plans():
            measure(plan, Path(folder), decide=decided, machine_name=MACHINE, report=report)
        results = ingest.read_results(folder)
        judged = cases(results.pairs, results.blocks, results.runs)
        wall = monotonic() - began
    used = [journal.end.seconds_used or 0.0 for journal in results.journals if journal.end]
    return side(judged, results.pairs, results.blocks, wall, sum(used))


def side(
    judged: pd.DataFrame, pairs: pd.DataFrame, blocks: pd.DataFrame, wall: float, called: float
) -> Side:
    """Sum up what the frames of both sweeps say.

    Parameters
    ----------
    judged, pairs, blocks : DataFrame
        Obey ``schema.CASES``, ``schema.PAIRS`` and ``schema.BLOCKS``.
    wall, called : float
        Seconds that the sweeps took in all, and seconds in all timed calls.
    """
    rows = judged.to_dict("records")
    named = {
        name: row
        for row in rows
        if (name := _name(row)) is not None and not pd.isna(row["verdict"])
    }
    kept = (
        pairs["parallel_seconds"] * pairs["calls"]
        + pairs["serial_seconds"] * pairs["serial_calls"]
        + pairs["replay_seconds"].fillna(0.0)
    ).sum()
    on_cluster = judged[(judged["executor"] == CLUSTER) & judged["seconds"].notna()]
    medians = {
        int(chunk): float(seconds)
        for chunk, seconds in zip(on_cluster["chunk"], on_cluster["seconds"])
    }
    # Each start of the cluster warms its largest chunk first.
    first = blocks.loc[blocks["executor"] == CLUSTER, "first_call_seconds"].median()
    warm = medians.get(max(CLUSTER_CHUNKS))
    return Side(
        wall_seconds=wall,
        kept_seconds=float(kept),
        called_seconds=called,
        verdicts={name: Verdict(row["verdict"]) for name, row in named.items()},
        counts={name: int(row["rounds"]) for name, row in named.items()},
        cluster_seconds=medians,
        first_over_warm=None if warm is None or pd.isna(first) else float(first) / warm,
    )


def _name(case: Mapping[Any, Any]) -> str | None:
    """Our name of a case, or of a row of the table of cases; ``None`` for one that is not ours."""
    match case["workload"], case["executor"], case["chunk"]:
        case "random-sum", "dask-threads", chunk:
            return {MANY: MANY_CHUNKS, FEW: FEW_CHUNKS}.get(int(chunk))
        case "random-sum", "numpy", _:
            return SAME
        case "random-sum-as-written", "numpy", _:
            return AS_WRITTEN
        case "random-sum", executor, chunk if executor == CLUSTER:
            return cluster_case(int(chunk))
    return None
