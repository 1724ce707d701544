"""An executor runs in the environment built for it, its baseline too, beside others run here."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy
import pandas as pd
import pytest

from harness.core.errors import UsageError
from harness.core.records import Case, Status
from harness.reading.analysis.own_python import without_others
from harness.reading.analysis.verdict.cases import cases as judged
from harness.reading.analysis.verdict.verdicts import decided
from harness.reading.ingest import read_results
from harness.reading.ingest.chosen import chosen
from harness.running.executors import lookup
from harness.running.measure.environment.built_environment import CACHE, READY
from harness.running.measure.environment.homes import homes_of
from harness.running.measure.environment.named_environments import folder_of, recipe
from harness.running.measure.sweep.session import measure
from harness.running.plan.profiles import make_profile
from harness.running.plan.sweep import SweepPlan

HERE = Case(workload="empty-task", size=50, executor="thread-pool", workers=1, pin="1", chunk=10)
THERE = Case(
    workload="frame-groupby", size=2_000, executor="polars", workers=2, pin="1", chunk=2_000
)

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory):
    """The environment ``polars``, which finds the packages of this one."""
    if lookup("polars").missing():
        pytest.skip("no Polars here")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE, str(tmp_path_factory.mktemp("environments")))
        folder = folder_of("polars")
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        [site] = folder.glob("lib/python*/site-packages")
        (site / "all.pth").write_text(f"{Path(str(numpy.__file__)).parents[1]}\n")
        (folder / READY).write_text(json.dumps(recipe("polars").asked))
        yield folder


@pytest.fixture(scope="module")
def results(home, tmp_path_factory):
    """The results of a sweep with a case here and one there."""
    folder = tmp_path_factory.mktemp("results")
    profile = replace(make_profile("smoke"), blocks=(2,), looks=None, budget_seconds=None)
    measure(SweepPlan("own", profile, (HERE, THERE)), folder, decide=decided, machine_name="m")
    return folder


def test_each_start_up_says_where_it_ran(results, home):
    found = read_results(results)
    [info] = found.runs.values()
    [name] = info.homes.values()
    assert info.homes == {"polars": name}
    assert info.environment is None
    assert name.startswith(f"CPython {sys.version.split()[0]}, numpy {numpy.__version__}, polars ")
    assert str(info.versions["polars"]) in name
    [journal] = found.journals
    blocks = {block.executor: block for block in journal.blocks}
    assert (blocks["polars"].environment, blocks["polars"].home) == (name, "polars")
    assert set(blocks["polars"].versions) == {"numpy", "polars", "pandas"}
    assert (blocks["thread-pool"].environment, blocks["thread-pool"].home) == (None, None)
    assert [pair.status for pair in journal.pairs] == [Status.OK] * 4


def test_it_stays_beside_what_was_measured_here(results):
    """It is where it belongs, unlike what somebody measured on another Python."""
    found = read_results(results)
    table = judged(found.pairs, found.blocks, found.runs)
    assert dict(zip(table["executor"], table["home"].fillna("-"))) == {
        "polars": "polars",
        "thread-pool": "-",
    }
    pd.testing.assert_frame_equal(without_others(table), table)
    other = table.assign(run="other", home=pd.array([None, None], dtype="string"))
    both = pd.concat([other, table], ignore_index=True)
    assert set(without_others(both)["run"]) == set(table["run"])


def test_a_machine_with_two_environments_of_an_executor_is_no_side_of_a_comparison(results):
    """What was measured with other pins is another thing."""
    [path] = results.glob("m/journal/*.jsonl")
    text = path.read_text()
    info = json.loads(text.splitlines()[0])
    newer = info["homes"]["polars"].replace("polars ", "polars 9")
    other = text.replace(info["homes"]["polars"], newer).replace(info["run"], f"{info['run']}9")
    copy = path.with_name(f"{info['run']}9.jsonl")
    copy.write_text(other)
    try:
        with pytest.raises(UsageError, match=r"m has polars in 2 .*: name a run"):
            chosen(results, "m")
    finally:
        copy.unlink()


def test_where_it_is_not_built_the_packages_of_here_are_used(home, monkeypatch, tmp_path):
    monkeypatch.setenv(CACHE, str(tmp_path))
    assert homes_of(["polars"]).of("polars") is None
    assert homes_of(["polars"]).missing_of(lookup("polars")) is None
