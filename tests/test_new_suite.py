"""A new suite is one file: ASV finds it, it has its share of the budget, and it is measured."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import asv.benchmark
import pytest

from harness.running.plan.profiles import PROFILES
from harness.suite import suite_plan

ROOT = Path(__file__).parents[1]
SUITE = '''"""Is it worth sharing out what costs nothing?"""

from harness.suite import _Suite, _sweep


class Shared(_Suite):
    """Do nothing in many tasks."""

    workload = "empty-task"
    share = {share}
    axes = {{
        "executor": ("serial-replay", "thread-pool"),
        "workers": (1, "cores"),
        "pin": ("1",),
        "chunk": (50,),
    }}


def setup_cache():
    return _sweep(__name__)
'''
MEASURE = """
import json, sys
from {package}.only import setup_cache
print(json.dumps([[*case, sorted(metrics)] for case, metrics in setup_cache().items()]))
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of suites with one file, importable like ``benchmarks``."""
    package = tmp_path / f"suites_of_{os.getpid()}"
    package.mkdir()
    (package / "only.py").write_text(SUITE.format(share=1.0))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("CHUNKBENCH_PROFILE", "smoke")
    monkeypatch.setenv("CHUNKBENCH_RESULTS", str(tmp_path / "results"))
    monkeypatch.delenv("CHUNKBENCH_BUDGET", raising=False)
    yield package
    for name in [name for name in sys.modules if name.startswith(package.name)]:
        del sys.modules[name]


def plan(folder, stem):
    module = importlib.import_module(f"{folder.name}.{stem}")
    return suite_plan(module.__name__)


def test_it_is_one_file_and_asv_finds_it(folder):
    assert [path.name for path in folder.iterdir()] == ["only.py"]
    file = folder.parent / "discovered.json"
    done = subprocess.run(
        [sys.executable, asv.benchmark.__file__, "discover", str(folder), str(file)],
        env=os.environ | {"PYTHONPATH": str(ROOT), "ASV_PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        cwd=folder.parent,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert {entry["name"] for entry in json.loads(file.read_text())} == {
        f"only.{suite}.{metric}"
        for suite in ("Shared", "SharedSerial")  # the serial replay has a class of its own
        for metric in ("track_time_ratio", "track_seconds", "track_overhead_per_task")
    }


def test_alone_it_has_the_whole_budget(folder):
    planned = plan(folder, "only")
    assert planned.suite == "only"
    assert {case.executor for case in planned.cases} == {"serial-replay", "thread-pool"}
    assert planned.profile.budget_seconds == PROFILES["smoke"].budget_seconds


def test_beside_others_it_has_its_share_without_a_change_to_them(folder):
    """Shares are weights: those of all files together are the whole."""
    (folder / "another.py").write_text(SUITE.format(share=3.0))
    importlib.invalidate_caches()
    budgets = [plan(folder, stem).profile.budget_seconds for stem in ("only", "another")]
    assert budgets == [30.0, 90.0]


@pytest.mark.engine
def test_it_is_measured(folder):
    done = subprocess.run(
        [sys.executable, "-c", MEASURE.format(package=folder.name)],
        env=os.environ | {"PYTHONPATH": f"{folder.parent}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        cwd=folder.parent,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    cells = json.loads(done.stdout.splitlines()[-1])  # after the lines of progress
    assert {cell[2] for cell in cells} == {"serial-replay", "thread-pool"}
    assert all(cell[-1] == ["overhead_us_per_task", "seconds", "time_ratio"] for cell in cells)
    [journal] = (folder.parent / "results").glob("*/journal/*-only-*.jsonl")
    assert journal.stat().st_size > 0
