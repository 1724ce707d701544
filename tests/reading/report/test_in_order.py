"""Rows of several places come in the order of the table, no more of them at once than needed."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from harness.reading.analysis.verdict.contrasts import KINDS
from harness.reading.ingest import to_frame
from harness.reading.report.formats.parquet_tables import to_arrow
from harness.reading.report.in_order import in_order

PLACE = {run: i for i, run in enumerate("abcdef")}


@dataclass
class Rows:
    """A source with rows of these runs, and perhaps some of no run."""

    name: str
    rows_of: list[dict[str, str]]

    @property
    def runs(self):
        return {row["run"] for row in self.rows_of} & PLACE.keys()

    def rows(self, name, columns=None):
        frame = to_frame(name, self.rows_of)
        return to_arrow(name, frame if columns is None else frame[[*columns]])


def source(*runs, name="forecast", **same):
    return Rows(name, [{"run": run, "machine": "m", "workload": "w"} | same for run in runs])


def runs_of(pieces):
    return [piece["run"].to_pylist() for piece in pieces]


def test_runs_come_in_their_order_and_apart_where_they_lie_apart():
    """Only sources whose runs lie among one another are together in memory."""
    sources = [source("e", "f"), source("a", "c"), source("d", "b")]
    assert runs_of(in_order("forecast", sources, PLACE)) == [["a", "b", "c", "d"], ["e", "f"]]


def test_rows_of_no_run_come_last_and_once():
    """Those of the first source that has any, as published figures are in each part."""
    sources = [source("b", "published"), source("a"), source("c", "published", "published")]
    pieces = runs_of(in_order("forecast", sources, PLACE))
    assert [run for piece in pieces for run in piece] == ["a", "b", "c", "published"]


def test_a_table_with_kinds_has_each_kind_over_all_runs():
    rows = [
        {"run": run, "machine": "m", "workload": "w", "kind": kind}
        for run in ("c", "a")
        for kind in reversed(KINDS)
    ]
    pieces = in_order("contrasts", [Rows("contrasts", rows)], PLACE, ["run", "kind"])
    found = pd.concat([piece.to_pandas() for piece in pieces])
    assert [*zip(found["kind"], found["run"])] == [(kind, run) for kind in KINDS for run in "ac"]
