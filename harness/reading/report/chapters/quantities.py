"""How pins, METG, the overhead model, the controls, scaling and job cases are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pandas as pd

from harness.core import units
from harness.reading.analysis.by_group import records
from harness.reading.report.chapters.by_problem import remarks_on, sections
from harness.reading.report.shown.cells import (
    ABSENT,
    Row,
    absent,
    estimate,
    interval,
    number,
    text,
)
from harness.reading.report.shown.section import SETUP, Chapter, Section, setup

_PARTS = ("", "ideal_", "ceiling_", "chunking_", "imbalance_", "scheduling_", "remainder_")
_COSTS = (
    ("fixed_seconds", 1.0),
    ("serial_us_per_task", 1e-6),
    ("parallel_us_per_task", 1e-6),
)


@dataclass(frozen=True)
class Quantity:
    """How a table is shown: its heading, columns beside the set-up, cells, remarks and notes."""

    heading: str
    columns: tuple[str, ...]
    cells: Callable[[Row], tuple[str, ...]]
    remarks: Callable[[Row], Iterable[str]]
    notes: tuple[str, ...] = ()


def chapter(quantity: Quantity, frame: pd.DataFrame) -> Chapter:
    """Make the chapter that shows *frame* as *quantity* says."""

    def section(title: str, rows: list[Row]) -> Section:
        cells = [(*setup(row), *quantity.cells(row)) for row in rows]
        notes = [*quantity.notes, *remarks_on(rows, quantity.remarks)]
        return Section(title, (*SETUP, *quantity.columns), cells, len(SETUP), notes)

    return Chapter(quantity.heading, list(sections(records(frame), section)))


def _metg(row: Row) -> tuple[str, ...]:
    target = f"{row['target']:.0%}".replace("%", " %")
    shares = interval(
        tuple(row[f"over_baseline{end}"] for end in ("", "_low", "_high")), _per_cent, 100.0
    )
    if text(row["censored"]) == "never":
        return target, "never", ABSENT
    if text(row["censored"]) in ("below", "above"):
        sign, end = ("<=", "_high") if row["censored"] == "below" else (">=", "_low")
        bound = number(row[f"seconds{end}"], units.seconds)
        share = row[f"over_baseline{end}"]  # absent in timings that others took
        part = number(None if absent(share) else share * 100, _per_cent)
        return target, f"{sign} {bound}", part if part == ABSENT else f"{sign} {part}"
    return target, estimate(row, "seconds", units.seconds), shares


def _per_cent(value: float | None) -> str:
    return ABSENT if value is None else f"{value:.3g}"


def _reason(row: Row) -> Iterator[str]:
    if not absent(row["reason"]):
        yield text(row["reason"])


def _unfound(row: Row) -> Iterator[str]:
    if absent(row["seconds"]) or absent(row["profile"]):  # timings that others took have none
        yield from _reason(row)


def _model(row: Row) -> tuple[str, ...]:
    hidden = "" if absent(row["not_identifiable"]) else str(row["not_identifiable"])
    costs = []
    for name, unit in _COSTS:
        if name in hidden.split(", "):
            most = row[f"{name}_high"]
            known = not absent(most)
            costs.append(f"<= {units.seconds(float(most) * unit)}" if known else ABSENT)
        else:
            costs.append(estimate(row, name, units.seconds, unit))
    residual = number(row["residual"], lambda value: f"{value:.0%}".replace("%", " %"))
    fits = "yes" if row["accepted"] else "no"
    return *costs, number(row["ceiling"], units.ratio), residual, fits


def _residual(row: Row) -> tuple[str, ...]:
    return (
        number(row["chunk"], units.count),
        estimate(row, "residual", lambda value: f"{value:+.1%}".replace("%", " %")),
        "s" if row["serial_binds"] else "o and work",
        "yes" if row["accepted"] else "no",
    )


def _model_remarks(row: Row) -> Iterator[str]:
    yield from _reason(row)
    together = text(row["fitted_workers"])
    if "," in together:
        yield f"one fit of the points with {together} workers"
    if not absent(row["added_workers"]):
        counts = text(row["added_workers"])
        workers = "1 worker" if counts == "1" else f"{counts} workers"
        yield f"the sweep added {workers}, to see a cost that was open"
    if not row["anchored"]:
        yield "without an empty-task sweep of the same set-up, so the fixed cost is loose"


def _controls(row: Row) -> tuple[str, ...]:
    times = (number(row[f"{part}seconds"], units.seconds) for part in _PARTS)
    return number(row["chunk"], units.count), *times


def _scaling(row: Row) -> tuple[str, ...]:
    return (
        number(row["chunk"], units.count),
        estimate(row, "speedup", units.ratio),
        estimate(row, "efficiency", units.ratio),
        estimate(row, "serial_fraction", units.ratio),
    )


def _law(row: Row) -> Iterator[str]:
    if not absent(row["contention"]):
        parts = (
            f"{words} {estimate(row, name, _per_cent)}"
            for words, name in (
                ("contention", "contention"),
                ("coherency", "coherency"),
                ("peak at workers", "peak_workers"),
            )
        )
        yield f"Universal Scalability Law: {', '.join(parts)}"
    yield from _reason(row)


def _job_case(row: Row) -> tuple[str, ...]:
    return (
        number(row["chunk"], units.count),
        estimate(row, "efficiency", units.ratio),
        number(row["case_cpu_efficiency"], units.ratio),
        number(row["job_cpu_efficiency"], units.ratio),
        number(row["core_hours"], _per_cent),
        text(row["job"]),
        text(row["status"] if absent(row["verdict"]) else row["verdict"]),
    )


def _pins(row: Row) -> tuple[str, ...]:
    wanted, cores = number(row["threads_wanted"], units.count), row["cores"]
    over = "" if absent(cores) else f" on {float(cores):g}"
    return (
        number(row["chunk"], units.count),
        number(row["native_threads"], units.count),
        f"{wanted}{over}",
        estimate(row, "seconds", units.seconds),
        estimate(row, "over_pin_1", units.ratio),
        text(row["verdict"]),
    )


def _crowded(row: Row) -> Iterator[str]:
    if not absent(row["too_many_threads"]) and row["too_many_threads"]:
        yield "more native threads wanted than cores usable"


QUANTITIES: dict[str, Quantity] = {
    "pins": Quantity(
        "thread pins: workers by pin",
        ("chunk", "native", "wanted", "time", "over pin 1", "verdict"),
        _pins,
        _crowded,
        ("native: read back inside the workers; wanted: workers times native, on so many cores",),
    ),
    "metg": Quantity(
        "METG: smallest task that is still efficient",
        ("efficiency", "task granularity", "% of T1"),
        _metg,
        _unfound,
        ("tasks are independent of each other, but for those of spin-stencil",),
    ),
    "model": Quantity(
        "overhead model",
        ("fixed", "serial per task", "parallel per task", "ceiling", "residual", "fits"),
        _model,
        _model_remarks,
    ),
    "residuals": Quantity(
        "the overhead model against what was measured",
        ("chunk", "model over measured", "binding", "fits"),
        _residual,
        lambda row: [],
    ),
    "controls": Quantity(
        "where the time goes",
        ("chunk", "time", "ideal", "ceiling", "chunking", "imbalance", "scheduling", "remainder"),
        _controls,
        _reason,
    ),
    "scaling": Quantity(
        "scaling over workers",
        ("chunk", "speed-up", "efficiency", "serial fraction"),
        _scaling,
        _law,
    ),
    "job_cases": Quantity(
        "batch jobs, case by case",
        ("chunk", "parallel", "CPU in calls", "CPU of job", "core-hours", "job", "verdict"),
        _job_case,
        lambda row: [],
        ("efficiencies: speed-up over workers; CPU time over time times workers; and of the job",),
    ),
}
