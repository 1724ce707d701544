"""A case traced, its time budget, and the pages that its engine made."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from harness.core.trace_format import Trace
from harness.reading.analysis.trace.time_budget import time_budget
from harness.reading.report.formats.tables import render, to_records
from harness.running.host.machine import usable_cores
from harness.running.measure.sweep.loop import Progress
from harness.running.measure.trace import tracing
from harness.running.plan.case_name import format_case, parse_case


class Traced(NamedTuple):
    """A trace, the file that holds it, and its rows of the table ``time_budget``."""

    path: Path
    trace: Trace
    budget: list[dict[str, Any]]


def trace(
    text: str,
    results: Path,
    *,
    rounds: int,
    out: Path | None = None,
    machine_name: str | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
) -> Traced:
    """Trace the case called *text*.

    Raises
    ------
    UsageError
        Where *text* is no case, or one that cannot be traced here.
    MeasureError
        Where the case does not work.
    Interrupted
        Where it was stopped.
    """
    case = parse_case(text, max(1, math.floor(usable_cores().number)))
    path, found = tracing.trace(
        case, results, rounds=rounds, out=out, machine_name=machine_name, report=report
    )
    return Traced(path, found, to_records(time_budget([found])))


def as_json(found: Traced) -> dict[str, Any]:
    """The trace as one object: case, budget of each round, and what became of each page; the tasks
    are in the file."""
    files = [
        {"kind": one.kind, "path": _path(found, one.path), "reason": one.reason}
        for one in found.trace.files
    ]
    return {
        "case": found.trace.case.model_dump(mode="json"),
        "name": format_case(found.trace.case),
        "trace": str(found.path),
        "clock": found.trace.clock,
        "untold": found.trace.untold,
        "time_budget": found.budget,
        "files": files,
    }


def as_text(found: Traced) -> str:
    """The budget of the call of median length, and which pages there are."""
    lines = [render({"time_budget": time_budget([found.trace])}, "text")]
    for one in found.trace.files:
        said = _path(found, one.path) if one.path else f"not made: {one.reason}"
        lines.append(f"{one.kind:<20}{said}\n")
    lines.append(f"{'tasks':<20}{found.path}\n")
    return "".join(lines)


def _path(found: Traced, relative: str | None) -> str | None:
    return None if relative is None else str((found.path.parent / relative).resolve())
