from __future__ import annotations

import csv
import io
import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.reading.report.formats import raw
from harness.reading.report.formats.tables import to_csv, to_json, to_records, write

NUMBERS = st.floats() | st.floats(-1e17, 1e17) | st.floats(-2e-4, 2e-4) | st.integers(-9, 9)
WORDS = st.text() | st.sampled_from(["", "a,b", 'a"b', "a\nb", "%s", "é", "=1+1", "-2.5", None])


@st.composite
def frames(draw):
    count = draw(st.integers(0, 5))

    def some(values):
        return draw(st.lists(values, min_size=count, max_size=count))

    absent = st.none()
    return pd.DataFrame(
        {
            "float": pd.Series([float(value) for value in some(NUMBERS)], dtype="float64"),
            "100 %": pd.array(some(absent | st.floats(0, 1e-3)), dtype="Float64"),
            "int": pd.array(some(absent | st.integers(-(2**60), 2**60)), dtype="Int64"),
            "word": pd.array(some(WORDS), dtype="string"),
            "bool": pd.array(some(absent | st.booleans()), dtype="boolean"),
        }
    )


@given(st.lists(NUMBERS, min_size=1), st.sampled_from([1, 10_000]))
def test_numbers_are_written_with_all_their_digits_as_python_does(numbers, times):
    """Of few rows and of many."""
    texts = raw.number_texts(pd.Series(numbers * times, dtype="float64"))
    expected = [None if math.isnan(number) else repr(float(number)) for number in numbers]
    assert texts[: len(numbers)] == texts[-len(numbers) :] == expected


@given(frames())
def test_json_is_that_of_python(frame):
    content = {"a table": to_records(frame), "another": []}
    expected = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    assert to_json({"a table": frame, "another": frame.iloc[:0]}) == expected


def test_json_of_no_table_is_an_empty_object():
    assert to_json({}) == "{}\n"


@given(frames())
def test_csv_is_that_of_pandas(frame):
    """But for texts that would be formulas."""
    words = frame.assign(word=pd.array(list(map(raw.as_text, frame["word"])), dtype="string"))
    assert to_csv({"a table": frame}) == words.to_csv(index=False, lineterminator="\n")


@pytest.mark.parametrize("text", ["=1+1", "+1 | calc", "-2+3", "@SUM(A1)", "\t=1", "\n=1", "-"])
def test_no_text_is_a_formula_to_a_spreadsheet(text):
    frame = pd.DataFrame({"reason": [text, "as it was", None]})
    rows = list(csv.reader(io.StringIO(to_csv({"cases": frame}))))
    assert rows == [["reason"], [f"'{text}"], ["as it was"], [""]]


def test_no_text_leaves_its_cell():
    """A carriage return would end the row to some programs, and begin a cell with what follows."""
    [_, [cell]] = csv.reader(io.StringIO(to_csv({"cases": pd.DataFrame({"reason": ["a\r=1"]})})))
    assert cell == "a\n=1"


@pytest.mark.parametrize("value", ["-2.5", "+1e-3", "-inf", -2.5, -3, None, True, "a=b", ""])
def test_numbers_and_other_values_stay_as_they_are(value):
    assert raw.as_text(value) is value


@pytest.mark.parametrize("style", ["csv", "json"])
def test_a_long_table_is_written_as_one(style, tmp_path):
    """It is written part by part."""
    frame = pd.DataFrame({"number": np.arange(25_000), "share": np.linspace(0, 1, 25_000)})
    [path] = write({"long": frame}, style, tmp_path)
    text = path.read_text(encoding="utf-8")
    rows = pd.read_csv(path) if style == "csv" else pd.DataFrame(json.loads(text)["long"])
    pd.testing.assert_frame_equal(rows, frame)
    assert text == (to_csv if style == "csv" else to_json)({"long": frame})
