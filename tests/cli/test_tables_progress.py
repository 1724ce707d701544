from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.reading.report.analysed import TABLES, analysed
from harness.reading.report.formats.tables import render
from tests.cli.pseudo_terminal import all_of, terminal
from tests.reading.ingest.builders import sweep, write_journal
from tests.source_names import ROOT

ERASE = "\x1b[2K"  # the line that the cursor is on


@pytest.fixture
def results(tmp_path):
    write_journal(tmp_path / "results/made-up", sweep())
    return tmp_path / "results"


def run(results: Path, stderr: int) -> str:
    """What ``tables`` writes to stdout."""
    done = subprocess.run(
        [sys.executable, "-m", "harness", "tables", "--all", "--results", str(results)],
        env=os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=stderr,
        check=True,
        text=True,
        timeout=200,
    )
    return done.stdout


def test_a_terminal_shows_what_is_judged_and_nothing_of_it_stays(results):
    ours, theirs = terminal(columns=80)
    try:
        out = run(results, theirs)
    finally:
        os.close(theirs)
    shown = all_of(ours)
    assert out == render(analysed(results).tables, "text")
    assert f"judging: metg {list(TABLES).index('metg')} of {len(TABLES)}" in shown
    assert shown.endswith(ERASE)


def test_steps_only_go_on(results):
    told: list[tuple[str, int, int]] = []
    analysed(results, lambda *step: told.append(step))
    assert [of for _, _, of in told] == [len(TABLES)] * len(told)
    done = [done for _, done, _ in told]
    assert done == sorted(done)
