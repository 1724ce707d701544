"""The exercise answered: three examples, the best chunk, the break-even, two plain sentences.

Pure: finished frames in, an :class:`Answer` out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from harness.core import units
from harness.core.errors import InputError
from harness.core.records import Estimate, Machine, Record, RunInfo, Verdict
from harness.reading.analysis.crossover.best import best_set
from harness.reading.analysis.verdict.cases import estimate
from harness.reading.analysis.verdict.estimates import median_interval
from harness.reading.analysis.verdict.rounds import log_ratios, with_result
from harness.reading.report.cells import interval

MANY, FEW = 1_000, 100_000
"""Chunks of the exercise's first two examples."""

WORKLOAD, AS_WRITTEN = "random-sum", "random-sum-as-written"


class Row(Record):
    """One line of the answer."""

    example: str
    chunk: int | None
    n_chunks: int | None
    n_tasks: int | None
    seconds: Estimate
    speedup: Estimate
    overhead_us_per_task: Estimate | None
    verdict: str | None
    verdict_vs_all_cores: str | None
    status: str
    reason: str | None


class Answer(Record):
    """What ``chunkbench settle`` prints, and the shape of its JSON."""

    machine: Machine
    executor: str
    workers: int
    rows: list[Row]
    break_even_chunk: dict[str, Any]
    best_chunk: dict[str, Any]
    refined: dict[str, int | None]
    generator: dict[str, Estimate]
    sentences: list[str]
    rounds: int
    blocks: int
    scope: str | None
    warnings: list[str]
    seconds_spent: float | None
    journal: str


