"""What people are shown of METG, the model, the controls and scaling."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.apps.selftest.simulate import EMPTY, SIZE, cases, simulated
from harness.reading.ingest import to_frame
from harness.reading.report.analysed import analysed
from harness.reading.report.formats.tables import FORMATS, render, to_text
from harness.reading.report.shown.plain import WIDTH
from harness.running.measure.sweep.scripted import Planted
from tests.reading.report.frames import PROBLEM

SETUP = {**PROBLEM, "executor": "dask-threads", "workers": 2, "pin": "1"}
NAMES = ("metg", "model", "controls", "scaling")


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """The four tables of one simulated sweep over four numbers of workers."""
    folder = tmp_path_factory.mktemp("quantities")
    truth = Planted(work=0.1, fixed=0.002, serial=23e-6, parallel=10e-6, ceiling=1.9, noise=0.02)
    chunks = [1 << step for step in range(6, 13)]
    planned = [case for workers in (1, 2, 4, 8) for case in cases(chunks, workers=workers)]
    planned += cases([256, 1024, 8192, SIZE // 16], EMPTY)
    simulated(folder, planned, truth, 0, others={EMPTY: replace(truth, work=1e-5)})
    tables = analysed(folder).tables
    return {name: tables[name] for name in NAMES}


@pytest.mark.simulation
@pytest.mark.parametrize("style", sorted(set(FORMATS) & {"text", "markdown"}))
def test_every_table_has_a_layout(tables, snapshot, style):
    text = render(tables, style)
    assert text == snapshot
    if style == "text":
        assert max(map(len, text.splitlines())) <= WIDTH


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_table_says_so(name):
    assert "nothing measured yet" in to_text({name: to_frame(name, [])})


@pytest.mark.parametrize(
    ("censored", "shown"),
    [("below", "<= 1.20 ms"), ("above", ">= 1.20 ms"), ("never", "never"), (None, "-")],
)
def test_a_censored_metg_is_a_bound_and_never_a_number_with_an_interval(censored, shown):
    end = {"below": "_high", "above": "_low"}.get(censored)
    row = {**SETUP, "target": 0.5, "censored": censored, "reason": "the rounds do not tell"}
    row |= {f"seconds{end}": 1.2e-3, f"over_baseline{end}": 0.02} if end else {}
    text = to_text({"metg": to_frame("metg", [row])})
    line = next(line for line in text.splitlines() if line.strip().startswith("50 %"))
    assert line.split("50 %")[1].strip().startswith(shown)
    assert "[" not in line
    assert "the rounds do not tell" in text


def test_a_cost_that_was_not_seen_is_shown_as_its_upper_end():
    row = {**SETUP, "not_identifiable": "serial_us_per_task", "serial_us_per_task_high": 12.0}
    row |= {"accepted": True, "anchored": True, "residual": 0.03, "ceiling": 1.9}
    text = to_text({"model": to_frame("model", [row])})
    assert "<= 12.0 µs" in text
    assert "so the fixed cost is loose" not in text


def test_workers_that_took_part_in_one_fit_or_were_added_are_named():
    row = {**SETUP, "accepted": True, "anchored": True, "residual": 0.03, "ceiling": 1.9}
    alone = to_text({"model": to_frame("model", [row | {"fitted_workers": "2"}])})
    assert "one fit" not in alone
    assert "the sweep added" not in alone
    shared = {"fitted_workers": "1, 2", "added_workers": "1"}
    text = to_text({"model": to_frame("model", [row | shared])})
    assert "one fit of the points with 1, 2 workers" in text
    assert "the sweep added 1 worker, to see a cost that was open" in text
