"""Rows by group: which rows make a group, in which order, and what the table is like."""

from __future__ import annotations

import pandas as pd
import pytest

from harness.core import schema
from harness.core.errors import InputError
from harness.core.records import Machine, RunInfo
from harness.reading.analysis.by_group import by_key, rows_by_group, to_table

INFO = RunInfo(run="b", suite="s", profile="p", machine=Machine(name="m"), level=0.9)
FRAME = pd.DataFrame(
    {
        "run": ["b", "b", "b", "b"],
        "workload": ["y", "x", "y", None],
        "seconds": [3.0, 1.0, 2.0, 9.0],
    }
)


def test_groups_and_rows_keep_the_order_in_which_they_come():
    groups = by_key(FRAME, ["run", "workload"])
    assert list(groups) == [("b", "y"), ("b", "x")]
    assert list(groups["b", "y"]["seconds"]) == [3.0, 2.0]


def test_a_row_without_a_key_is_in_no_group():
    """Unpaired timings of ASV have no size: they are in the table of cases and never judged."""
    assert sum(len(rows) for rows in by_key(FRAME, ["run", "workload"]).values()) == 3


def test_one_key_is_a_tuple_as_several_are():
    assert list(by_key(FRAME, ["run"])) == [("b",)]


def test_a_table_is_made_of_the_rows_of_each_group():
    def rows_of(key, rows, info):
        return [{"workload": key[1], "size": len(rows), "target": info.level, "no column": 1}]

    table = rows_by_group("metg", ["run", "workload"], {"b": INFO}, rows_of, FRAME)
    assert list(table["workload"]) == ["y", "x"]
    assert list(table["size"]) == [2, 1]
    assert list(table["target"]) == [0.9, 0.9]
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == schema.dtypes("metg")


@pytest.mark.parametrize("frame", [FRAME.iloc[:0], pd.DataFrame(columns=["run", "workload"])])
def test_an_empty_frame_gives_an_empty_table_with_its_columns(frame):
    table = rows_by_group("metg", ["run", "workload"], {}, lambda *_: [], frame)
    assert table.equals(to_table("metg", []))


def test_a_run_without_a_run_line_is_an_error():
    with pytest.raises(InputError, match="run b has no run line"):
        rows_by_group("metg", ["run", "workload"], {}, lambda *_: [], FRAME)
