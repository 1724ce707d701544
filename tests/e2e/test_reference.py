"""The committed result of a real machine: readable, publishable, and silent about its owner."""

from __future__ import annotations

import getpass
import json
import os
import platform
import re
import subprocess
from pathlib import Path

import pytest

from harness.apps.asv.site import publish
from harness.apps.exercise import read_answer
from tests.apps.asv.asv_site import missing_for_browser, open_asv_site

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "results" / "reference-2core"
FILES = sorted(path for path in REFERENCE.rglob("*") if path.is_file())


@pytest.mark.e2e
def test_there_is_a_committed_result_of_every_suite_and_of_the_exercise(reference):
    """What the README shows is in the repository, complete."""
    suites = {path.stem for path in (ROOT / "benchmarks").glob("*.py") if path.stem[0] != "_"}
    assert set(reference.cases["suite"]) >= suites | {"settle"}
    assert not reference.notes


@pytest.mark.e2e
def test_many_small_chunks_cost_more_than_they_gain_on_the_reference_machine(reference):
    """The exercise's first example has its verdict with an interval, and NumPy's two generators
    differ."""
    cases = reference.cases
    many = cases[(cases["suite"] == "settle") & (cases["chunk"] == 1000)].iloc[0]
    assert many["verdict"] == "overhead exceeds gain"
    assert many["speedup_low"] < many["speedup_high"] < 1
    literal = cases[(cases["workload"] == "random-sum-as-written")].iloc[0]
    assert literal["speedup_high"] < 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_is_committed_names_no_path_host_or_user(path):
    """Nobody's folders, host or login travel with a published result."""
    text = path.read_text(encoding="utf-8")
    secrets = {str(Path.home()), str(ROOT), platform.node(), os.environ.get("USER", "")}
    secrets |= {getpass.getuser()}
    for secret in secrets - {"", "/", "root", "localhost"}:
        assert secret not in text, secret
    assert not re.search(r'"/[A-Za-z]', text), "an absolute path"


def _in_history(commit: str) -> bool:
    done = subprocess.run(
        ["git", "cat-file", "-e", f"{commit}^{{commit}}"], cwd=ROOT, capture_output=True
    )
    return done.returncode == 0


@pytest.mark.browser
@pytest.mark.skipif(missing_for_browser() is not None, reason=missing_for_browser() or "")
def test_the_committed_result_publishes_and_its_graphs_draw(tmp_path):
    """``chunkbench publish`` of the reference alone gives a site whose pages plot its figures."""
    (result,) = (path for path in REFERENCE.glob("*.json") if path.name != "machine.json")
    if not _in_history(json.loads(result.read_text())["commit_hash"]):
        pytest.skip("the measured commit is not in this checkout's history: a shallow clone")
    page = publish(ROOT / "results", tmp_path)
    plot = "jQuery('#main-graph').data('plot')"
    with open_asv_site(page.parent) as site:
        site.page.wait_for_selector(".benchmark-container")
        name = "task_grain.SpinTask.track_time_ratio"
        site.page.goto(f"{site.url}/index.html#{name}")
        site.page.wait_for_function(f"{plot} && {plot}.getData().length > 0")
        points = site.page.evaluate(
            f"{plot}.getData().flatMap(one => one.data.filter(p => p[1] !== null)).length"
        )
        site.page.screenshot(path=tmp_path / "graph.png")
    assert points > 0
    assert site.errors == []
    assert site.refused == []


@pytest.mark.e2e
def test_the_readme_shows_this_result():
    """The README's table is what the committed journal says, to the letter."""
    (journal,) = REFERENCE.glob("journal/*-settle-*.jsonl")
    assert read_answer(journal).text() in (ROOT / "README.md").read_text(encoding="utf-8")
