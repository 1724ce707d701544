"""The suites do what they seem to do: ASV's silent no-ops, start-ups, and what ASV itself finds."""

from __future__ import annotations

import importlib
import json
import math
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import asv.benchmark
import pandas as pd
import pytest

from harness.apps.asv.asv_axes import asv_axes
from harness.apps.asv.suite_classes import suite_classes
from harness.running.executors import OURS, lookup
from harness.running.host import machine
from harness.running.measure.sweep.refusals import refusals
from harness.running.plan.profiles import PROFILES
from harness.running.workloads import WORKLOADS
from harness.suite import SWEEP_SILENCE_SECONDS, suite_plan
from tests.suite_check import complaints, public_classes, shared_caches

ROOT = Path(__file__).parents[1]
STEMS = sorted(p.stem for p in (ROOT / "benchmarks").glob("*.py") if not p.stem.startswith("_"))
METRICS = ("track_overhead_per_task", "track_seconds", "track_time_ratio")
MOST_LAPTOP_STARTS = 48

GOOD = '''
from harness.suite import _Suite, _sweep

class Planted(_Suite):
    """Do nothing in many tasks."""

    workload = "empty-task"
    share = 0.5
    axes = {"executor": ("dask-threads",), "workers": (1, 2), "pin": ("1",), "chunk": (10, 20)}

def setup_cache():
    return _sweep(__name__)
'''

BAD = {
    "unknown attribute": (
        "    warmup = 3\n    workload =",
        "    workload =",
        "does not know the attribute 'warmup'",
    ),
    "misspelt attribute": (
        "    timeuot = 3\n    workload =",
        "    workload =",
        "does not know the attribute 'timeuot'",
    ),
    "misspelt benchmark": (
        "    def trak_seconds(self): pass\n\ndef setup_cache",
        "def setup_cache",
        "does not collect the method 'trak_seconds'",
    ),
    "misspelt setup": (
        "    def set_up(self): pass\n\ndef setup_cache",
        "def setup_cache",
        "does not collect the method 'set_up'",
    ),
    "static helper": (
        "    @staticmethod\n    def helper(): pass\n\ndef setup_cache",
        "def setup_cache",
        "does not collect the method 'helper'",
    ),
    "chunk twice": ("(10, 20, 10)", "(10, 20)", "axis 'chunk' is written with a value twice"),
    "executor twice": (
        '("dask-threads", "dask-threads")',
        '("dask-threads",)',
        "axis 'executor' has a value twice",
    ),
    "workers by another name": ("(1, True)", "(1, 2)", "axis 'workers' is written with a value"),
    "long string": (f'("{"x" * 41}",)', '("dask-threads",)', "which is no short str"),
    "number as executor": ("(3,)", '("dask-threads",)', "has 3, which is no short str"),
    "unknown pin": ('("2",)', '("1",)', "axis 'pin' has ['2']"),
    "order of names": (
        '    param_names = ["chunk", "workers", "pin", "executor"]\n    workload =',
        "    workload =",
        "instead of ['executor', 'workers', 'pin', 'chunk']",
    ),
    "no docstring": ("", '"""Do nothing in many tasks."""', "not one sentence: ''"),
    "two sentences": ("tasks. And more.", "tasks.", "not one sentence: 'Do nothing"),
    "no sentence": ("many tasks", "many tasks.", "not one sentence: 'Do nothing in many tasks'"),
    "no cache": ("def other(", "def setup_cache(", "no function setup_cache"),
    "a cache of its own": (
        "    def setup_cache(self): pass\n\ndef setup_cache",
        "def setup_cache",
        "a setup_cache of its own",
    ),
    "short silence": ("    timeout = 60\n    share", "    share", "timeout is not set"),
    "public function": (
        "def helper(): pass\n\nclass Planted",
        "class Planted",
        "public function 'helper'",
    ),
    "no suite": ("class Planted:", "class Planted(_Suite):", "does not inherit _Suite"),
}


@pytest.fixture
def suites(monkeypatch):
    """The modules of ``benchmarks/`` as they are under a profile."""

    def load(profile):
        monkeypatch.setenv("CHUNKBENCH_PROFILE", profile)
        monkeypatch.delenv("CHUNKBENCH_BUDGET", raising=False)
        modules = [importlib.import_module(f"benchmarks.{stem}") for stem in STEMS]
        for module in modules:
            for suite in public_classes(module):  # a reload keeps those of another profile
                delattr(module, suite.__name__)
        return [importlib.reload(module) for module in modules]

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
    texts = complaints(planted(tmp_path, GOOD.replace(old, new)))
    assert any(text in complaint for complaint in texts), texts


