"""How forecasts are shown: each section says that it is one, and what its costs were taken from."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from harness.core import units
from harness.reading.analysis.beyond.forecast import HERE
from harness.reading.analysis.by_group import records
from harness.reading.report.shown.cells import ABSENT, Row, absent, interval, number, text
from harness.reading.report.shown.section import Chapter, Section, parted

HEADING = "forecasts for more workers: nothing here was measured"
_COLUMNS = ("workers", "METG(50 %)", "break-even", "feeds all", "published", "ratio")
_EXPLAINED = (
    "break-even and feeds all: work in a task below which it does not pay, and below which the "
    "scheduler cannot feed all workers (negative: it always can); ratio: published over forecast"
)
_ASSUMED = (
    "assumed: costs stay as they are with more workers, each of which gives what it gave here, and "
    "tasks are many and independent"
)
KEYS = ["machine", "run", "workload", "size", "executor", "pin", "calibration"]


def forecasts(frame: pd.DataFrame) -> Chapter:
    """Make the chapter of the table ``forecast``."""
    sections = []
    for listed in parted(records(frame), KEYS):
        first = listed[0]
        sections.append(
            Section(title(first), _COLUMNS, [_cells(row) for row in listed], 0, _notes(first))
        )
    return Chapter(HEADING, sections, "no fit to forecast from")


def title(row: Row) -> str:
    """Say what the costs of a forecast were taken from."""
    if text(row["calibration"]) != HERE:
        return f"{text(row['executor'])}, {text(row['workload'])}: forecast from {_source(row)}"
    return (
        f"{text(row['executor'])}: forecast from the fit of {text(row['workload'])} with "
        f"{number(row['workers'], units.count)} workers on {text(row['machine'])}, "
        f"run {text(row['run'])}"
    )


def _source(row: Row) -> str:
    return f"{text(row['calibration']).removeprefix('published, ')} as published"


def _cells(row: Row) -> tuple[str, ...]:
    ratio = spread(row, "published_over_forecast", units.ratio)
    known = not absent(row["calibrated_on"]) and bool(row["calibrated_on"])
    return (
        number(row["at_workers"], units.count),
        spread(row, "metg_seconds", units.seconds),
        spread(row, "break_even_seconds", units.seconds),
        spread(row, "saturation_seconds", units.seconds),
        number(row["published_seconds"], units.seconds),
        f"{ratio} (taken from it)" if known else ratio,
    )


def spread(row: Row, name: str, show: Callable[[float | None], str]) -> str:
    """Show an estimate; without a point as a range, of which one end may be open."""
    point, low, high = (row[f"{name}{end}"] for end in ("", "_low", "_high"))
    if absent(low) and absent(high):
        return number(point, show)
    if not absent(point):
        return interval((point, low, high), show)
    if absent(high):
        return f">= {show(float(low))}"
    if absent(low):
        return f"<= {show(float(high))}"
    return f"{show(float(low))} to {show(float(high))}"


def _notes(row: Row) -> list[str]:
    fed = spread(row, "saturation_workers", units.count)
    notes = [] if fed == ABSENT else [f"tasks of 100 ms can feed {fed} workers: more gain nothing"]
    notes += [_EXPLAINED, _ASSUMED]
    if text(row["calibration"]) != HERE:
        notes.append(f"source: {text(row['run'])}")
    if not absent(row["reason"]):
        notes.append(str(row["reason"]))
    return notes