def answer(
    cases: pd.DataFrame,
    break_even: pd.DataFrame,
    pairs: pd.DataFrame,
    info: RunInfo,
    *,
    seconds_spent: float | None,
    journal: str,
) -> Answer:
    """The answer of one run of the exercise.

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
    edges = break_even[break_even["executor"] == group["executor"]].set_index("side")
    picked: dict[str, pd.Series[Any] | None] = {
        "many": _first(chunked[chunked["chunk"] == MANY]),
        "few": _first(chunked[chunked["chunk"] == FEW]),
        "numpy": _first(whole[whole["workload"] == WORKLOAD]),
        "numpy-as-written": _first(whole[whole["workload"] == AS_WRITTEN]),
        "best": _first(chunked[chunked["chunk"] == _edge(edges, "best").get("chunk")]),
    }
    rows = [_row(name, case, info) for name, case in picked.items() if case is not None]
    by_name = {row.example: row for row in rows}
    generator = _generator(pairs, by_name, info)
    recommended = by_name["best"].chunk if "best" in by_name else None
    return Answer(
        machine=info.machine,
        executor=str(group["executor"]),
        workers=int(group["workers"]),
        rows=rows,
        break_even_chunk=_break_even(edges),
        best_chunk={
            "recommended": recommended,
            "set": _best(chunked, pairs, info),
            **_fresh(edges, info),
        },
        refined={
            name: _integer(_edge(edges, "best").get(name, np.nan))
            for name in ("chunks_added", "pairs_saved")
        },
        generator=generator,
        sentences=[
            _verdict_sentence(by_name, str(group["executor"]), int(group["workers"])),
            _generator_sentence(by_name, generator),
        ],
        rounds=int(cases["rounds"].max()),
        blocks=int(cases["blocks"].max()),
        scope=_text(group["scope"]),
        warnings=[
            f"{name}: {case['warning']}"
            for name, case in picked.items()
            if case is not None and not pd.isna(case["warning"])
        ],
        seconds_spent=seconds_spent,
        journal=journal,
    )


def _first(rows: pd.DataFrame) -> pd.Series[Any] | None:
    return None if rows.empty else rows.iloc[0]


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)


def _integer(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _edge(edges: pd.DataFrame, side: str) -> dict[str, Any]:
    return dict(edges.loc[side]) if side in edges.index else {}


def _row(name: str, case: pd.Series[Any], info: RunInfo) -> Row:
    scheduled = not name.startswith("numpy")
    return Row(
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


def _break_even(edges: pd.DataFrame) -> dict[str, Any]:
    small = _edge(edges, "small")
    figures = {
        name: None if pd.isna(small.get(column, np.nan)) else float(small[column])
        for name, column in (("point", "chunk"), ("low", "chunk_low"), ("high", "chunk_high"))
    }
    return {"status": small.get("status", "undetermined"), **figures}


def _fresh(edges: pd.DataFrame, info: RunInfo) -> dict[str, Any]:
    """What fresh rounds say of the recommended chunk, if it had some."""
    best = _edge(edges, "best")
    ends = {
        name: None if pd.isna(best.get(column, np.nan)) else float(best[column])
        for name, column in (
            ("point", "fresh_speedup"),
            ("low", "fresh_speedup_low"),
            ("high", "fresh_speedup_high"),
        )
    }
    said = best.get("confirmed")
    return {
        "fresh_speedup": None if ends["point"] is None else {**ends, "level": info.level},
        "confirmed": None if pd.isna(said) else bool(said),
    }


def _best(chunked: pd.DataFrame, pairs: pd.DataFrame, info: RunInfo) -> list[int]:
    return best_set(_d(pairs, str(chunked["executor"].iloc[0]), info), info.level, info.looks)


def _d(pairs: pd.DataFrame, executor: str, info: RunInfo) -> pd.DataFrame:
    """``log(T1/TP)`` of one executor on the matched workload, a row a round, a column a chunk."""
    mine = pairs[(pairs["executor"] == executor) & (pairs["workload"] == WORKLOAD)]
    return log_ratios(with_result(mine), info.looks)


def _generator(pairs: pd.DataFrame, rows: dict[str, Row], info: RunInfo) -> dict[str, Estimate]:
    """What the generator does: the older one's time over PCG64's, and how many times as fast as
    the exercise's own NumPy line Dask's best chunk is; a round of each is one replicate."""
    if "numpy-as-written" not in rows:
        return {}
    literal = pairs[(pairs["executor"] == "numpy") & (pairs["workload"] == AS_WRITTEN)]
    older = log_ratios(with_result(literal), info.looks).iloc[:, 0]
    found = {"older_over_matched": _exp(-older, info)}
    if "best" in rows:
        executor = str(pairs.loc[pairs["executor"].str.startswith("dask"), "executor"].iloc[0])
        best = _d(pairs, executor, info)[rows["best"].chunk]
        found["best_over_as_written"] = _exp((best - older).dropna(), info)
    return found


def _exp(logs: pd.Series[float], info: RunInfo) -> Estimate:
    inner = median_interval(logs.to_numpy(), info.level, info.looks)
    ends = {
        name: None if value is None else float(np.exp(value))
        for name, value in (("point", inner.point), ("low", inner.low), ("high", inner.high))
    }
    return Estimate(**ends, level=inner.level, n=inner.n)


def _times(found: Estimate) -> str:
    return interval((found.point, found.low, found.high), units.ratio)


def _inverse(found: Estimate) -> Estimate:
    point, low, high = (None if x is None else 1 / x for x in (found.point, found.low, found.high))
    return found.model_copy(update={"point": point, "low": high, "high": low})


def _says(row: Row) -> str:
    """One chunk size in plain words; "pays" only where it beats NumPy on all cores too (rule 1)."""
    if row.verdict is None or row.speedup.point is None:
        return f"there is no result ({row.status}: {row.reason})"
    if row.verdict == Verdict.PAYS:
        more = "so it pays" if _wins(row) else "but not shown to beat NumPy on all cores"
        return f"it is {_times(row.speedup)} times as fast as NumPy, {more}"
    if row.verdict == Verdict.OVERHEAD:
        return f"it takes {_times(_inverse(row.speedup))} times as long as NumPy"
    if row.verdict == Verdict.EQUAL:
        return f"it takes as long as NumPy, within 5 % ({_times(row.speedup)} times as fast)"
    return f"the difference from NumPy is undetermined ({_times(row.speedup)} times as fast)"


def _verdict_sentence(rows: dict[str, Row], executor: str, workers: int) -> str:
    many, few, best = rows.get("many"), rows.get("few"), rows.get("best")
    parts = []
    if many is not None:
        parts.append(
            f"with many small chunks ({units.count(many.chunk)} numbers each) {_says(many)}"
            f"{_because(many)}"
        )
    if few is not None:
        parts.append(f"with fewer, larger ones ({units.count(few.chunk)}) {_says(few)}")
    if best is not None and (few is None or best.chunk != few.chunk):
        parts.append(f"with the best chunk found ({units.count(best.chunk)}) {_says(best)}")
    chunked = [row for row in (many, few, best) if row is not None]
    if any(_wins(row) for row in chunked):
        first = "The right chunk size beats plain NumPy here"
    elif any(row.verdict in (None, Verdict.UNDETERMINED) for row in chunked):
        first = "No chunk size is shown to beat plain NumPy here"
    else:
        first = "Plain NumPy is the one to use here"
    return f"{first}: {executor} has {workers} workers, and {'; '.join(parts)}."


def _because(row: Row) -> str:
    cost = row.overhead_us_per_task
    if row.verdict != Verdict.OVERHEAD or cost is None or cost.point is None or cost.point <= 0:
        return ""
    return (
        f", because each of its {units.count(row.n_tasks)} tasks costs about "
        f"{units.seconds(cost.point / 1e6)} beyond the work in it"
    )


def _wins(row: Row) -> bool:
    return row.verdict == Verdict.PAYS and row.verdict_vs_all_cores == Verdict.PAYS


def _generator_sentence(rows: dict[str, Row], found: dict[str, Estimate]) -> str:
    older, best = found.get("older_over_matched"), found.get("best_over_as_written")
    if older is None or older.point is None:
        return "What the random generator does to the comparison could not be measured."
    text = (
        "The random generator moves the comparison as well: np.random.random, as the exercise "
        f"writes it, takes {_times(older)} times as long as the generator that Dask uses"
    )
    row = rows.get("best")
    if best is None or row is None or best.point is None or row.speedup.point is None:
        return f"{text}."
    return (
        f"{text}, so against that line Dask's best chunk looks {_times(best)} times as fast as "
        f"NumPy, and against NumPy with the same generator {_times(row.speedup)} times."
    )
