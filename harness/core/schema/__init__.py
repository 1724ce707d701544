"""The tidy tables: the name, dtype, unit and meaning of every column, each of them once.

To add a column, add its row here and the line that computes it. Frames, files and the pages of the
documents take their columns from :data:`TABLES`, so that nothing else has to be edited. The
measuring half fills the tables by way of the journal, the reading half builds frames that obey
them.
"""

from __future__ import annotations

from harness.core.schema.columns import CASE, CHUNKING, GROUP, PROVENANCE, STATUS, Column
from harness.core.schema.cost_tables import CONTROLS, MODEL, RESIDUALS, SCALING, TIME_BUDGET
from harness.core.schema.measured_tables import BLOCKS, CASES, PAIRS
from harness.core.schema.verdict_tables import (
    ANSWERS,
    BREAK_EVEN,
    BREAK_EVEN_WORK,
    COMPARISON,
    CONTRASTS,
    METG,
    PINS,
)
from harness.core.schema.wider_tables import CLAIMS, FORECAST, HISTORY, JOB_CASES, JOBS

__all__ = [
    "ANSWERS",
    "BLOCKS",
    "BREAK_EVEN",
    "BREAK_EVEN_WORK",
    "CASE",
    "CASES",
    "CHUNKING",
    "CLAIMS",
    "COMPARISON",
    "CONTRASTS",
    "CONTROLS",
    "FORECAST",
    "GROUP",
    "HISTORY",
    "JOBS",
    "JOB_CASES",
    "METG",
    "MODEL",
    "PAIRS",
    "PINS",
    "PROVENANCE",
    "RESIDUALS",
    "SCALING",
    "STATUS",
    "TABLES",
    "TIME_BUDGET",
    "Column",
    "dtypes",
    "names",
]

TABLES: dict[str, tuple[Column, ...]] = {
    "pairs": PAIRS,
    "blocks": BLOCKS,
    "cases": CASES,
    "break_even": BREAK_EVEN,
    "break_even_work": BREAK_EVEN_WORK,
    "contrasts": CONTRASTS,
    "answers": ANSWERS,
    "pins": PINS,
    "comparison": COMPARISON,
    "metg": METG,
    "model": MODEL,
    "residuals": RESIDUALS,
    "controls": CONTROLS,
    "scaling": SCALING,
    "jobs": JOBS,
    "job_cases": JOB_CASES,
    "history": HISTORY,
    "forecast": FORECAST,
    "claims": CLAIMS,
    "time_budget": TIME_BUDGET,
}
"""Table name to its columns, in their order."""


def names(table: str) -> list[str]:
    """The column names of *table*, in order."""
    return [column.name for column in TABLES[table]]


def dtypes(table: str) -> dict[str, str]:
    """The pandas dtype of each column of *table*."""
    return {column.name: column.dtype for column in TABLES[table]}
