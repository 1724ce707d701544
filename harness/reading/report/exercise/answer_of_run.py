"""Choose from the tables of one run what answers the exercise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from harness.core.errors import InputError
from harness.core.records import Estimate, RunInfo
from harness.reading.analysis.crossover.best import best_set
from harness.reading.analysis.verdict.cases import estimate
from harness.reading.analysis.verdict.estimates import median_interval
from harness.reading.analysis.verdict.rounds import log_ratios, with_result
from harness.reading.report.exercise.answer_record import Answer
from harness.reading.report.exercise.answer_sentences import generator_sentence, verdict_sentence
from harness.reading.report.exercise.example import Example

MANY, FEW = 1_000, 100_000
"""Chunks of the exercise's first two examples."""

WORKLOAD, AS_WRITTEN = "random-sum", "random-sum-as-written"


def answer(
    cases: pd.DataFrame,
    break_even: pd.DataFrame,
    pairs: pd.DataFrame,
    info: RunInfo,
    *,
    seconds_spent: float | None,
    journal: str,
) -> Answer:
    """Answer the exercise from the tables of one run.

    Parameters
    ----------
    cases, break_even, pairs : DataFrame
        Tables of that run, as in the schema.
    info : RunInfo
        Its run line.
    seconds_spent : float or None
        What the whole sweep took, in s.
    journal : str
        Name of the journal, for the reader who wants to check.

    Raises
    ------
    InputError
        Where the run is not one of the exercise.
    """
    chunked = cases[(cases["workload"] == WORKLOAD) & cases["executor"].str.startswith("dask")]
    whole = cases[cases["executor"] == "numpy"]
    if chunked.empty or whole.empty:
        raise InputError(f"run {info.run} is not a run of the exercise: use chunkbench settle")
    group = chunked.iloc[0]
    executor, workers = str(group["executor"]), int(group["workers"])
    by_side = break_even[break_even["executor"] == executor].set_index("side")
    small, best = (_row(by_side, side) for side in ("small", "best"))
    chosen = {
        "many": _first(chunked[chunked["chunk"] == MANY]),
        "few": _first(chunked[chunked["chunk"] == FEW]),
        "numpy": _first(whole[whole["workload"] == WORKLOAD]),
        "numpy-as-written": _first(whole[whole["workload"] == AS_WRITTEN]),
        "best": _first(chunked[chunked["chunk"] == best.get("chunk")]),
    }
    there = {name: case for name, case in chosen.items() if case is not None}
    examples = {name: _example(name, case, info) for name, case in there.items()}
    recommended = examples["best"].chunk if "best" in examples else None
    logs = _log_ratios(pairs, executor, WORKLOAD, info)
    generator = {}
    if "numpy-as-written" in examples:
        generator = _generator(pairs, logs, recommended, info)
    return Answer(
        machine=info.machine,
        executor=executor,
        workers=workers,
        rows=list(examples.values()),
        break_even_chunk={
            "status": small.get("status", "undetermined"),
            **_ends(small, "chunk"),
        },
        best_chunk={
            "recommended": recommended,
            "set": best_set(logs, info.level, info.looks),
            **_fresh_rounds(best, info.level),
        },
        refined={name: _integer(best.get(name)) for name in ("chunks_added", "pairs_saved")},
        generator=generator,
        sentences=[
            verdict_sentence(examples, executor, workers),
            generator_sentence(examples, generator),
        ],
        rounds=int(cases["rounds"].max()),
        blocks=int(cases["blocks"].max()),
        scope=_text(group["scope"]),
        warnings=[
            f"{name}: {case['warning']}"
            for name, case in there.items()
            if not pd.isna(case["warning"])
        ],
        seconds_spent=seconds_spent,
        journal=journal,
    )


def _example(name: str, case: pd.Series[Any], info: RunInfo) -> Example:
    scheduled = not name.startswith("numpy")
    return Example(
        example=name,
        chunk=_integer(case["chunk"]),
        n_chunks=_integer(case["n_chunks"]),
        n_tasks=_integer(case["n_tasks"]) if scheduled else None,
        seconds=estimate(case, "seconds", info),
        speedup=estimate(case, "speedup", info),
        overhead_us_per_task=estimate(case, "overhead_us_per_task", info) if scheduled else None,
        verdict=_text(case["verdict"]),
        verdict_vs_all_cores=_text(case["verdict_vs_all_cores"]),
        status=str(case["status"]),
        reason=_text(case["reason"]),
    )


def _first(rows: pd.DataFrame) -> pd.Series[Any] | None:
    return None if rows.empty else rows.iloc[0]


def _row(by_side: pd.DataFrame, side: str) -> dict[str, Any]:
    return dict(by_side.loc[side]) if side in by_side.index else {}


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)


def _integer(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _ends(row: Mapping[str, Any], name: str) -> dict[str, float | None]:
    """The column *name* of *row* and the two ends of its interval; ``None`` where absent."""
    columns = {"point": name, "low": f"{name}_low", "high": f"{name}_high"}
    values = {end: row.get(column) for end, column in columns.items()}
    return {end: None if pd.isna(value) else float(value) for end, value in values.items()}


def _fresh_rounds(best: Mapping[str, Any], level: float) -> dict[str, Any]:
    """What fresh rounds say of the recommended chunk, if it had some."""
    ends, confirmed = _ends(best, "fresh_speedup"), best.get("confirmed")
    return {
        "fresh_speedup": None if ends["point"] is None else {**ends, "level": level},
        "confirmed": None if pd.isna(confirmed) else bool(confirmed),
    }


def _log_ratios(pairs: pd.DataFrame, executor: str, workload: str, info: RunInfo) -> pd.DataFrame:
    """``log(T1/TP)`` of one executor and workload, a row a round, a column a chunk."""
    mine = pairs[(pairs["executor"] == executor) & (pairs["workload"] == workload)]
    return log_ratios(with_result(mine), info.looks)


def _generator(
    pairs: pd.DataFrame, logs: pd.DataFrame, recommended: int | None, info: RunInfo
) -> dict[str, Estimate]:
    """What the generator does: the time of the older one over that of PCG64, and the speed-up of
    Dask's best chunk over the exercise's own NumPy line; one round of each is one replicate."""
    older = _log_ratios(pairs, "numpy", AS_WRITTEN, info).iloc[:, 0]
    ratios = {"older_over_matched": _exp(-older, info)}
    if recommended is not None:
        ratios["best_over_as_written"] = _exp((logs[recommended] - older).dropna(), info)
    return ratios


def _exp(logs: pd.Series[float], info: RunInfo) -> Estimate:
    """The median of *logs* with its interval, as ratios."""
    inner = median_interval(logs.to_numpy(), info.level, info.looks)
    ends = {
        name: None if value is None else float(np.exp(value))
        for name, value in (("point", inner.point), ("low", inner.low), ("high", inner.high))
    }
    return Estimate(**ends, level=inner.level, n=inner.n)