def test_a_shared_setup_cache_would_be_found(tmp_path, forget):
    """ASV keys it by file and line, so that two suites with the same key have the same data."""
    first = planted(tmp_path, GOOD, "one")
    share = "from bench.one import setup_cache\n"
    second = planted(tmp_path, GOOD + share, "two")
    assert shared_caches([first]) == []
    [text] = shared_caches([first, second])
    assert "bench.two and bench.one share" in text
    assert any("another file" in complaint for complaint in complaints(second))


@pytest.mark.e2e
def test_asv_itself_finds_every_metric_of_every_suite(tmp_path, suites):
    """Names, parameters and units as ASV collects them, and the version says the profile."""
    file = tmp_path / "discovered.json"
    done = subprocess.run(
        [sys.executable, asv.benchmark.__file__, "discover", str(ROOT / "benchmarks"), str(file)],
        env=os.environ | {"CHUNKBENCH_PROFILE": "smoke"},
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    entries = json.loads(file.read_text())
    names = {entry["name"] for entry in entries}
    planned = {
        f"{stem}.{suite.__name__}.{metric}"
        for stem, module in zip(STEMS, suites("smoke"), strict=True)
        for suite in public_classes(module)
        for metric in METRICS
    }
    assert names == planned
    assert len(entries) == len(names)
    keys = set()
    for entry in entries:
        assert entry["param_names"] == ["executor", "workers", "pin", "chunk"]
        assert entry["type"] == "track"
        assert "smoke" in entry["version"]
        keys.add((entry["name"].split(".")[0], entry["setup_cache_key"]))
        assert entry["timeout"] == SWEEP_SILENCE_SECONDS  # ASV takes it for setup_cache as well
    assert len({key for _, key in keys}) == len(keys) == len(STEMS)
    units = {entry["name"].rpartition(".")[2]: entry["unit"] for entry in entries}
    assert units == dict(zip(METRICS, ("us", "seconds", "ratio"), strict=True))


@pytest.mark.parametrize("profile", PROFILES)
def test_a_suite_plans_the_cells_that_asv_asks_for(suites, profile):
    """Every combination of its parameters is a case, and one reference is added where NumPy can
    compute the whole."""
    for stem, module in zip(STEMS, suites(profile), strict=True):
        plan = suite_plan(module.__name__)
        assert (plan.suite, plan.profile.name) == (stem, profile)
        assert len(set(plan.cases)) == len(plan.cases)
        assert set(plan.refused) <= set(plan.cases)
        planned = Counter(case.workload for case in plan.cases)
        for suite in public_classes(module):
            planned[suite.workload] -= math.prod(map(len, suite.params))
            if profile in suite.extra_size:
                planned[suite.workload] -= math.prod(map(len, suite.params[:3]))
            assert suite.size in PROFILES[profile].sizes(suite.workload)
        for workload, more in planned.items():
            assert more == WORKLOADS[workload].native_threads


@pytest.mark.parametrize("cores", [1, 2, 8])
@pytest.mark.parametrize("profile", PROFILES)
def test_no_suite_plans_a_case_that_cannot_exist(suites, monkeypatch, profile, cores):
    """NumPy with two workers, a serial replay with several, a way that an engine does not have: no
    row says of them that they were skipped, and ASV has no empty cell for them. What an extra would
    install says so."""
    monkeypatch.setattr(machine, "usable_cores", lambda: machine.Cores(float(cores), "test"))
    monkeypatch.setattr("harness.running.plan.sweep.usable_cores", machine.usable_cores)
    for module in suites(profile):
        plan = suite_plan(module.__name__)
        refused = {**refusals(plan.cases, 2**60), **plan.refused}
        assert {
            case: why for case, why in refused.items() if lookup(case.executor).missing() is None
        } == {}


def test_serial_executors_and_those_without_chunks_have_classes_of_their_own(suites):
    modules = {module.__name__.rpartition(".")[2]: module for module in suites("nightly")}
    module = modules["many_vs_few_chunks"]
    parts = {suite.__name__: suite.params for suite in public_classes(module)}
    assert parts["ManyVsFewChunksWhole"][0] == ["numpy"]
    assert parts["ManyVsFewChunksWhole"][3] == [module.ManyVsFewChunks.size]
    assert parts["ManyVsFewChunksSerial"][:2] == [["serial-replay", "dask-synchronous"], [1]]
    assert "numpy" not in parts["ManyVsFewChunks"][0]


def test_an_executor_that_was_named_says_why_it_cannot_do_the_work(suites, monkeypatch):
    """It was asked for, so that leaving it out in silence would be no answer."""
    monkeypatch.setenv("CHUNKBENCH_EXECUTORS", "dask-actors")
    [futures] = [module for module in suites("laptop") if module.__name__.endswith("futures")]
    plan = suite_plan(futures.__name__)
    assert set(refusals(plan.cases, 2**60)) == set(plan.cases) != set()


def kept(suites, profile, stem):
    [module] = [module for module in suites(profile) if module.__name__.endswith(stem)]
    return {(c.executor, c.workers) for c in suite_plan(module.__name__).cases}


def test_a_short_profile_starts_engines_with_all_workers_only(suites, monkeypatch):
    monkeypatch.setattr(machine, "usable_cores", lambda: machine.Cores(4.0, "test"))
    monkeypatch.setattr("harness.running.plan.sweep.usable_cores", machine.usable_cores)
    assert {w for _, w in kept(suites, "laptop", "task_grain")} == {4}
    assert {w for _, w in kept(suites, "laptop", "thread_pins")} == {1, 4, 8}  # its question


def test_the_nightly_profile_sweeps_every_number_of_workers_where_scaling_is_asked(
    suites, monkeypatch
):
    """1, 2, 4 ... up to all cores, also where those are no power of two."""
    monkeypatch.setattr(machine, "usable_cores", lambda: machine.Cores(6.0, "test"))
    monkeypatch.setattr("harness.running.plan.sweep.usable_cores", machine.usable_cores)
    swept = {w for e, w in kept(suites, "nightly", "task_overhead") if e == "process-pool"}
    assert swept == {1, 2, 4, 6}
    assert {w for _, w in kept(suites, "exercise", "task_overhead")} == {1, 6}


def test_the_nightly_profile_takes_all_cores_only_where_scaling_is_not_asked(suites, monkeypatch):
    """One worker can gain nothing; a variant scales as the executor that short profiles keep. What
    a user names is measured as named, and a suite whose question is pins keeps its workers."""
    monkeypatch.setattr(machine, "usable_cores", lambda: machine.Cores(6.0, "test"))
    monkeypatch.setattr("harness.running.plan.sweep.usable_cores", machine.usable_cores)
    assert {w for _, w in kept(suites, "nightly", "futures")} == {6}
    assert {w for _, w in kept(suites, "nightly", "thread_pins")} == {1, 6, 12}
    for suite in ("task_overhead", "startup"):
        by_executor = kept(suites, "nightly", suite)
        assert {w for e, w in by_executor if e == "multiprocessing-spawn"} == {6}
    monkeypatch.setenv("CHUNKBENCH_EXECUTORS", "multiprocessing-spawn")
    named = {w for _, w in kept(suites, "nightly", "task_overhead")}
    monkeypatch.setenv("CHUNKBENCH_WORKERS", "3 5")
    assert (named, {w for _, w in kept(suites, "nightly", "startup")}) == ({1, 2, 4, 6}, {3, 5})


def test_variants_have_a_class_of_their_own_in_asvs_files(suites):
    """A journal's cases of theirs go to that class, and those of an executor that a user named and
    no class has go to the first."""
    classes = suite_classes(ROOT, "nightly")
    first, variants = classes["startup.Startup"], classes["startup.StartupVariants"]
    assert (first.part, variants.part) == ("", "Variants")
    at = {"workload": "startup", "size": 1, "pin": "1", "chunk": 1, "purpose": None}
    pairs = pd.DataFrame(
        [
            at | {"executor": executor, "workers": workers}
            for executor, workers in (
                ("ray-tasks", 1), ("ray-tasks", 2), ("dask-mpi", 2), ("joblib-loky", 2),
            )
        ]
    )  # fmt: skip
    for suite, axes in (
        (first, [["ray-tasks", "dask-mpi"], [1, 2], ["1"], [1]]),
        (variants, [["joblib-loky"], [2], ["1"], [1]]),
    ):
        [module] = [m for m in suites("nightly") if m.__name__.endswith("startup")]
        params = getattr(module, suite.name.partition(".")[2]).params
        written = [[repr(value) for value in axis] for axis in params]
        assert asv_axes(pairs, suite, 1, written, whole=True) == axes


def test_a_short_profile_leaves_executors_to_a_longer_one(suites):
    assert "dask-threads" not in {e for e, _ in kept(suites, "laptop", "bag_map")}
    assert "dask-threads" in {e for e, _ in kept(suites, "nightly", "bag_map")}


def test_the_shares_of_the_budget_add_up(suites):
    """The suites together use the profile's budget, and no more."""
    plans = [suite_plan(module.__name__) for module in suites("laptop")]
    budgets = [plan.profile.budget_seconds or 0.0 for plan in plans]
    assert math.fsum(budgets) == pytest.approx(PROFILES["laptop"].budget_seconds)


SWEPT = {
    name
    for name in OURS
    if lookup(name).in_suites and not lookup(name).named_only and name != "serial"
}
"""Executors that suites sweep; the others need a site, or are one more of their kind, and are
measured where they are named; ``serial`` is the loop of a work of one's own."""


def test_executors_and_workers_that_are_named_replace_the_suites_own(suites, monkeypatch):
    """Everything else stays as the suite says, and nothing is left to another suite."""
    monkeypatch.setenv("CHUNKBENCH_EXECUTORS", "dask-mpi dask-slurm")
    monkeypatch.setenv("CHUNKBENCH_WORKERS", "1 2 4")
    for profile in ("smoke", "laptop"):
        [startup] = [module for module in suites(profile) if module.__name__.endswith("startup")]
        plan = suite_plan(startup.__name__)
        pairs = {(case.executor, case.workers) for case in plan.cases}
        assert pairs == {(e, w) for e in ("dask-mpi", "dask-slurm") for w in (1, 2, 4)}
        assert {(case.workload, case.pin, case.chunk) for case in plan.cases} == {
            ("startup", "1", 1)
        }
        assert plan.refused == {}


def starts(plan):
    """The set-ups of a plan that start processes or servers, once a block."""
    refused = {**refusals(plan.cases, 2**60), **plan.refused}
    set_ups = {case.group.set_up for case in plan.cases if case not in refused}
    engines = [
        set_up.executor
        for set_up in set_ups
        if lookup(set_up.executor).kind in ("cluster", "local processes")
    ]
    return engines * len(plan.profile.blocks)


LONG_ONLY = ("multiprocessing-", "joblib-")
"""How names of executors begin that only long profiles start, unless they are named: they hand
tasks to processes as the process pool does, which short ones start."""


@pytest.mark.parametrize("cores", [1, 2, 8])
def test_the_laptop_profile_starts_few_engines(suites, monkeypatch, cores):
    """At most 24 start-ups of processes or servers in each of two blocks of all suites together, on
    any number of cores, beside the suite whose calls are start-ups."""
    monkeypatch.setattr(machine, "usable_cores", lambda: machine.Cores(float(cores), "test"))
    monkeypatch.setattr("harness.running.plan.sweep.usable_cores", machine.usable_cores)
    plans = [suite_plan(module.__name__) for module in suites("laptop")]
    started = [engine for plan in plans if plan.suite != "startup" for engine in starts(plan)]
    assert 0 < len(started) <= MOST_LAPTOP_STARTS
    need_processes = {name for name in SWEPT if lookup(name).kind in ("cluster", "local processes")}
    assert need_processes - {name for name in SWEPT if name.startswith(LONG_ONLY)} == set(started)


def test_the_smoke_profile_starts_each_cluster_in_one_suite_once(suites):
    plans = [suite_plan(module.__name__) for module in suites("smoke")]
    clusters = Counter(
        engine for plan in plans for engine in starts(plan) if lookup(engine).kind == "cluster"
    )
    assert set(clusters.values()) == {1}
    assert set(clusters) == {name for name in SWEPT if lookup(name).kind == "cluster"}


def test_every_workload_and_every_executor_is_in_a_suite(suites):
    """A workload or executor that no sweep runs would be measured by nobody."""
    cases = [case for m in suites("nightly") for case in suite_plan(m.__name__).cases]
    assert {case.executor for case in cases} == SWEPT
    by_settle = {"random-sum-as-written"}
    by_claims = {"small-value", "small-value-one-by-one", "ones-sum"}
    by_name = {"io-wait", "frame-groupby"}
    assert {case.workload for case in cases} == set(WORKLOADS) - by_settle - by_claims - by_name
