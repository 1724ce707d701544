"""On a narrow terminal columns are left out before a word breaks, and the text says which."""

from __future__ import annotations

import pytest

from harness.reading.report.formats.tables import to_terminal, to_text
from harness.reading.report.formats.text_report import fitted, without
from harness.reading.report.shown.section import Section
from tests.reading.report.frames import break_even_frame, cases_frame

TABLES = {"cases": cases_frame(), "break_even": break_even_frame()}


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_too_wide_and_no_word_is_broken(width):
    text = to_terminal(TABLES, width)
    assert max(map(len, text.splitlines())) <= width
    lines = [line for line in text.splitlines() if "left out" not in line and "─" not in line]
    assert set(" ".join(lines).split()) <= set(to_text(TABLES).split())


def test_what_is_left_out_is_named_and_the_verdict_stays():
    text = to_terminal(TABLES, 70)
    assert "left out at this width: time, overhead per task" in text
    assert "exceeds gain" in text
    assert "left out" not in to_terminal(TABLES, 120)


def test_spare_columns_go_first_then_the_rest_from_the_right():
    section = Section("", ("a", "b", "c", "d"), [("1" * 9,) * 4], spare=("b",))
    assert fitted(section, 100) == section
    assert fitted(section, 36).columns == ("a", "c", "d")
    assert fitted(section, 27).columns == ("a", "d")
    assert fitted(section, 1).columns == ("a", "d")
    assert without(section, ["c"]).rows == [("1" * 9,) * 3]
