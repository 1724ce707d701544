from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.reading.ingest import to_frame
from harness.reading.report.formats.latex import escaped
from harness.reading.report.formats.tables import to_latex
from tests.reading.report.frames import break_even_frame, case_row, cases_frame


@pytest.fixture(scope="module")
def document():
    return to_latex({"cases": cases_frame(), "break_even": break_even_frame()})


def test_it_is_a_whole_document_with_the_packages_that_it_uses(document):
    assert document.startswith("\\documentclass")
    assert document.endswith("\\end{document}\n")
    for package in ("booktabs", "longtable", "inputenc", "fontenc"):
        assert re.search(rf"\\usepackage(\[.*\])?{{{package}}}", document)


def test_every_environment_that_begins_ends(document):
    stack = []
    for kind, name in re.findall(r"\\(begin|end){(\w+)}", document):
        if kind == "begin":
            stack.append(name)
        else:
            assert stack.pop() == name
    assert stack == []


def test_every_row_has_the_cells_that_its_table_has_columns(document):
    tables = re.findall(r"\\begin{longtable}{([lr]+)}(.*?)\\end{longtable}", document, re.S)
    assert len(tables) == 3
    for shape, body in tables:
        for rule in ("\\toprule", "\\midrule", "\\bottomrule"):
            assert body.count(rule) == 1
        rows = [line for line in body.splitlines() if line.endswith(r" \\")]
        assert {len(re.split(r"(?<!\\)&", row)) for row in rows} == {len(shape)}


def test_signs_of_latex_in_names_are_text():
    text = to_latex({"cases": to_frame("cases", [case_row("a_b%c&d#e$f{g}", 10)])})
    assert r"a\_b\%c\&d\#e\$f\{g\}" in text


@given(st.text(st.characters(max_codepoint=126)))
def test_no_special_sign_is_left_bare(text):
    shown = escaped(text)
    assert re.search(r"(?<!\\)[&%$#_]", shown) is None
    assert re.search(r"\n|~|\^|<|>|\|", shown) is None
    assert shown.count("{") - shown.count("\\{") == shown.count("}") - shown.count("\\}")
