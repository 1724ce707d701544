"""Made-up finished frames: no machine ever measured these numbers."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from harness.reading.ingest import to_frame

PROVENANCE: dict[str, Any] = {
    "machine": "made-up",
    "run": "20261123T081500Z-many_vs_few_chunks-7f3a",
    "commit": "3f2a9c71",
    "suite": "many_vs_few_chunks",
    "profile": "laptop",
}
PROBLEM: dict[str, Any] = {**PROVENANCE, "workload": "random-sum", "size": 10_000_000}
CHUNKS = (1_000, 10_000, 100_000, 1_000_000, 5_000_000)
COST = {"dask-threads": 2.7e-4, "dask-distributed": 9e-4, "ray-tasks": 3.2e-4}
T1 = 0.058


def case_row(executor: str, chunk: int, **changes: Any) -> dict[str, Any]:
    """A case that follows the simplest cost model, with intervals of 8 % either way."""
    n_chunks = 10_000_000 // chunk
    seconds = T1 / 1.9 + COST.get(executor, 2e-4) * n_chunks
    speedup = T1 / seconds
    per_task = 1e6 * COST.get(executor, 2e-4)
    row = {
        **PROBLEM,
        "executor": executor,
        "workers": 2,
        "pin": "1",
        "chunk": chunk,
        "n_chunks": n_chunks,
        "n_tasks": n_chunks,
        "status": "ok",
        "paired": True,
        "rounds": 12,
        "blocks": 2,
        "scope": "for these start-ups",
        "verdict": _verdict(speedup),
        "verdict_vs_all_cores": _verdict(speedup / 1.5),
        **_estimate("seconds", seconds),
        **_estimate("baseline_seconds", T1),
        **_estimate("speedup", speedup),
        **_estimate("overhead_us_per_task", per_task),
    }
    return row | changes


def cases_frame() -> pd.DataFrame:
    """Three executors with every verdict, a skipped and a failed case, and unpaired timings."""
    rows = [case_row(executor, chunk) for executor in COST for chunk in CHUNKS]
    rows[3] |= {"verdict_vs_all_cores": "pays"}
    rows[7] |= {"warning": "neighbouring rounds are correlated (0.31)", "rounds": 32}
    empty = dict.fromkeys([name for name in rows[0] if name.startswith(("seconds", "speedup"))])
    lost = {**empty, "paired": False, "verdict": None, "scope": None, "rounds": None}
    rows += [
        case_row("ray-tasks", 100, status="skipped", reason="above 10 000 chunks", **lost),
        case_row("ray-tasks", 10_000_000, status="failed", reason="worker died\nsignal 9", **lost),
        unpaired("time_sum(1000)", status="ok", seconds=0.0),
        unpaired("time_sum(2000)", status="skipped", reason="asv skipped it (NaN)"),
        unpaired("time_sum(3000)", status="failed", reason="asv recorded no result (null)"),
        unpaired("time_sum(4000)", status="ok", **_estimate("seconds", 0.5)),
    ]
    return to_frame("cases", rows)


def unpaired(workload: str, **changes: Any) -> dict[str, Any]:
    """A row as it comes from ASV's own files."""
    row = {
        "machine": "another",
        "run": "3f2a9c71-existing-py",
        "commit": "3f2a9c71",
        "suite": "sums.time_sum",
        "workload": workload,
        "paired": False,
        "warning": "unpaired timing: no verdict",
    }
    return row | changes


def break_even_frame() -> pd.DataFrame:
    """One of each kind of row."""
    setup = {**PROBLEM, "executor": "dask-threads", "workers": 2, "pin": "1"}
    edge = {"chunk": 74_000.0, "chunk_low": 61_000.0, "chunk_high": 90_000.0}
    ends = {"bracket_low": 10_000.0, "bracket_high": 100_000.0}
    best = {"chunk": 1e6, "chunk_low": 1e6, "chunk_high": 5e6}
    reason = "no chunk is larger"
    return to_frame(
        "break_even",
        [
            {**setup, "side": "small", "status": "found", **edge, **ends},
            {**setup, "side": "large", "status": "always pays", "reason": reason},
            {**setup, "side": "best", "status": "found", **best},
        ],
    )


def _estimate(name: str, point: float) -> dict[str, float]:
    return {name: point, f"{name}_low": point / 1.08, f"{name}_high": point * 1.08}


def _verdict(ratio: float) -> str:
    if abs(math.log(ratio)) < 0.03:
        return "equal"
    if abs(math.log(ratio)) < 0.1:
        return "undetermined"
    return "pays" if ratio > 1 else "overhead exceeds gain"
