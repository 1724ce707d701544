"""Another Python measures the same cases: it is looked into, named, recorded, and kept apart."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy
import pytest

from harness.core.errors import UsageError
from harness.core.records import Case, Status
from harness.reading.analysis.verdict.verdicts import decided
from harness.reading.ingest import read_journal
from harness.running.executors import lookup
from harness.running.measure.environment.other_python import Environment, find_python, look_into
from harness.running.measure.sweep.refusals import refusals
from harness.running.measure.sweep.session import measure
from harness.running.plan.profiles import make_profile
from harness.running.plan.sweep import SweepPlan

CASE = Case(workload="empty-task", size=50, executor="thread-pool", workers=1, pin="1", chunk=10)


@pytest.fixture(scope="module")
def python(tmp_path_factory) -> Path:
    """An environment of its own, which finds NumPy and what else a child needs, and no engine."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    [site] = folder.glob("lib/python*/site-packages")
    for name in ("numpy", "psutil", "threadpoolctl"):
        for path in Path(str(numpy.__file__)).parents[1].glob(f"{name}*"):
            (site / path.name).symlink_to(path)
    return Path(folder, "bin", "python")


def test_a_python_says_what_it_is_and_what_cannot_run_there(python):
    environment = look_into(python, ["thread-pool"])
    assert environment.interpreter == f"CPython {environment.versions['python']}"
    assert environment.versions["numpy"] == numpy.__version__
    assert environment.versions["dask"] is None
    assert environment.missing["thread-pool"] is None
    assert environment.name == f"{environment.interpreter}, numpy {numpy.__version__}"
    reason = environment.missing_of(lookup("dask-threads"))
    assert reason == f"dask not installed in {environment.name}: name its package by --with"
    assert "other machines" in str(environment.missing_of(lookup("dask-slurm")))


def test_a_case_is_refused_by_what_its_own_environment_lacks(python):
    environment = look_into(python)
    dask = CASE.model_copy(update={"executor": "dask-threads"})
    assert refusals([CASE, dask], 2**30) == {}
    assert list(refusals([CASE, dask], 2**30, environment)) == [dask]


@pytest.mark.engine
def test_a_sweep_in_an_environment_is_measured_there_and_says_so(python, tmp_path):
    """Engine and baseline alike; the journal has the interpreter and the versions."""
    environment = look_into(python)
    profile = replace(make_profile("smoke"), blocks=(2,), looks=None, budget_seconds=None)
    journal = measure(
        SweepPlan("own", profile, (CASE,)), tmp_path, decide=decided, elsewhere=environment
    )
    read = read_journal(journal)
    assert read.info.environment == environment.name
    assert read.info.versions["dask"] is None
    [block] = read.blocks
    assert block.environment == environment.name
    assert block.interpreter == environment.interpreter
    assert block.versions == {"numpy": numpy.__version__}
    assert [pair.status for pair in read.pairs] == [Status.OK] * 2


def test_a_python_without_numpy_is_refused_with_the_command_that_installs_it(tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path], check=True)
    with pytest.raises(UsageError, match=r"has no numpy and no psutil .* -m pip install numpy"):
        look_into(tmp_path / "bin" / "python")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo '[3, 8]'", "is Python 3.8: children need 3.10 or later"),
        ("echo hello", "does not run as a Python"),
        ("echo 'no such thing' >&2; exit 3", "does not run as a Python: no such thing"),
        ("printf 'not found\\nNote: see help\\n' >&2; exit 127", "as a Python: not found"),
        ("printf 'Traceback (most ..\\nOSError: x\\n' >&2; exit 1", "as a Python: OSError: x"),
    ],
)
def test_what_is_no_python_that_can_be_used_is_refused_in_one_line(tmp_path, script, said):
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    with pytest.raises(UsageError, match=said) as caught:
        look_into(program)
    assert "\n" not in str(caught.value)


def test_an_interpreter_is_found_by_path_folder_name_or_version(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    for name in ("python", "python3.77"):
        (tmp_path / "bin" / name).write_text("#!/bin/sh\n")
        (tmp_path / "bin" / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert find_python("3.77") == find_python("python3.77") == tmp_path / "bin" / "python3.77"
    assert find_python(str(tmp_path)) == tmp_path / "bin" / "python"
    assert find_python(str(tmp_path / "bin" / "python")) == tmp_path / "bin" / "python"
    with pytest.raises(UsageError, match=r"--python 3\.78: no such interpreter"):
        find_python("3.78")


def test_programs_of_the_environment_come_first_there(monkeypatch):
    """Such as the MPI that comes with an engine."""
    monkeypatch.setenv("PATH", "/usr/bin")
    environment = Environment(Path("/e/bin/python"), "CPython 3.12.1", {"python": "3.12.1"})
    path = environment.variables()["PATH"]
    assert path == f"/e/bin{os.pathsep}/usr/bin"


def test_the_list_of_systems_says_what_is_available_there(python):
    rows = {str(row["name"]): row for row in look_into(python).systems()}
    assert rows["thread-pool"]["available"]
    assert not rows["dask-threads"]["available"]
    assert "name its package by --with" in str(rows["dask-threads"]["reason"])
