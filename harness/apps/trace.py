"""Trace one case, and show its time budget and the pages that its engine made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from harness.core.trace_format import Trace
from harness.reading.analysis.trace.time_budget import time_budget
from harness.reading.report.formats.tables import render, to_records
from harness.running.measure.sweep.ports import Progress
from harness.running.measure.trace import tracing
from harness.running.plan.case_name import format_case, parse_case
from harness.running.plan.sweep import usable_workers


class TracedCase(NamedTuple):
    """A trace, the file that holds it, and the table ``time_budget`` of its calls."""

    path: Path
    trace: Trace
    budget: pd.DataFrame


def trace(
    text: str,
    results: Path,
    *,
    rounds: int,
    out: Path | None = None,
    machine_name: str | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
) -> TracedCase:
    """Trace the case called *text*.

    Parameters
    ----------
    text : str
        As :func:`harness.running.plan.case_name.parse_case` reads it.
    results : Path
        Results folder; the trace stays in it.
    rounds : int
        Traced calls, each beside an untraced one.
    out : Path, optional
        Folder for the pages of the engine; beside the trace by default.
    machine_name : str, optional
    report : callable
        Told of progress.

    Raises
    ------
    UsageError
        Where *text* is no case, or one that cannot be traced here.
    CaseFailedError
        Where the case does not work.
    Interrupted
        Where it was stopped.
    """
    case = parse_case(text, usable_workers())
    path, taken = tracing.trace(
        case, results, rounds=rounds, out=out, machine_name=machine_name, report=report
    )
    return TracedCase(path, taken, time_budget([taken]))


def as_json(traced: TracedCase) -> dict[str, Any]:
    """The case, the budget of each round, and what became of each page; tasks are in the file."""
    return {
        "case": traced.trace.case.model_dump(mode="json"),
        "name": format_case(traced.trace.case),
        "trace": str(traced.path),
        "clock": traced.trace.clock,
        "untold": traced.trace.untold,
        "time_budget": to_records(traced.budget),
        "files": [
            {"kind": page.kind, "path": _page_path(traced, page.path), "reason": page.reason}
            for page in traced.trace.files
        ],
    }


def as_text(traced: TracedCase) -> str:
    """The budget of the call of median length, and where each page is or why it was not made."""
    lines = [render({"time_budget": traced.budget}, "text")]
    for page in traced.trace.files:
        place = _page_path(traced, page.path) or f"not made: {page.reason}"
        lines.append(f"{page.kind:<20}{place}\n")
    lines.append(f"{'tasks':<20}{traced.path}\n")
    return "".join(lines)


def _page_path(traced: TracedCase, relative: str | None) -> str | None:
    """Full path of a page; ``None`` for one that was not made."""
    return str((traced.path.parent / relative).resolve()) if relative else None
