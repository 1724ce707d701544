"""What of each table people get to see: sections with a title, a few columns, and notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import pandas as pd

from harness.core import units
from harness.core.errors import UnknownNameError
from harness.core.records import Status
from harness.reading.ingest.asv_results import UNPAIRED
from harness.reading.report import claimed, forecasts, job_chapters, side_by_side, time_budget
from harness.reading.report.cells import (
    ABSENT,
    AGAINST_SERIAL,
    Row,
    absent,
    estimate,
    has_numbers,
    number,
    saving,
    text,
    verdict,
)
from harness.reading.report.quantities import QUANTITIES, Quantity
from harness.reading.report.section import (
    SETUP,
    THESE,
    Chapter,
    Section,
    records,
    rounds_range,
    setup,
)

UNPAIRED_HEADING = "unpaired timings (no verdict)"

CASES = (*SETUP, "chunk", "time", "T1/TP", "overhead per task", "verdict")
"""What is shown of a case."""

_BREAK_EVEN = (*SETUP, "side", "status", "chunk", "measured between")
_UNPAIRED = ("benchmark", *SETUP, "chunk", "time", "status")

_WHOLE: dict[str, Callable[[pd.DataFrame], list[Chapter]]] = {
    "contrasts": lambda frame: [side_by_side.contrasts(frame)],
    "answers": lambda frame: [side_by_side.answers(frame)],
    "comparison": lambda frame: [side_by_side.comparison(frame)],
    "jobs": job_chapters.jobs,
    "history": job_chapters.history,
    "forecast": lambda frame: [forecasts.forecasts(frame)],
    "claims": lambda frame: [claimed.claims(frame)],
    "time_budget": lambda frame: [time_budget.chapter(frame)],
}


def chapters(table: str, frame: pd.DataFrame) -> list[Chapter]:
    """The chapters that show *frame*.

    Parameters
    ----------
    table : str
        ``"cases"``, ``"break_even"``, one that has a chapter of its own (``"contrasts"``,
        ``"answers"``, ``"comparison"``, ``"jobs"``, ``"history"``, ``"forecast"``, ``"claims"``,
        ``"time_budget"``),
        or one of ``quantities.QUANTITIES``.
    frame : DataFrame
        Obeys the schema of that table.

    Raises
    ------
    UnknownNameError
        Where there is no layout for the table; csv and json show every table.
    """
    if table == "break_even":
        return [Chapter("break-even chunks", list(_sections(frame, _break_even)))]
    if table in _WHOLE:
        return _WHOLE[table](frame)
    if table == "job_cases" and frame.empty:
        return []
    if table in QUANTITIES:
        shown_as = QUANTITIES[table]
        return [Chapter(shown_as.heading, list(_sections(frame, partial(_quantity, shown_as))))]
    if table != "cases":
        raise UnknownNameError("table", table, ["cases", "break_even", *_WHOLE, *QUANTITIES])
    # A planned case that never ran is not paired either, and still a case of its sweep.
    case = frame["paired"].fillna(False).astype(bool) | (
        frame["profile"].notna() & frame["status"].ne("ok").fillna(True).astype(bool)
    )
    shown = [Chapter("cases", list(_sections(with_native_threads(frame[case]), _cases)))]
    if not case.all():
        grouped = frame[~case].groupby(["machine", "run"], sort=False, dropna=False)
        sections = [_unpaired(records(group)) for _, group in grouped]
        shown.append(Chapter(UNPAIRED_HEADING, sections))
    return shown


def with_native_threads(frame: pd.DataFrame) -> pd.DataFrame:
    """*frame* with a column ``pin_shown``: where the pin varies on one set-up of a run, what it
    came to inside of the workers is said beside it."""
    keys = ["run", "workload", "executor", "workers"]
    varies = frame.groupby(keys, dropna=False)["pin"].transform("nunique").gt(1)
    known = varies & frame["native_threads"].notna()
    threads = frame["native_threads"].astype("string")
    said = frame["pin"] + " (" + threads + " native)"
    return frame.assign(pin_shown=frame["pin"].mask(known, said))


def _sections(frame: pd.DataFrame, make: Callable[[str, list[Row]], Section]) -> Iterator[Section]:
    keys = ["machine", "run", "workload", "size"]
    for _, group in frame.groupby(keys, sort=False, dropna=False):
        order = list(SETUP) if "side" in group or "chunk" not in group else [*SETUP, "chunk"]
        rows = records(group.sort_values(order, kind="stable"))
        one = rows[0]
        title = (
            f"{text(one['workload'])}, {number(one['size'], units.count)} elements: "
            f"suite {text(one['suite'])} on {text(one['machine'])}, "
            f"profile {text(one['profile'])}, run {text(one['run'])}"
        )
        yield make(title, rows)


def _cases(title: str, rows: list[Row]) -> Section:
    cells: list[tuple[str, ...]] = []
    folded = _folded(rows)
    for row in rows:
        if setup(row) in folded and _skipped(row):
            continue
        cells.append(case_cells(row))
    rounds = [int(row["rounds"]) for row in rows if has_numbers(row) and not absent(row["rounds"])]
    notes = [rounds_range(rounds)] if rounds else []
    remarked = [
        {**row, "chunk": None} if setup(row) in folded and _skipped(row) else row for row in rows
    ]
    if any(verdict(row) == AGAINST_SERIAL for row in rows):
        notes.append(f"{AGAINST_SERIAL}: not shown to pay against NumPy on all cores as well")
    return Section(
        title,
        CASES,
        cells,
        len(SETUP),
        [*notes, *_clusters(rows), *_scope(rows), *_listed(remarked, _remarks)],
    )


def case_cells(row: Row) -> tuple[str, ...]:
    """One case as the cells of :data:`CASES`."""
    shown = has_numbers(row)
    return (
        *setup(row),
        number(row["chunk"], units.count),
        estimate(row, "seconds", units.seconds) if shown else ABSENT,
        estimate(row, "speedup", units.ratio) if shown else ABSENT,
        estimate(row, "overhead_us_per_task", units.seconds, 1e-6) if shown else ABSENT,
        verdict(row),
    )


def _clusters(rows: list[Row]) -> list[str]:
    """What a cluster is made of, where it is more than so many workers on this machine."""
    found: dict[str, None] = {}
    for row in rows:
        cluster = row.get("cluster")
        plain = f"fixed: {row['workers']} workers"
        if absent(cluster) or cluster == plain:
            continue
        nodes: Any = row.get("nodes")
        where = f", on {nodes} nodes" if not absent(nodes) and nodes > 1 else ""
        found[f"{text(row['executor'])}, {row['workers']} workers: {cluster}{where}"] = None
    return list(found)


def _folded(rows: list[Row]) -> set[tuple[str, str, str]]:
    """Set-ups of which at most one chunk was tried: their skipped chunks are told in a note, not
    in a line each."""
    tried = Counter(setup(row) for row in rows if not _skipped(row))
    return {setup(row) for row in rows if tried[setup(row)] <= 1}


def _skipped(row: Row) -> bool:
    return text(row["status"]) == Status.SKIPPED


def _break_even(title: str, rows: list[Row]) -> Section:
    cells: list[tuple[str, ...]] = [
        (
            *setup(row),
            text(row["side"]),
            text(row["status"]),
            estimate(row, "chunk", units.count),
            _bracket(row),
        )
        for row in rows
    ]
    reasons: dict[str, list[str]] = {}
    for row in rows:
        if not absent(row["reason"]) and row["reason"] and row["status"] != "found":
            reasons.setdefault(str(row["reason"]), []).append(f"{_label(row)} {text(row['side'])}")
    notes = [f"{', '.join(where)}: {reason}" for reason, where in reasons.items()]
    if any(row["side"] == "best" and row["status"] == "found" for row in rows):
        notes.append(
            "best: of the chunks not worse than the best by 5 %, in brackets, the one with most "
            "tasks, so least memory"
        )
    return Section(title, _BREAK_EVEN, cells, len(SETUP), [*notes, *_refined(rows)])


def _refined(rows: list[Row]) -> list[str]:
    """What the sweep measured beyond its grid; *rows* are of ``schema.BREAK_EVEN``."""
    best = [row for row in rows if text(row["side"]) == "best"]
    added: list[Row] = [{**row, "chunk": None} for row in best if not absent(row["chunks_added"])]
    again = [row for row in best if not absent(row["fresh_speedup"])]
    return [*_listed(added, _added), *_listed(again, _again)]


def _added(row: Row) -> Iterator[str]:
    yield saving(int(row["chunks_added"]), int(row["pairs_saved"]))


def _again(row: Row) -> Iterator[str]:
    said = "" if row["confirmed"] else ", which does not confirm its verdict"
    if absent(row["confirmed"]):
        said = ", too few to judge"
    yield f"best chunk in fresh rounds: T1/TP {estimate(row, 'fresh_speedup', units.ratio)}{said}"


def _quantity(shown_as: Quantity, title: str, rows: list[Row]) -> Section:
    cells = [(*setup(row), *shown_as.cells(row)) for row in rows]
    notes = [*shown_as.notes, *_listed(rows, shown_as.remarks)]
    return Section(title, (*SETUP, *shown_as.columns), cells, len(SETUP), notes)


def _unpaired(rows: list[Row]) -> Section:
    cells: list[tuple[str, ...]] = [
        (
            _benchmark(row),
            *(text(row[name]) for name in SETUP),
            number(row["chunk"], units.count),
            estimate(row, "seconds", units.seconds) if has_numbers(row) else ABSENT,
            "not a time" if has_numbers(row) and absent(row["seconds"]) else text(row["status"]),
        )
        for row in rows
    ]
    title = f"{text(rows[0]['machine'])}, {text(rows[0]['run'])}"
    return Section(title, _UNPAIRED, cells, 0, _listed(rows, _remarks))


def _benchmark(row: Row) -> str:
    return f"{text(row['suite']).rpartition('.')[0]}.{text(row['workload'])}".lstrip(".")


def _bracket(row: Row) -> str:
    low, high = (number(row[name], units.count) for name in ("bracket_low", "bracket_high"))
    return ABSENT if low == high == ABSENT else f"{low} and {high}"


def _listed(rows: list[Row], remarks: Callable[[Row], Iterable[str]]) -> list[str]:
    """Each remark once, with the cases that it is about."""
    about: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        for remark in remarks(row):
            about.setdefault(remark, {}).setdefault(_label(row), []).append(
                number(row.get("chunk"), units.count)
            )
    return [f"{remark}: {'; '.join(_places(labels))}" for remark, labels in about.items()]


def _places(labels: dict[str, list[str]]) -> Iterator[str]:
    for label, chunks in labels.items():
        known = [chunk for chunk in chunks if chunk != ABSENT]
        yield f"{label} chunk {', '.join(known)}" if known else label


def _scope(rows: list[Row]) -> list[str]:
    scopes = [row["scope"] for row in rows if has_numbers(row) and not absent(row["verdict"])]
    if scopes and all(scope == THESE for scope in scopes):
        return ["the verdicts hold for these start-ups only"]
    return _listed(
        rows, lambda row: [f"verdict {THESE} only"] if text(row["scope"]) == THESE else []
    )


def _remarks(row: Row) -> Iterator[str]:
    if not has_numbers(row):
        yield f"{text(row['status'])} ({text(row['reason'])})"
    if not absent(row["oversubscribed"]) and row["oversubscribed"]:
        yield "oversubscribed, more workers than usable cores"
    if has_numbers(row) and text(row["warning"]) not in (ABSENT, "", UNPAIRED):
        yield text(row["warning"])


def _label(row: Row) -> str:
    if absent(row["profile"]):
        return _benchmark(row)
    executor, workers, pin = setup(row)
    return f"{executor} {workers}/{pin}"
