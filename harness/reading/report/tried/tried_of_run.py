"""Choose from the tables of one run what answers of a work of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from harness.core.errors import InputError
from harness.core.records import NO_TIME, Estimate, RunInfo, Status, Verdict
from harness.reading.analysis.verdict.cases import estimate
from harness.reading.analysis.verdict.start_ups import MEDIANS
from harness.reading.ingest import JournalContent
from harness.reading.report.shown.cells import absent
from harness.reading.report.tried.tried_answer import Tried, TriedBest, TriedEdge, TriedRow
from harness.reading.report.tried.tried_sentences import sentences

SUITE = "try"


def tried(
    cases: pd.DataFrame,
    break_even: pd.DataFrame,
    journal: JournalContent,
    *,
    running: bool = False,
) -> Tried:
    """Answer of a work from the tables of its run, as far as it was measured.

    Parameters
    ----------
    cases, break_even : DataFrame
        Tables of that run, as in the schema.
    journal : JournalContent
        Its journal: the first line, how it ended, what it took.
    running : bool
        Whether it is known to be measuring now.

    Raises
    ------
    InputError
        Where the run is not one of a work of one's own.
    """
    info = journal.info
    work = info.plan.get("work")
    if info.suite != SUITE or not isinstance(work, Mapping):
        raise InputError(f"run {info.run} is no run of chunkbench try: use chunkbench tables")
    rows = [_row(case, info, work) for _, case in cases.iterrows()]
    edges = [_edge(row) for _, row in break_even[break_even["side"].eq("small")].iterrows()]
    end = journal.end
    loop = _loop(cases, info, work)
    answer = Tried(
        work=str(work["name"]),
        against=work.get("against"),
        takes=work.get("takes"),
        baseline={"seconds": loop},
        items=work.get("items"),
        size=work.get("size"),
        rows=rows,
        break_even=edges,
        best=_best(rows),
        left_out=() if running or end is None else _left_out(cases, work),
        sentences=[],
        seconds_spent=None if end is None else end.seconds,
        journal=str(journal.path),
        ended="running" if running else end.status if end else None,
    )
    return answer.model_copy(update={"sentences": sentences(answer)})


def _row(case: pd.Series[Any], info: RunInfo, work: Mapping[str, Any]) -> TriedRow:
    chunk = int(case["chunk"])
    pickled = str(case["executor"]) not in work.get("shared", ())
    first = case[MEDIANS[1]]
    return TriedRow(
        executor=str(case["executor"]),
        workers=int(case["workers"]),
        pin=str(case["pin"]),
        chunk=chunk,
        n_tasks=None if absent(case["n_tasks"]) else int(case["n_tasks"]),
        status=str(case["status"]),
        reason=None if absent(case["reason"]) else _advised(str(case["reason"])),
        seconds=estimate(case, "seconds", info),
        first_call_seconds=None if absent(first) else float(first),
        speedup=estimate(case, "speedup", info),
        verdict=None if absent(case["verdict"]) else str(case["verdict"]),
        bytes_in=_bytes(work, chunk, "item_bytes", "task_bytes") if pickled else None,
        bytes_out=_bytes(work, chunk, "result_bytes") if pickled else None,
        rounds=0 if absent(case["rounds"]) else int(case["rounds"]),
    )


def _advised(reason: str) -> str:
    """A reason with what to do about it here, where a sweep of suites says something else."""
    for words, instead in _ADVICE.items():
        reason = reason.replace(words, instead)
    return reason


_ADVICE = {
    "over this profile's": "and one call gets no more than",
    "choose a longer profile": "give a larger --budget",
    "go on with --resume": "give a larger --budget",
}


def _bytes(work: Mapping[str, Any], chunk: int, of_item: str, fixed: str = "") -> float | None:
    each = work.get(of_item)
    return None if each is None else float(work.get(fixed) or 0.0) + chunk * float(each)


def _loop(cases: pd.DataFrame, info: RunInfo, work: Mapping[str, Any]) -> Estimate:
    """What the loop takes: as it was measured most often, else as a few items told."""
    measured = cases[cases["status"].eq(Status.OK) & cases["baseline_seconds"].notna()]
    if not measured.empty:
        most = measured.sort_values("rounds", kind="stable").iloc[-1]
        return estimate(most, "baseline_seconds", info)
    seconds = work.get("loop_seconds")
    return Estimate(point=None if seconds is None else float(seconds), level=info.level)


def _edge(row: pd.Series[Any]) -> TriedEdge:
    ends = (None if absent(row[name]) else float(row[name]) for name in _ENDS)
    point, low, high = ends
    return TriedEdge(
        executor=str(row["executor"]),
        workers=int(row["workers"]),
        pin=str(row["pin"]),
        status=str(row["status"]),
        point=point,
        low=low,
        high=high,
    )


_ENDS = ("chunk", "chunk_low", "chunk_high")


def _left_out(cases: pd.DataFrame, work: Mapping[str, Any]) -> tuple[str, ...]:
    """The executors that waited for time to be left, and got none."""
    lacking = cases["reason"].str.startswith(NO_TIME).fillna(False).astype(bool)
    had = set(cases.loc[~lacking, "executor"])
    return tuple(str(name) for name in work.get("later", ()) if name not in had)


def _best(rows: list[TriedRow]) -> TriedBest | None:
    """The row with the highest speed-up among those that pay; ``None`` where none does."""
    paying = [row for row in rows if row.status == Status.OK and row.verdict == Verdict.PAYS]
    if not paying:
        return None
    best = max(paying, key=lambda row: row.speedup.point or 0.0)
    return TriedBest(
        **best.model_dump(include=set(TriedBest.model_fields) - {"speedup"}), speedup=best.speedup
    )
