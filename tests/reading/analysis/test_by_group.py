"""Rows by group: which rows make a group, in which order, and what the table is like."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from harness.core import schema
from harness.core.errors import InputError
from harness.core.records import Machine, RunInfo, Verdict
from harness.reading.analysis.by_group import (
    Row,
    by_key,
    column_values,
    group_numbers,
    records,
    records_by,
    rows_by_group,
    to_table,
)

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


def test_records_hold_plain_values_and_none_for_what_is_absent():
    """Whatever the dtype of a column: a reader of a record asks `is None`, and nothing else."""
    frame = pd.DataFrame(
        {
            "run": pd.array(["b", "b", None, "a"], dtype="string"),
            "chunk": pd.array([2, None, 1, 3], dtype="Int64"),
            "paired": pd.array([True, None, False, True], dtype="boolean"),
            "seconds": [0.5, float("nan"), 1.0, 2.0],
            "n": [1, 2, 3, 4],
            "word": ["x", None, pd.NA, float("nan")],
        }
    )
    first, second, third, last = records(frame)
    assert first == {"run": "b", "chunk": 2, "paired": True, "seconds": 0.5, "n": 1, "word": "x"}
    assert [type(value) for value in first.values()] == [str, int, bool, float, int, str]
    assert second == dict.fromkeys(frame.columns) | {"run": "b", "n": 2}
    assert (third["run"], third["word"], last["word"]) == (None, None, None)
    assert column_values(frame["chunk"]) == [2, None, 1, 3]


def test_records_by_key_are_the_rows_of_the_frames_by_key():
    records_of, frames = records_by(FRAME, ["run", "workload"]), by_key(FRAME, ["run", "workload"])
    assert list(records_of) == list(frames)
    for key, frame in frames.items():
        assert records_of[key] == records(frame)
    assert records_by(FRAME.iloc[:0], ["run"]) == {}


def test_a_table_takes_what_rows_may_hold():
    """Numbers of NumPy, words of an enum, and every way to say that a value is absent."""
    rows: list[Row] = [
        {"workload": Verdict.PAYS, "size": np.int64(3), "seconds": np.float64(1.5), "rounds": 4.0},
        {"workload": pd.NA, "size": pd.NA, "seconds": None, "rounds": float("nan")},
        {"workload": "x", "size": None, "seconds": float("nan")},
    ]
    table = to_table("metg", rows)
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == schema.dtypes("metg")
    assert column_values(table["workload"]) == ["pays", None, "x"]
    assert column_values(table["size"]) == [3, None, None]
    assert column_values(table["seconds"]) == [1.5, None, None]
    assert column_values(table["rounds"]) == [4, None, None]
    assert table["target"].isna().all()


@pytest.mark.parametrize("keys", [["workload"], ["run", "workload"]])
def test_numbers_of_groups_count_up_as_groups_appear(keys):
    assert group_numbers(FRAME, keys).tolist() == [0, 1, 0, -1]
    assert group_numbers(FRAME, keys, dropna=False).tolist() == [0, 1, 0, 2]
