"""What was measured on another Python is never taken for what a machine runs."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from harness.core import schema
from harness.core.errors import UsageError
from harness.core.records import Block, Machine, RunInfo
from harness.reading.analysis.models.empty import empty_sweeps
from harness.reading.analysis.own_python import without_others
from harness.reading.analysis.series.history import history
from harness.reading.analysis.verdict.cases import cases
from harness.reading.analysis.verdict.grouped_rounds import ok_rounds
from harness.reading.ingest import read_results
from harness.reading.ingest.chosen import chosen
from tests.reading.ingest.builders import run_info, sweep, write_journal

ELSEWHERE = "CPython 3.10.13, numpy 1.23.5"


@pytest.fixture
def results(tmp_path):
    """Of one machine a run on its own Python, and a later one on another; of a second machine two
    runs on two others."""
    for folder, run, environment in (
        ("one", "20260101T000000Z-s-1", None),
        ("one", "20260102T000000Z-s-2", ELSEWHERE),
        ("two", "20260103T000000Z-s-3", ELSEWHERE),
        ("two", "20260104T000000Z-s-4", "CPython 3.12.1, numpy 2.4.6"),
    ):
        first = run_info(run=run, machine=Machine(name=folder), environment=environment)
        lines = []
        for line in sweep(8):
            changes: dict[str, str | None] = {"run": run}
            if isinstance(line, Block):
                changes |= {"environment": environment}
            is_first = isinstance(line, RunInfo)
            lines.append(first if is_first else line.model_copy(update=changes))
        write_journal(tmp_path / folder, lines, name=run)
    return tmp_path


def test_a_case_says_on_which_other_python_it_was_measured(results):
    read = read_results(results)
    judged = cases(read.pairs, read.blocks, read.runs)
    by_run: dict[str, Any] = dict(zip(judged["run"], judged["environment"], strict=True))
    assert pd.isna(by_run["20260101T000000Z-s-1"])
    assert by_run["20260102T000000Z-s-2"] == ELSEWHERE


def test_the_newest_run_of_a_machine_is_one_on_its_own_python(results):
    """A machine that was measured on others alone keeps them."""
    read = read_results(results)
    judged = cases(read.pairs, read.blocks, read.runs)
    kept = {run[-1] for run in without_others(judged)["run"]}
    assert kept == {"1", "3", "4"}


def test_a_machine_that_is_compared_stands_for_its_own_python(results):
    assert list(chosen(results, "one").runs) == ["20260101T000000Z-s-1"]
    assert set(chosen(results, "one").pairs["run"]) == {"20260101T000000Z-s-1"}
    assert list(chosen(results, "20260102T000000Z-s-2").runs) == ["20260102T000000Z-s-2"]
    with pytest.raises(UsageError, match=r"two has 2 environments \(.*\): name a run"):
        chosen(results, "two")


def test_the_history_of_a_machine_has_no_run_on_another_python(results):
    read = read_results(results / "one")
    judged = cases(read.pairs, read.blocks, read.runs)
    edges, metg = (
        pd.DataFrame(columns=schema.names(table)).astype(schema.dtypes(table))
        for table in ("break_even", "metg")
    )
    followed = history(judged, edges, metg, read.runs, ("speedup",))
    assert set(followed["run"]) == {"20260101T000000Z-s-1"}


def test_an_empty_task_sweep_anchors_runs_of_its_own_environment_alone(results):
    read = read_results(results / "one")
    pairs = read.pairs.assign(workload="empty-task")
    newest = empty_sweeps(pairs, ok_rounds(pairs), read.runs).newest
    assert {(key[2], sweep.run[-1]) for key, sweep in newest.items()} == {
        (None, "1"),
        (ELSEWHERE, "2"),
    }
