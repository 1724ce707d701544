"""What a block's child imports: little enough for any environment that has NumPy and an engine."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness.running.executors import OURS
from harness.running.measure.environment.built_environment import built
from harness.running.measure.environment.other_python import OLDEST, look_into, only_package
from harness.running.measure.environment.telling import NEEDED

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
    python = _oldest_python()
    if python is None:
        pytest.skip("no Python 3.10 here")
    named = ["dask==2023.1.0", "distributed==2023.1.0", "numpy==1.23.5"]
    environment = look_into(built(named, python=python), list(OURS))
    assert environment.versions["dask"] == "2023.1.0"
    assert environment.versions["numpy"] == "1.23.5"
    able = {name for name, reason in environment.missing.items() if reason is None}
    assert {"dask-threads", "dask-processes", "dask-distributed-processes"} <= able


def _oldest_python() -> Path | None:
    wanted = ".".join(map(str, OLDEST))
    homes = [Path.home() / ".pyenv" / "versions", Path("/opt/hostedtoolcache/Python")]
    found = [path for home in homes for path in home.glob(f"{wanted}.*/**/bin/python{wanted}")]
    return found[0] if found else None
