"""What a block's child imports: little enough for any environment that has NumPy and an engine."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness.core.records import Status
from harness.reading.analysis.verdict.verdicts import decided
from harness.reading.ingest import read_journal
from harness.running.executors import OURS, lookup
from harness.running.measure.environment.built_environment import built
from harness.running.measure.environment.other_python import OLDEST, look_into, only_package
from harness.running.measure.environment.telling import NEEDED
from harness.running.measure.sweep.session import measure
from harness.running.plan.profiles import make_profile
from harness.running.plan.sweep import SweepPlan
from tests.running.executors.contract import runnable

CODE = """
import json, sys
from harness.running.executors import OURS, lookup
import harness.running.measure.process.child
import harness.running.measure.process.launched
import harness.running.measure.own.looking_child
import harness.running.host.pins as pins
for name in OURS:
    lookup(name)
pins.probe_worker()
files = [module.__file__ for name, module in sys.modules.items() if name.startswith("harness")]
print(json.dumps([sorted({name.partition(".")[0] for name in sys.modules}), files]))
"""


def _pythons() -> dict[tuple[int, int], Path]:
    """An interpreter of each version that children run on, as far as this machine has them."""
    homes = [Path.home() / ".pyenv" / "versions", Path("/opt/hostedtoolcache/Python")]
    found = {}
    for minor in range(OLDEST[1], OLDEST[1] + 10):
        name = f"python3.{minor}"
        places = [path for home in homes for path in home.glob(f"3.{minor}.*/**/bin/{name}")]
        if place := next(iter(places), None) or shutil.which(name):
            found[3, minor] = Path(place)
    return found


def _others() -> list[Path]:
    """Those of another version than the one that runs the tests."""
    return [path for version, path in _pythons().items() if version != sys.version_info[:2]]


@pytest.fixture(scope="module")
def imported() -> tuple[set[str], list[str]]:
    """The top-level modules that a child has imported once it looked every executor up and probed
    itself, and the files of ours among them."""
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    names, files = json.loads(done.stdout)
    return set(names), files


def test_a_child_imports_nothing_but_what_every_environment_is_asked_to_have(imported):
    """No pydantic, pandas or pyarrow: an engine that needs others than ours has its own."""
    names, _ = imported
    installed = {name for name in names - set(sys.stdlib_module_names) if name[0] != "_"}
    assert set(NEEDED) <= installed
    assert installed <= {*NEEDED, "harness", "cython_runtime"}


def test_what_a_child_imports_is_written_as_the_oldest_python_reads_it(imported):
    _, files = imported
    assert len(files) > 40
    for file in files:
        ast.parse(Path(file).read_text(), feature_version=OLDEST)


def test_another_python_finds_this_package_and_nothing_that_lies_beside_it(tmp_path):
    alone = only_package(tmp_path)
    assert only_package(tmp_path) == alone  # a second child of the run takes the same
    assert [path.name for path in alone.iterdir()] == ["harness"]
    assert (alone / "harness" / "suite.py").is_file()


@pytest.mark.full
@pytest.mark.engine
def test_the_oldest_versions_that_install_run_every_kind_of_dask(tmp_path):
    """Built by pip on the oldest Python that the machine has of those that we promise."""
    python = _pythons().get(OLDEST)
    if python is None:
        pytest.skip("no Python 3.10 here")
    named = ["dask==2023.1.0", "distributed==2023.1.0", "numpy==1.23.5"]
    environment = look_into(built(named, python=python), list(OURS))
    assert environment.versions["dask"] == "2023.1.0"
    assert environment.versions["numpy"] == "1.23.5"
    able = {name for name, reason in environment.missing.items() if reason is None}
    assert {"dask-threads", "dask-processes", "dask-distributed-processes"} <= able


@pytest.mark.full
@pytest.mark.engine
@pytest.mark.timeout(600)
@pytest.mark.parametrize("python", _others(), ids=lambda python: python.name)
def test_every_other_python_of_this_machine_runs_what_comes_with_python(python, tmp_path):
    """Each executor that needs no package, under a pin, measured in pairs with its baseline."""
    environment = look_into(built(["numpy"], python=python))
    names = [name for name in OURS if not lookup(name).needs and not lookup(name).named_only]
    able = [name for name in names if environment.missing_of(lookup(name)) is None]
    assert {"thread-pool", "process-pool", "multiprocessing-forkserver"} <= set(able)
    cases = [case for name in able for case in runnable(name, "1", {"bag-map"}, environment)]
    assert len(cases) >= len(able) - 2  # NumPy alone maps no objects
    profile = replace(make_profile("smoke"), blocks=(2,), looks=None, budget_seconds=None)
    plan = SweepPlan("own", profile, tuple(cases))
    read = read_journal(measure(plan, tmp_path, decide=decided, elsewhere=environment))
    assert {block.interpreter for block in read.blocks} == {environment.interpreter}
    assert [pair for pair in read.pairs if pair.status is not Status.OK] == []
    assert {pair.case.executor for pair in read.pairs} == {case.executor for case in cases}
