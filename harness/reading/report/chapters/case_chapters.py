"""How the table ``cases`` is shown: paired cases with verdicts, and timings without a pair."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pandas as pd

from harness.core import units
from harness.core.records import Status
from harness.core.units import plural
from harness.reading.analysis.by_group import records
from harness.reading.analysis.verdict.scope import THESE
from harness.reading.ingest.foreign.kept_timings import UNPAIRED
from harness.reading.report.chapters.by_problem import benchmark, remarks_on, sections
from harness.reading.report.shown.cells import (
    ABSENT,
    AGAINST_SERIAL,
    Row,
    absent,
    estimate,
    has_numbers,
    not_generalised,
    number,
    text,
    verdict,
)
from harness.reading.report.shown.section import (
    SETUP,
    Chapter,
    Section,
    parted,
    rounds_range,
    setup,
)

UNPAIRED_HEADING = "unpaired timings (no verdict)"

CASES = (*SETUP, "chunk", "time", "speed-up", "overhead per task", "verdict")
"""Columns that are shown of a case."""

_SPARE = ("overhead per task", "time")
"""What a narrow terminal can do without: the speed-up and the verdict say whether it pays."""

_UNPAIRED = ("benchmark", *SETUP, "chunk", "time", "status")


def cases(frame: pd.DataFrame) -> list[Chapter]:
    """Make the chapter of the paired cases and, where there are some, that of unpaired timings."""
    rows = records(with_native_threads(frame))
    shown = [Chapter("cases", list(sections(filter(_is_case, rows), _cases)))]
    by_run = parted(itertools.filterfalse(_is_case, rows), ("machine", "run"))
    if by_run:
        shown.append(Chapter(UNPAIRED_HEADING, [_unpaired(of_run) for of_run in by_run]))
    return shown


def _is_case(row: Row) -> bool:
    """A planned case that never ran is not paired either, and still a case of its sweep."""
    return bool(row["paired"]) or (row["profile"] is not None and not has_numbers(row))


def with_native_threads(frame: pd.DataFrame) -> pd.DataFrame:
    """Add a column ``pin_shown`` to *frame*: the pin and, where a set-up has several in one run,
    the native threads that were read back inside the workers."""
    keys = ["run", "workload", "executor", "workers"]
    varies = frame.groupby(keys, dropna=False)["pin"].transform("nunique").gt(1)
    known = varies & frame["native_threads"].notna()
    threads = frame["native_threads"].astype("string")
    with_threads = frame["pin"] + " (" + threads + " native)"
    return frame.assign(pin_shown=frame["pin"].mask(known, with_threads))


def case_cells(row: Row) -> tuple[str, ...]:
    """Write one case as the cells of :data:`CASES`."""
    shown = has_numbers(row)
    return (
        *setup(row),
        number(row["chunk"], units.count),
        estimate(row, "seconds", units.seconds) if shown else ABSENT,
        estimate(row, "speedup", units.ratio) if shown else ABSENT,
        estimate(row, "overhead_us_per_task", units.seconds, 1e-6) if shown else ABSENT,
        verdict(row),
    )


def _cases(title: str, rows: list[Row]) -> Section:
    in_a_note = _set_ups_with_one_chunk(rows)
    hidden = [setup(row) in in_a_note and _skipped(row) for row in rows]
    cells = [case_cells(row) for row, hide in zip(rows, hidden) if not hide]
    rounds = [int(row["rounds"]) for row in rows if has_numbers(row) and not absent(row["rounds"])]
    notes = [rounds_range(rounds)] if rounds else []
    few = sum(has_numbers(row) and text(row["interval"]) == "moderated t" for row in rows)
    if few:
        notes.append(
            f"{plural(few, 'case')} of 2 to 6 rounds: by moderated t, which leans on how much the "
            "rounds of the other cases spread"
        )
    if any(verdict(row) == AGAINST_SERIAL for row in rows):
        notes.append(f"{AGAINST_SERIAL}: not shown to pay against NumPy on all cores as well")
    remarked = [{**row, "chunk": None} if hide else row for row, hide in zip(rows, hidden)]
    notes += [*_clusters(rows), *_reach(rows), *remarks_on(remarked, _remarks)]
    return Section(title, CASES, cells, len(SETUP), notes, _SPARE)


def _set_ups_with_one_chunk(rows: list[Row]) -> set[tuple[str, str, str]]:
    """Find set-ups of which at most one chunk was tried; one note tells their skipped chunks."""
    tried = Counter(setup(row) for row in rows if not _skipped(row))
    return {setup(row) for row in rows if tried[setup(row)] <= 1}


def _skipped(row: Row) -> bool:
    return text(row["status"]) == Status.SKIPPED


def _clusters(rows: list[Row]) -> list[str]:
    """Say what a cluster is made of, where it is more than so many workers on this machine."""
    notes: dict[str, None] = {}
    for row in rows:
        cluster = row.get("cluster")
        if absent(cluster) or cluster == f"fixed: {row['workers']} workers":
            continue
        nodes: Any = row.get("nodes")
        where = f", on {nodes} nodes" if not absent(nodes) and nodes > 1 else ""
        workers = plural(row["workers"], "worker")
        notes[f"{text(row['executor'])}, {workers}: {cluster}{where}"] = None
    return list(notes)


def _reach(rows: list[Row]) -> list[str]:
    """Say which verdicts do not reach beyond the launches that they rest on (rule 12)."""
    judged = [row for row in rows if has_numbers(row) and not absent(row["verdict"])]
    if judged and all(row["scope"] == THESE for row in judged):
        return [f"verdicts {not_generalised([int(row['blocks']) for row in judged])}"]
    return remarks_on(rows, _reach_of_case)


def _reach_of_case(row: Row) -> Iterator[str]:
    if text(row["scope"]) == THESE:
        yield f"verdict {not_generalised([int(row['blocks'])])}"


def _remarks(row: Row) -> Iterator[str]:
    if not has_numbers(row):
        yield f"{text(row['status'])} ({text(row['reason'])})"
    if not absent(row["oversubscribed"]) and row["oversubscribed"]:
        yield "oversubscribed, more workers than usable cores"
    if has_numbers(row) and not absent(row["ceiling"]) and row["ceiling"] < 1:
        yield (
            "nothing to gain on this machine, whoever schedules: the hardware ceiling is "
            f"{units.ratio(row['ceiling'])}, below 1"
        )
    if has_numbers(row) and text(row["warning"]) not in (ABSENT, "", UNPAIRED):
        yield text(row["warning"])


def _unpaired(rows: list[Row]) -> Section:
    # A ratio of two medians, which only timings that others took can have.
    compared = any(not absent(row["speedup"]) for row in rows)
    columns = (*_UNPAIRED[:-1], "speed-up", _UNPAIRED[-1]) if compared else _UNPAIRED
    cells: list[tuple[str, ...]] = [
        (
            benchmark(row),
            *(text(row[name]) for name in SETUP),
            number(row["chunk"], units.count),
            estimate(row, "seconds", units.seconds) if has_numbers(row) else ABSENT,
            *([number(row["speedup"], units.ratio)] if compared else []),
            "not a time" if has_numbers(row) and absent(row["seconds"]) else text(row["status"]),
        )
        for row in rows
    ]
    title = f"{text(rows[0]['machine'])}, {text(rows[0]['run'])}"
    return Section(title, columns, cells, 0, remarks_on(rows, _remarks))
