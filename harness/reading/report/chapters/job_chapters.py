"""How the tables ``jobs`` and ``history`` are shown: jobs by run, and changes of level."""

from __future__ import annotations

import pandas as pd

from harness.core import units
from harness.reading.analysis.by_group import records
from harness.reading.report.shown.cells import ABSENT, Row, absent, estimate, interval, number, text
from harness.reading.report.shown.section import SETUP, Chapter, Section, parted, provenance, setup
from harness.reading.report.words.job_memory_words import duration, percent

_JOBS = ("job", "state", "slots", "elapsed", "wait", "CPU", "parallel", "core-hours", "concluded")
_CHANGES = ("figure", *SETUP, "chunk", "since run", "change", "level now")
_PER_SECOND = {"seconds": 1.0, "metg": 1.0, "overhead_us_per_task": 1e-6}


def jobs(frame: pd.DataFrame) -> list[Chapter]:
    """Show the jobs of each run; no chapter where nothing was measured in a job."""
    if frame.empty:
        return []
    by_run = parted(records(frame), ("machine", "run"))
    return [Chapter("batch jobs", [_of_run(rows) for rows in by_run])]


def _of_run(rows: list[Row]) -> Section:
    notes = [
        "CPU: time of the job over elapsed time times slots; parallel: median speed-up over workers"
    ]
    for row in rows:
        per = number(row["core_hours_per_conclusion"], _hours)
        if per != ABSENT:
            notes.append(f"{_name(row)}: {per} core-hours a conclusion")
        sentences = [text(row[name]) for name in ("findings", "reason") if not absent(row[name])]
        notes += [f"{_name(row)}: {sentence}" for sentence in sentences]
    return Section(provenance(rows[0]), _JOBS, [_job(row) for row in rows], 0, notes)


def _job(row: Row) -> tuple[str, ...]:
    bound = "≥" if not absent(row["cpu_is_lower_bound"]) and row["cpu_is_lower_bound"] else ""
    cpu = number(row["cpu_efficiency"], percent)
    return (
        _name(row),
        text(row["state"]),
        number(row["slots"], units.count),
        number(row["elapsed_seconds"], duration),
        number(row["wait_seconds"], duration),
        cpu if cpu == ABSENT else bound + cpu,
        number(row["parallel_efficiency"], percent),
        number(row["core_hours"], _hours),
        number(row["conclusions"], units.count),
    )


def _name(row: Row) -> str:
    return text(row["job"]) + (" (workers)" if text(row["role"]) == "workers" else "")


def _hours(value: float | None) -> str:
    return ABSENT if value is None else f"{value:.3g}"


def history(frame: pd.DataFrame) -> list[Chapter]:
    """Show where figures changed their level, a section for each machine and workload; no chapter
    before a series is long enough to show a change."""
    long = frame["segment"].notna() & ~frame["reason"].str.contains("needs", na=False)
    if not long.any():
        return []
    keys = ("machine", "suite", "profile", "workload", "size")
    changed = parted(records(frame[long & frame["change"].notna()]), keys)
    sections = [_changes(rows) for rows in changed]
    return [Chapter("history: changes of level", sections, "no figure changed its level")]


def _changes(rows: list[Row]) -> Section:
    first = rows[0]
    title = (
        f"{text(first['workload'])}, {number(first['size'], units.count)} elements: "
        f"{provenance(first, run=False)}"
    )
    cells: list[tuple[str, ...]] = [
        (
            text(row["figure"]),
            *setup(row),
            number(row["chunk"], units.count),
            text(row["run"]),
            estimate(row, "ratio", units.ratio),
            _level(row),
        )
        for row in rows
    ]
    since: dict[str, None] = {}
    for row in rows:
        what = "nothing that is recorded changed"
        if not absent(row["linked_versions"]):
            what = text(row["linked_versions"])
        ends = [text(row[name]) for name in ("earliest_run", "latest_run")]
        place = " to ".join(dict.fromkeys(ends))
        since[f"{text(row['run'])} (may be {place}): {what}"] = None
    warned = dict.fromkeys(text(row["reason"]) for row in rows if not absent(row["reason"]))
    return Section(title, _CHANGES, cells, 0, [*since, *warned])


def _level(row: Row) -> str:
    ends = (row["level"], row["level_low"], row["level_high"])
    scale = _PER_SECOND.get(text(row["figure"]))
    if scale is not None:
        return interval(ends, units.seconds, scale)
    return interval(ends, units.count if row["figure"] == "break_even" else units.ratio)
