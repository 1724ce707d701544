"""Comparisons as tables for people."""

from __future__ import annotations

import pytest

from harness.reading.report.formats.tables import FORMATS, render, to_text
from harness.reading.report.shown.plain import WIDTH
from tests.reading.report.planted_runs import EVERYTHING, judged_run


@pytest.fixture(scope="module")
def tables():
    processes = {("spin-task", "processes", 2, "1", 10): 0.05}
    analysed = judged_run(EVERYTHING | processes, layouts={"processes": (2, 1)})
    return {"contrasts": analysed.contrasts, "answers": analysed.answers}


def test_each_kind_is_a_section_under_what_its_cases_share(tables):
    text = to_text({"contrasts": tables["contrasts"]})
    assert max(map(len, text.splitlines())) <= WIDTH
    lines = [line.strip() for line in text.splitlines()]
    assert "a, workers 2, pin 1" in lines  # practice
    assert "blas-product, executor a, workers 1" in lines  # pin
    assert "spin-task, workers 2, pin 1" in lines  # threads or processes
    assert any(line.startswith("persisted against recomputed") for line in lines)
    assert any(line.startswith("pin cores (2 native threads) against pin 1") for line in lines)
    assert any(line.startswith("a (chunk 10) against processes (chunk 10)") for line in lines)


@pytest.mark.parametrize("style", sorted(FORMATS))
def test_every_answer_is_in_every_format(tables, style):
    shown = "".join(render({"answers": tables["answers"]}, style).split())
    for sentence in tables["answers"]["sentence"]:
        start = "".join(sentence.split("(")[0].split()[:6])
        assert start in shown
