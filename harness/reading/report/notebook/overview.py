"""What a notebook shows of everything that was measured: the verdicts of each run, counted."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from harness.core.records import Status, Verdict
from harness.reading.report.shown.cells import text
from harness.reading.report.shown.section import Section

_KEYS = ("run", "machine", "suite", "workload")


def verdicts_counted(cases: pd.DataFrame, notes: Sequence[str]) -> Section:
    """Count the verdicts of each run and workload, and the cases without a result.

    Parameters
    ----------
    cases : DataFrame
        Obeys ``schema.CASES``.
    notes : sequence of str
        To stand below.
    """
    verdicts = [verdict.value for verdict in Verdict]
    rows: list[tuple[str, ...]] = []
    for key, group in cases.groupby(list(_KEYS), sort=False, dropna=False):
        counts = group["verdict"].value_counts()
        without = group["status"].ne(Status.OK).fillna(True).sum()
        numbers = (len(group), *(counts.get(verdict, 0) for verdict in verdicts), without)
        rows.append((*map(text, key), *(str(int(number)) for number in numbers)))
    columns = (*_KEYS, "cases", *verdicts, "no result")
    return Section("verdicts of each run", columns, rows, notes=list(notes))
