"""What people see of traced cases: the table, the figure and its words."""

from __future__ import annotations

import itertools

import pytest

from harness.core.errors import InputError
from harness.reading.analysis.trace.time_budget import time_budget
from harness.reading.ingest import read_results
from harness.reading.report.analysed import analysed
from harness.reading.report.figures import budget_bars as figure
from harness.reading.report.figures import save_all
from harness.reading.report.formats.tables import render
from tests.reading.analysis.traces import PLANTED, RUN, call, trace
from tests.reading.ingest.builders import sweep, write_journal

UNTOLD = {"submit": "in schedule"}


@pytest.fixture
def results(tmp_path):
    """A machine with two traces and no journal."""
    folder = tmp_path / "results/made-up/traces"
    folder.mkdir(parents=True)
    silent = call([(0, None, None, 1.0, 2.0, None)], 5.0, workers=1)
    for traced in (
        trace(PLANTED),
        trace(silent, untold=UNTOLD, executor="serial-replay", run=RUN.replace("08", "09")),
    ):
        (folder / f"{traced.run.run}.json").write_text(traced.model_dump_json())
    return folder.parents[1]


def test_traces_are_read_from_beside_the_journals(results, tmp_path):
    assert [traced.case.executor for traced in read_results(results).traces] == [
        "dask-threads",
        "serial-replay",
    ]
    assert len(read_results(results / "made-up").traces) == 2
    write_journal(results / "made-up/journal", sweep())
    assert len(read_results(results).traces) == 2


def test_the_parts_are_shown_with_their_shares_and_the_factors(results):
    text = render({"time_budget": time_budget(read_results(results).traces)}, "text")
    shown = [line.split() for line in text.splitlines()]
    assert ["compute", "4.00", "s", "25.0", "%", "inside", "tasks"] in shown
    assert ["submit", "-", "-", "in", "schedule"] in shown
    assert ["all", "workers", "16.0", "s", "100", "%", "2", "workers", "x", "8.00", "s"] in shown
    assert "load balance 0.667, communication efficiency 0.375" in text


def test_a_bar_for_each_case_and_its_words(results):
    (drawn,) = figure.planned(analysed(results))
    assert drawn.what == "spin-task"
    (axes,) = drawn.figure.axes
    assert [label.get_text().split("\n")[0] for label in axes.get_yticklabels()] == [
        "dask-threads",
        "serial-replay",
    ]
    outlines = [bar.get_path().transformed(bar.get_patch_transform()) for bar in axes.patches]
    whole = sum(outline.get_extents().width for outline in outlines)
    assert whole == pytest.approx(2)
    hatches = [patch.get_hatch() for patch in drawn.figure.legends[0].get_patches()]
    assert all(left != right for left, right in itertools.pairwise(hatches))
    assert "dask-threads, 2 workers, chunk 50: compute 25 %" in drawn.alt
    assert "not told apart: submit" in drawn.alt


@pytest.mark.e2e
def test_the_figure_is_written_with_the_others(results, tmp_path):
    saved = save_all(analysed(results), tmp_path / "figures")
    assert [file.path.suffix for file in saved] == [".png", ".svg"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [("{", "no trace"), ("[]", "no trace"), ('{"v": 1}', "no trace"), ('{"v": 9}', "version 9")],
)
def test_a_broken_trace_is_refused_by_its_name(results, content, reason):
    (results / "made-up/traces/broken.json").write_text(content)
    with pytest.raises(InputError, match=f"broken.json.*{reason}") as refused:
        read_results(results)
    assert "\n" not in str(refused.value)
