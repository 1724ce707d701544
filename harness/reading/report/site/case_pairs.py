"""Collect the pairs of each case for the page of its workload, so that their spread is seen."""

from __future__ import annotations

from typing import Any

import pandas as pd

from harness.reading.analysis.by_group import records
from harness.reading.report.shown.cells import Row, absent, text
from harness.reading.report.shown.section import parted
from harness.reading.report.site.source import SiteTables
from harness.reading.report.site.words import setup_words, sweep

_CASE = ["run", "machine", "workload", "size", "executor", "workers", "pin", "chunk"]
_COLUMNS = [
    *_CASE,
    *("suite", "profile", "block", "round", "purpose", "first"),
    *("parallel_seconds", "serial_seconds"),
]
_DIGITS = 5


def measured_pairs(source: SiteTables, workload: str) -> pd.DataFrame:
    """Keep the pairs with a result behind the cases of *workload*; none without journals.

    Returns
    -------
    DataFrame
        Some columns of ``schema.PAIRS``, by case, start-up and round.
    """
    if source.judged is None:
        return pd.DataFrame(columns=_COLUMNS)
    cases = source.cases
    of_workload = cases[cases["workload"].eq(workload)]
    pairs = source.judged.read.pairs
    good = (
        pairs["workload"].eq(workload)
        & pairs["run"].isin(set(of_workload["run"]))
        & pairs["status"].eq("ok")
        & pairs["parallel_seconds"].gt(0)
        & pairs["serial_seconds"].gt(0)
    )
    kept = pairs.loc[good.fillna(False).to_numpy(dtype=bool), _COLUMNS]
    return kept.sort_values([*_CASE, "block", "round"], kind="stable").reset_index(drop=True)


def pair_lists(pairs: pd.DataFrame) -> list[dict[str, Any]]:
    """List each case with its pairs, ready for JSON.

    A pair is its start-up, its round, the two times in seconds, whether the case ran first, and why
    the sweep added it, or ``None`` where it was planned.
    """
    return [_listed(rows) for rows in parted(records(pairs), _CASE)]


def _listed(rows: list[Row]) -> dict[str, Any]:
    first = rows[0]
    return {
        "machine": text(first["machine"]),
        "sweep": f"{text(first['run'])}|{text(first['size'])}",
        "sweep_text": sweep(first),
        "executor": text(first["executor"]),
        "workers": int(first["workers"]),
        "pin": text(first["pin"]),
        "case": setup_words(first),
        "pairs": [
            [
                int(row["block"]),
                int(row["round"]),
                float(f"{row['parallel_seconds']:.{_DIGITS}g}"),
                float(f"{row['serial_seconds']:.{_DIGITS}g}"),
                row["first"] == "parallel",
                None if absent(row["purpose"]) else str(row["purpose"]),
            ]
            for row in rows
            if not absent(row["block"]) and not absent(row["round"])
        ],
    }
