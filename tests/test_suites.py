"""The suites do what they seem to do: ASV's silent no-ops, start-ups, and what ASV itself finds."""

from __future__ import annotations

import importlib
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import asv.benchmark
import pytest

from harness import machine
from harness.executors import lookup
from harness.measure.refusals import refusals
from harness.suite import SWEEP_SILENCE_SECONDS
from harness.sweep import PROFILES
from tests.suite_check import complaints, public_classes, shared_caches

ROOT = Path(__file__).parents[1]
STEMS = sorted(p.stem for p in (ROOT / "benchmarks").glob("*.py") if not p.stem.startswith("_"))
METRICS = ("track_overhead_per_task", "track_seconds", "track_time_ratio")
MOST_LAPTOP_STARTS = 24

GOOD = '''
from harness.suite import _Suite

class Planted(_Suite):
    """Do nothing in many tasks."""

    workload = "empty-task"
    axes = {"executor": ("dask-threads",), "workers": (1, 2), "pin": ("1",), "chunk": (10, 20)}

    def setup_cache(self):
        return self._sweep()
'''

BASE = """
from harness.suite import _Suite
class Base(_Suite):
    workload = "empty-task"
    axes = {"executor": ("a",), "workers": (1,), "pin": ("1",), "chunk": (1,)}
"""

BAD = {
    "unknown attribute": ('    warmup = 3\n    workload =', "    workload =",
                          "does not know the attribute 'warmup'"),
    "misspelt attribute": ('    timeuot = 3\n    workload =', "    workload =",
                           "does not know the attribute 'timeuot'"),
    "misspelt benchmark": ("    def trak_seconds(self): pass\n    def setup_cache",
                           "    def setup_cache", "does not collect the method 'trak_seconds'"),
    "misspelt setup": ("    def set_up(self): pass\n    def setup_cache", "    def setup_cache",
                       "does not collect the method 'set_up'"),
    "static helper": ("    @staticmethod\n    def helper(): pass\n    def setup_cache",
                      "    def setup_cache", "does not collect the method 'helper'"),
    "chunk twice": ("(10, 20, 10)", "(10, 20)", "axis 'chunk' is written with a value twice"),
    "executor twice": ('("dask-threads", "dask-threads")', '("dask-threads",)',
                       "axis 'executor' has a value twice"),
    "workers by another name": ("(1, True)", "(1, 2)", "axis 'workers' is written with a value"),
    "long string": (f'("{"x" * 41}",)', '("dask-threads",)', "which is no short str"),
    "number as executor": ("(3,)", '("dask-threads",)', "has 3, which is no short str"),
    "unknown pin": ('("2",)', '("1",)', "axis 'pin' has ['2']"),
    "order of names": ('    param_names = ["chunk", "workers", "pin", "executor"]\n    workload =',
                       "    workload =", "instead of ['executor', 'workers', 'pin', 'chunk']"),
    "no docstring": ("", '"""Do nothing in many tasks."""', "not one sentence: ''"),
    "two sentences": ("tasks. And more.", "tasks.", "not one sentence: 'Do nothing"),
    "no sentence": ("many tasks", "many tasks.", "not one sentence: 'Do nothing in many tasks'"),
    "inherited cache": ("    def other(self):", "    def setup_cache(self):",
                        "setup_cache is inherited"),
    "short silence": (
        "        return self._sweep()\n\nPlanted.setup_cache.timeout = 60",
        "        return self._sweep()", "setup_cache.timeout is not set"),
    "public base": (BASE, "from harness.suite import _Suite\n", "one suite a file, not 2"),
    "public function": ("def helper(): pass\n\nclass Planted", "class Planted",
                        "public function 'helper'"),
    "other name": ("class Other(_Suite)", "class Planted(_Suite)", "is called other, its file"),
    "no suite": ("class Planted:", "class Planted(_Suite):", "does not inherit _Suite"),
}  # fmt: skip


@pytest.fixture
def suites(monkeypatch):
    """The modules of ``benchmarks/`` as they are under a profile."""

    def load(profile):
        monkeypatch.setenv("CHUNKBENCH_PROFILE", profile)
        monkeypatch.delenv("CHUNKBENCH_BUDGET", raising=False)
        return [importlib.reload(importlib.import_module(f"benchmarks.{stem}")) for stem in STEMS]

    return load


