"""Choose what people get to see of each table: sections of a few columns, with notes."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from harness.core.errors import UnknownNameError
from harness.reading.report.chapters import (
    break_even_chapter,
    case_chapters,
    claim_chapter,
    forecast_chapter,
    job_chapters,
    quantities,
    side_by_side,
    time_budget_chapter,
    work_chapter,
)
from harness.reading.report.shown.section import Chapter

_CHAPTERS: dict[str, Callable[[pd.DataFrame], list[Chapter]]] = {
    "cases": case_chapters.cases,
    "break_even": lambda frame: [break_even_chapter.break_even(frame)],
    "break_even_work": work_chapter.break_even_work,
    "contrasts": lambda frame: [side_by_side.contrasts(frame)],
    "answers": lambda frame: [side_by_side.answers(frame)],
    "comparison": lambda frame: [side_by_side.comparison(frame)],
    "jobs": job_chapters.jobs,
    "history": job_chapters.history,
    "forecast": lambda frame: [forecast_chapter.forecasts(frame)],
    "claims": lambda frame: [claim_chapter.claims(frame)],
    "time_budget": lambda frame: [time_budget_chapter.chapter(frame)],
}
"""Table to its chapters; the others are in ``quantities.QUANTITIES``."""


def chapters(table: str, frame: pd.DataFrame) -> list[Chapter]:
    """Make the chapters that show *frame*.

    Parameters
    ----------
    table : str
        The name of a table; ``pairs`` and ``blocks`` are not shown, but csv and json have them.
    frame : DataFrame
        Obeys the schema of that table.

    Raises
    ------
    UnknownNameError
        Where there is no layout for the table.
    """
    if table in _CHAPTERS:
        return _CHAPTERS[table](frame)
    if table not in quantities.QUANTITIES:
        raise UnknownNameError("table", table, [*_CHAPTERS, *quantities.QUANTITIES])
    if table == "job_cases" and frame.empty:
        return []
    return [quantities.chapter(quantities.QUANTITIES[table], frame)]
