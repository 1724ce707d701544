"""The page that compares machines two by two: what changed, and whether it is more than noise."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.core import units
from harness.core.errors import InputError
from harness.reading.analysis.by_group import records
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
    """Two machines: what the run lines say changed, and tables; or why there is none."""

    a: str
    b: str
    changed: list[dict[str, str]] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    headline: str = ""
    reason: str = ""


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
        yield Comparison(a, b, compared.changed, short.sections, short.heading)


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
