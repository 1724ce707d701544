"""The page that puts executors side by side: what a task costs, what a start-up, and METG."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pandas as pd

from harness.core import units
from harness.reading.analysis.by_group import records
from harness.reading.analysis.models.empty import EMPTY
from harness.reading.report.chapters.quantities import QUANTITIES
from harness.reading.report.figures.engine_starts import WORKLOAD as STARTUP
from harness.reading.report.shown.cells import (
    ABSENT,
    Row,
    absent,
    counted_in_words,
    estimate,
    has_numbers,
    number,
    text,
)
from harness.reading.report.shown.section import Section
from harness.reading.report.site.source import SiteTables
from harness.reading.report.site.words import measured_when, setup_words, sweep, value

TARGET = 0.5
"""The efficiency of the METG shown; the table of METG has others as well."""


class EngineCost(NamedTuple):
    """One quantity of executors: its name, title, column, scale to seconds, and rows."""

    name: str
    title: str
    column: str
    scale: float
    rows: Callable[[SiteTables], pd.DataFrame]
    note: str


def _per_task(source: SiteTables) -> pd.DataFrame:
    """Work out what an empty task costs, as the first page says it: the time of a call over its
    tasks, of the largest number of them, where the fixed cost of a call weighs least."""
    good = source.cases[source.cases["workload"].eq(EMPTY) & source.cases["n_tasks"].notna()]
    keys = ["machine", "run", "executor", "workers", "pin"]
    most = good.groupby(keys, dropna=False)["n_tasks"].transform("max")
    rows = good[good["n_tasks"].eq(most)]
    tasks = rows["n_tasks"].astype("float64")
    each = {f"task_seconds{end}": rows[f"seconds{end}"] / tasks for end in ("", "_low", "_high")}
    return rows.assign(**each)


def _startup(source: SiteTables) -> pd.DataFrame:
    return source.cases[source.cases["workload"].eq(STARTUP)]


def _metg(source: SiteTables) -> pd.DataFrame:
    frame = source.tables["metg"]
    return frame[frame["target"].eq(TARGET)]


COSTS = (
    EngineCost(
        "per-task",
        "an empty task",
        "task_seconds",
        1.0,
        _per_task,
        "The time of a call of tasks with nothing in them over their number, as many as were "
        "measured",
    ),
    EngineCost(
        "start-up",
        "start-up",
        "seconds",
        1.0,
        _startup,
        "From the birth of a process to the answer of its engine's first call",
    ),
    EngineCost(
        "metg",
        "smallest efficient task (METG)",
        "seconds",
        1.0,
        _metg,
        "METG, the minimum effective task granularity: how long tasks must be on average for the "
        "speed-up to be at least half the number of workers; a bound (<=, >=) where the sweep does "
        "not reach it",
    ),
)


def dots(kind: EngineCost, source: SiteTables) -> list[dict[str, Any]]:
    """Make a point with its interval for each machine and set-up, smallest first, in seconds."""
    points = []
    for row in records(kind.rows(source)):
        point = value(row, kind.column)
        if point is None or ("status" in row and not has_numbers(row)):
            continue
        low, high = (value(row, f"{kind.column}_{end}") for end in ("low", "high"))
        scaled = [None if end is None else end * kind.scale for end in (point, low, high)]
        label = setup_words(row, chunk=False)
        if kind.name == "metg":
            label = f"{text(row['workload'])}: {label}"
        points.append(
            {
                "machine": text(row["machine"]),
                "label": label,
                "sweeps": (text(row["suite"]), text(row["profile"]), sweep(row)),
                "point": scaled[0],
                "low": scaled[1],
                "high": scaled[2],
                "text": estimate(row, kind.column, units.seconds, kind.scale),
            }
        )
    return sorted(_told_apart(points), key=lambda point: float(point["point"]))


def _told_apart(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add to each label that several points of a machine have the least that tells them apart:
    the suite, or also the profile, or the whole sweep."""
    alike: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for point in points:
        alike.setdefault((point["machine"], point["label"]), []).append(point)
    for same in alike.values():
        named = [point.pop("sweeps") for point in same]
        if len(same) == 1:
            continue
        ways = ([(suite,) for suite, *_ in named], [pair[:2] for pair in named])
        told = next((way for way in ways if len(set(way)) == len(way)), None)
        for point, words in zip(same, told or [(whole,) for *_, whole in named], strict=True):
            point["label"] += f" ({', '.join(words)})"
    return points


def sections(kind: EngineCost, source: SiteTables) -> Iterator[tuple[Section, bool]]:
    """Make the tables behind the picture, with versions: for each machine one of the rows with a
    figure, and one of those without. Whether it is the latter, which is shown folded."""
    frame = kind.rows(source)
    for machine, rows in frame.groupby("machine", sort=True):
        order = ["workload", kind.column, "executor"]
        for without, part in rows.sort_values(order).groupby(rows[kind.column].isna()):
            cells = [_cells(kind, row, source) for row in records(part)]
            title = f"{kind.title} on {machine}"
            yield (
                _said(f"{title}, where there is no figure" if without else title, cells, kind),
                bool(without),
            )


def _said(title: str, cells: list[tuple[str, ...]], kind: EngineCost) -> Section:
    """A table with the columns that say anything."""
    columns = (
        *("executor", kind.title, "workload", "workers", "pin", "status", "why"),
        *("tasks", "rounds", "suite", "version", "measured"),
    )
    said = [at for at, name in enumerate(columns) if _says(name, [row[at] for row in cells])]
    return Section(
        title, tuple(columns[at] for at in said), [tuple(row[at] for at in said) for row in cells]
    )


def _says(column: str, cells: list[str]) -> bool:
    """Whether a column says anything beyond its table's title: a workload that is the same in each
    row does not, nor that each has a result."""
    if column in ("workload", "status"):
        return len(set(cells)) > 1 or (column == "status" and cells[0] not in ("ok", "found"))
    return any(cell not in ("", ABSENT) for cell in cells)


def _cells(kind: EngineCost, row: Row, source: SiteTables) -> tuple[str, ...]:
    if kind.name == "metg":
        shown, status, why = _bounded(row)
    else:
        good = has_numbers(row)
        shown = estimate(row, kind.column, units.seconds, kind.scale) if good else "-"
        status = text(row["status"])
        why = "" if absent(row["reason"]) else text(row["reason"])
    return (
        text(row["executor"]),
        shown,
        text(row["workload"]),
        number(row["workers"], units.count),
        text(row["pin"]),
        status,
        why,
        number(row.get("n_tasks"), units.count),
        number(row.get("rounds"), units.count),
        text(row["suite"]),
        version(row, source),
        measured_when([text(row["run"])]),
    )


def _bounded(row: Row) -> tuple[str, str, str]:
    """Show METG as a number or a bound, whether it was found, and why not."""
    _, shown, _ = QUANTITIES["metg"].cells(row)
    censored = text(row["censored"])
    why = "" if absent(row["reason"]) else counted_in_words(text(row["reason"]))
    if absent(row["censored"]):
        return shown, "not found" if absent(row["seconds"]) else "found", why
    return shown, censored if censored == "never" else f"lies {censored}", why


def version(row: Row, source: SiteTables) -> str:
    """Name the engine of a row's executor with its version, ``dask 2026.8.0``."""
    info = source.runs.get(text(row["run"]))
    if info is None:
        return "-"
    engine = text(row["executor"]).split("-")[0]
    engine = "python" if engine not in info.versions else engine
    return f"{engine} {info.versions.get(engine, '-')}"