def planted(folder, text, stem="planted"):
    """A module of the given source, read from a file as ASV does."""
    path = folder / f"{stem}.py"
    path.write_text(text)
    specification = importlib.util.spec_from_file_location(f"bench.{stem}", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[module.__name__] = module
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def forget():
    """Planted modules do not stay imported."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith("bench."):
            del sys.modules[name]


@pytest.mark.parametrize("profile", PROFILES)
def test_the_suites_have_no_silent_no_ops(suites, profile):
    modules = suites(profile)
    assert [text for module in modules for text in complaints(module)] == []
    assert shared_caches(modules) == []


@pytest.mark.parametrize("slip", BAD)
def test_each_silent_no_op_would_be_found(tmp_path, forget, slip):
    """A good suite passes, and the same suite with one slip is complained of."""
    new, old, text = BAD[slip]
    assert complaints(planted(tmp_path, GOOD)) == []
    assert GOOD.count(old) == 1
    found = complaints(planted(tmp_path, GOOD.replace(old, new)))
    assert any(text in complaint for complaint in found), found


def test_a_shared_setup_cache_would_be_found(tmp_path, forget):
    """ASV keys it by file and line, so that two suites with the same key have the same data."""
    one = planted(tmp_path, GOOD, "one")
    share = "from bench.one import Planted as _First\nPlanted.setup_cache = _First.setup_cache\n"
    two = planted(tmp_path, GOOD + share, "two")
    two.Planted.__name__ = "Other"
    assert shared_caches([one]) == []
    [text] = shared_caches([one, two])
    assert "Other and Planted share" in text
    assert any("another file" in complaint for complaint in complaints(two))


def test_asv_itself_finds_every_metric_of_every_suite(tmp_path):
    """Names, parameters and units as ASV collects them, and the version says the profile."""
    file = tmp_path / "found.json"
    done = subprocess.run(
        [sys.executable, asv.benchmark.__file__, "discover", str(ROOT / "benchmarks"), str(file)],
        env=os.environ | {"CHUNKBENCH_PROFILE": "smoke"}, capture_output=True, text=True,
        cwd=tmp_path, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(file.read_text())
    names = {entry["name"] for entry in found}
    by_suite = {tuple(name.split(".")) for name in names}
    assert {(stem, metric) for stem, _, metric in by_suite} == {
        (stem, metric) for stem in STEMS for metric in METRICS
    }
    assert len(found) == len(names)
    keys = set()
    for entry in found:
        assert entry["param_names"] == ["executor", "workers", "pin", "chunk"]
        assert entry["type"] == "track"
        assert "smoke" in entry["version"]
        keys.add((entry["name"].split(".")[0], entry["setup_cache_key"]))
        assert entry["setup_cache_timeout"] == SWEEP_SILENCE_SECONDS
    assert len({key for _, key in keys}) == len(keys) == len(STEMS)
    units = {entry["name"].rpartition(".")[2]: entry["unit"] for entry in found}
    assert units == dict(zip(METRICS, ("us", "seconds", "ratio"), strict=True))


@pytest.mark.parametrize("profile", PROFILES)
def test_a_suite_plans_the_cells_that_asv_asks_for(suites, profile):
    """Every combination of its parameters is a case, and one reference is added where NumPy can
    compute the whole."""
    for module in suites(profile):
        [suite] = public_classes(module)
        plan = suite.plan()
        assert (plan.suite, plan.profile.name) == (suite.name(), profile)
        assert len(set(plan.cases)) == len(plan.cases)
        cells = math.prod(map(len, suite.params))
        extra = [case for case in plan.cases if case.executor == "numpy-threads"]
        assert len(plan.cases) == cells + len(extra)
        assert len(extra) == (suite.workload != "empty-task")
        assert set(plan.refused) <= set(plan.cases)
        assert {case.size for case in plan.cases} == {PROFILES[profile].sizes[suite.workload]}


def starts(plan):
    """The engines that a plan starts: baselines and controls are none, Dask's own control is."""
    refused = {**refusals(plan.cases, 2**60), **plan.refused}
    groups = {case.group for case in plan.cases if case not in refused}
    engines = [
        group.executor
        for group in groups
        if lookup(group.executor).kind not in ("baseline", "control")
        or group.executor == "dask-synchronous"
    ]
    return engines * len(plan.profile.blocks)


@pytest.mark.parametrize("cores", [1, 2, 8])
def test_the_laptop_profile_starts_few_engines(suites, monkeypatch, cores):
    """At most 24 start-ups in all suites together, on any number of cores; and none is lost."""
    monkeypatch.setattr(machine, "usable_cores", lambda: machine.Cores(float(cores), "test"))
    monkeypatch.setattr("harness.suite.usable_cores", machine.usable_cores)
    plans = [public_classes(module)[0].plan() for module in suites("laptop")]
    found = [engine for plan in plans for engine in starts(plan)]
    assert 0 < len(found) <= MOST_LAPTOP_STARTS
    assert {"dask-threads", "dask-distributed-processes", "ray-tasks"} <= set(found)


def test_the_smoke_profile_starts_each_cluster_in_one_suite_once(suites):
    plans = [public_classes(module)[0].plan() for module in suites("smoke")]
    clusters = [
        (plan.suite, engine)
        for plan in plans
        for engine in starts(plan)
        if lookup(engine).kind == "cluster"
    ]
    assert len(clusters) == len({engine for _, engine in clusters}) > 1
    assert len({suite for suite, _ in clusters}) == 1


def test_the_suites_of_the_lesson_are_there_to_be_checked():
    assert {"many_vs_few_chunks", "task_overhead"} <= set(STEMS)
