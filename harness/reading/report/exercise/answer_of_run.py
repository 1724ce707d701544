"""Choose from the tables of one run what answers the exercise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from harness.core.records import Estimate, RunInfo, Status
from harness.reading.analysis.crossover.best import best_set
from harness.reading.analysis.verdict.cases import estimate
from harness.reading.ingest import JournalContent
from harness.reading.report.exercise.answer_record import Answer
from harness.reading.report.exercise.answer_sentences import generator_sentence, verdict_sentence
from harness.reading.report.exercise.example import NOT_MEASURED, Example
from harness.reading.report.exercise.generator_ratios import generator_ratios, logs_by_chunk
from harness.reading.report.exercise.question import (
    AS_WRITTEN,
    FEW,
    MANY,
    WORKLOAD,
    Asked,
    asked,
    command_to_go_on,
    cut_short,
)


def answer(
    cases: pd.DataFrame,
    break_even: pd.DataFrame,
    pairs: pd.DataFrame,
    journal: JournalContent,
    *,
    running: bool = False,
    go_on: str | None = None,
) -> Answer:
    """Answer the exercise from the tables of one run, as far as it was measured.

    Parameters
    ----------
    cases, break_even, pairs : DataFrame
        Tables of that run, as in the schema.
    journal : JournalContent
        Its journal: the first line, how it ended, what it took.
    running : bool
        Whether it is known to be measuring now.
    go_on : str, optional
        The command that goes on with it, where that is not the one that its journal tells.

    Raises
    ------
    InputError
        Where the run is not one of the exercise.
    """
    info = journal.info
    question = asked(info, cases)
    dask = cases["executor"].eq(question.executor or "").fillna(False) & cases["workload"].eq(
        WORKLOAD
    )
    chunked, whole = cases[dask], cases[cases["executor"].eq("numpy")]
    by_side = break_even[break_even["executor"].eq(question.executor or "")].set_index("side")
    small, best = (_row(by_side, side) for side in ("small", "best"))
    chosen = {
        "many": _first(chunked[chunked["chunk"].eq(MANY)]),
        "few": _first(chunked[chunked["chunk"].eq(FEW)]),
        "numpy": _first(whole[whole["workload"].eq(WORKLOAD)]),
        "numpy-as-written": _first(whole[whole["workload"].eq(AS_WRITTEN)]),
        "best": _first(chunked[chunked["chunk"].isin([best.get("chunk")])]),
    }
    there = {name: case for name, case in chosen.items() if case is not None}
    lacking = cut_short(journal.end, running=running)
    if lacking and not running:
        go_on = go_on or command_to_go_on(question, info)
        lacking = f"{lacking}: go on with {go_on}"
    logs = {
        workload: logs_by_chunk(pairs, executor, workload, info)
        for workload, executor in ((WORKLOAD, question.executor), (AS_WRITTEN, "numpy"))
    }
    matched = logs_by_chunk(pairs, "numpy", WORKLOAD, info)
    examples = {}
    for name, case in chosen.items():
        if case is not None:
            of_rounds = logs[AS_WRITTEN] if name == "numpy-as-written" else logs[WORKLOAD]
            of_rounds = matched if name == "numpy" else of_rounds
            examples[name] = _example(name, case, info, of_rounds)
        elif name != "best":
            examples[name] = _missing(name, question, info, lacking)
    sound = chunked[chunked["status"].eq(Status.OK)]["chunk"]
    usable = logs[WORKLOAD].loc[:, logs[WORKLOAD].columns.isin(sound.astype(int))]
    recommended = examples["best"].chunk if "best" in examples else None
    generator = {}
    if examples["numpy-as-written"].status == Status.OK:
        generator = generator_ratios(logs[AS_WRITTEN], usable, recommended, info)
    return Answer(
        machine=info.machine,
        executor=question.executor,
        workers=question.workers,
        size=question.size,
        rows=list(examples.values()),
        break_even_chunk={
            "status": small.get("status", "undetermined"),
            **_ends(small, "chunk"),
        },
        best_chunk={
            "recommended": recommended,
            "set": best_set(usable, info.level, info.looks),
            **_fresh_rounds(best, info.level),
        },
        refined={name: _integer(best.get(name)) for name in ("chunks_added", "pairs_saved")},
        generator=generator,
        sentences=[
            verdict_sentence(examples, question.executor, question.workers),
            generator_sentence(examples, generator),
        ],
        rounds=_most(cases["rounds"]),
        blocks=_most(cases["blocks"]),
        scope=_scope(chunked),
        warnings=_warnings(there),
        seconds_spent=_seconds_spent(journal),
        journal=journal.path.name,
        ended="running" if running else journal.end.status if journal.end else None,
        go_on=go_on if lacking and not running else None,
    )


def _warnings(cases: Mapping[str, pd.Series[Any]]) -> list[str]:
    """Each warning once, with the examples that it is about."""
    about: dict[str, list[str]] = {}
    for name, case in cases.items():
        if not pd.isna(case["warning"]):
            about.setdefault(str(case["warning"]), []).append(name)
    return [f"{', '.join(names)}: {warning}" for warning, names in about.items()]


def _example(name: str, case: pd.Series[Any], info: RunInfo, logs: pd.DataFrame) -> Example:
    scheduled = not name.startswith("numpy")
    chunk = int(case["chunk"])
    speedups = np.exp(logs[chunk].dropna()) if chunk in logs else pd.Series(dtype=float)
    return Example(
        example=name,
        chunk=chunk,
        n_chunks=_integer(case["n_chunks"]),
        n_tasks=_integer(case["n_tasks"]) if scheduled else None,
        seconds=estimate(case, "seconds", info),
        speedup=estimate(case, "speedup", info),
        overhead_us_per_task=estimate(case, "overhead_us_per_task", info) if scheduled else None,
        verdict=_text(case["verdict"]),
        verdict_vs_all_cores=_text(case["verdict_vs_all_cores"]),
        rounds=len(speedups),
        speedup_least=None if speedups.empty else float(speedups.min()),
        speedup_most=None if speedups.empty else float(speedups.max()),
        status=str(case["status"]),
        reason=_text(case["reason"]),
    )


def _missing(name: str, question: Asked, info: RunInfo, lacking: str | None) -> Example:
    """An example of which the journal does not have a line."""
    chunk = {"many": MANY, "few": FEW}.get(name, question.size)
    if chunk and question.size and chunk > question.size:
        lacking = f"profile {info.profile} sums {question.size} numbers, fewer than one such chunk"
    none = Estimate(point=None, level=info.level)
    return Example(
        example=name,
        chunk=chunk,
        n_chunks=-(-question.size // chunk) if chunk and question.size else None,
        n_tasks=None,
        seconds=none,
        speedup=none,
        overhead_us_per_task=None if name.startswith("numpy") else none,
        verdict=None,
        verdict_vs_all_cores=None,
        status=NOT_MEASURED,
        reason=lacking or "the run came to its end without it",
    )


def _first(rows: pd.DataFrame) -> pd.Series[Any] | None:
    return None if rows.empty else rows.iloc[0]


def _row(by_side: pd.DataFrame, side: str) -> dict[str, Any]:
    return dict(by_side.loc[side]) if side in by_side.index else {}


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)


def _most(counts: pd.Series[Any]) -> int:
    return 0 if counts.isna().all() else int(counts.max())


def _scope(chunked: pd.DataFrame) -> str | None:
    """The scope of the first chunk that has one."""
    scopes = chunked["scope"].dropna()
    return None if scopes.empty else str(scopes.iloc[0])


def _seconds_spent(journal: JournalContent) -> float | None:
    """What the run took, in s: the time of each time that it was started or resumed, not that
    between them. A further run line of the same moment is the same start."""
    latest = {stretch.info.t: stretch for stretch in journal.stretches}
    known = [
        seconds
        for stretch in latest.values()
        if (seconds := stretch.end.seconds if stretch.end else stretch.seconds) is not None
    ]
    return sum(known) if known else None


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
