"""The page that compares machines two by two: what changed, and whether it is more than noise."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from harness.core import units
from harness.core.errors import InputError
from harness.core.units import plural
from harness.reading.analysis.by_group import records
from harness.reading.analysis.verdict.comparison import MIN_RUNS, over_cases
from harness.reading.report.chapters.comparison_in_short import in_short
from harness.reading.report.compared import of_results
from harness.reading.report.shown.cells import estimate, has_numbers, number, text, verdict
from harness.reading.report.shown.section import Section, setup
from harness.reading.report.site.source import SiteTables
from harness.reading.report.site.words import elements

MOST = 45
"""Pairs of machines compared on one page: those of ten machines."""


@dataclass(frozen=True)
class Comparison:
    """Two machines: what the run lines say changed, and tables; or why there is none.

    Attributes
    ----------
    ratios : list of dict
        A point for all cases, then one for each workload: how many times as long B takes.
    to_do : str
        What is missing before differences can be judged; empty where they are.
    """

    a: str
    b: str
    changed: list[dict[str, str]] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    headline: str = ""
    reason: str = ""
    ratios: list[dict[str, Any]] = field(default_factory=list)
    to_do: str = ""


def comparisons(source: SiteTables) -> Iterator[Comparison]:
    """Compare every two machines, at most :data:`MOST` pairs of them."""
    if source.judged is None:
        return
    pairs = itertools.combinations(source.machines, 2)
    for a, b in itertools.islice(pairs, MOST):
        try:
            compared = of_results((a, b), source.of_machine(a), source.of_machine(b))
        except InputError as error:
            yield Comparison(a, b, reason=str(error))
            continue
        first, second = compared.runs
        short = in_short(compared.table, (len(first), len(second)))
        yield Comparison(
            a,
            b,
            compared.changed,
            short.sections,
            short.heading,
            ratios=[*_ratios(compared.table)],
            to_do=_to_do(compared.table),
        )


def _to_do(table: pd.DataFrame) -> str:
    """Say how many more runs it takes until the case with most of them is judged."""
    have = {letter: int(table[f"n_{letter.lower()}"].max()) for letter in "AB"}
    more = [
        f"{plural(MIN_RUNS - n, 'more run')} of the same suite on {letter}"
        for letter, n in have.items()
        if n < MIN_RUNS
    ]
    return f"Not judged yet: it takes {' and '.join(more)}." if more else ""


def _ratios(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Sum up how many times as long B takes: over all cases, then workload by workload, the one
    where B is ahead most first."""
    workloads = [
        point
        for name, rows in table.groupby("workload", sort=True)
        if (point := _ratio(str(name), rows))
    ]
    whole = _ratio("all workloads", table)
    if whole:
        yield whole
        yield from sorted(workloads, key=lambda point: point["point"])


def _ratio(name: str, rows: pd.DataFrame) -> dict[str, Any] | None:
    over = over_cases(rows, "seconds")
    if over is None:
        return None
    half = f"middle half {units.ratio(over.low)} to {units.ratio(over.high)}"
    return {
        "label": f"{name} ({plural(over.cases, 'case')})",
        "point": over.median,
        "low": over.low,
        "high": over.high,
        "text": f"{units.ratio(over.median)} times as long ({half})",
        "verdict": "undetermined",
    }


def side_by_side(source: SiteTables) -> Iterator[Section]:
    """Show every case that two machines have, with its figures on each; nothing is judged."""
    if len(source.machines) < 2:
        return
    keys = ["workload", "size", "executor", "workers", "pin", "chunk"]
    newest = source.cases.sort_values("run").drop_duplicates([*keys, "machine"], keep="last")
    shared = newest.groupby(keys, dropna=False)["machine"].transform("nunique").gt(1)
    both = newest[shared & newest["paired"].eq(True)].sort_values([*keys, "machine"])
    for (workload, size), rows in both.groupby(["workload", "size"], sort=True):
        cells: list[tuple[str, ...]] = [
            (
                *setup(row),
                number(row["chunk"], units.count),
                text(row["machine"]),
                estimate(row, "speedup", units.ratio) if has_numbers(row) else "-",
                estimate(row, "overhead_us_per_task", units.seconds, 1e-6)
                if has_numbers(row)
                else "-",
                number(row["rounds"], units.count),
                verdict(row),
            )
            for row in records(rows)
        ]
        columns = (
            "executor",
            "workers",
            "pin",
            "chunk",
            "machine",
            "speed-up",
            "overhead per task",
            "rounds",
            "verdict",
        )
        yield Section(f"{workload}, {elements(size)}", columns, cells)
