"""A new executor takes one file: here one of another package, which nothing in chunkbench names."""

from __future__ import annotations

import inspect
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import harness
from harness.apps.show import show_script
from harness.cli import app
from harness.core.central_schedulers import SETTING
from harness.core.errors import UsageError
from harness.core.journal_format import read_lines
from harness.core.records import RunInfo, Status
from harness.reading.analysis.beyond.scaling_out import central_scheduler
from harness.running import executors
from tests.running.executors import added

NAME = added.MpThreads.name
ROOT = Path(harness.__file__).parents[1]
SIZE, CHUNKS = 2_000, (500, 1_000)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder where a distribution with :mod:`tests.running.executors.added` is installed."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(added.__file__, folder / "added_executor.py")
    information = folder / "added_executor-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: added\nVersion: 1.0\n")
    rows = f"{NAME} = added_executor:MpThreads\nsilent = added_executor:Silent\n"
    (information / "entry_points.txt").write_text(f"[{executors.GROUP}]\n{rows}")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        patch.setenv("PYTHONPATH", str(folder))
        executors.REGISTRY.forget_third_parties()
        yield folder
    executors.REGISTRY.forget_third_parties()


@pytest.fixture(scope="module")
def journal(installed, tmp_path_factory):
    """A tiny sweep of the new executor."""
    return harness.run(
        "random-sum",
        executors=[NAME],
        chunks=CHUNKS,
        workers=[2],
        size=SIZE,
        profile="smoke",
        budget="60s",
        results=tmp_path_factory.mktemp("results"),
        machine_name="m",
    )


def test_it_is_one_file_and_nothing_else_names_it(installed):
    """Not the package, its benchmarks or its pages; CONTRIBUTING has it as its example."""
    assert [path.name for path in installed.glob("*.py")] == ["added_executor.py"]
    pages = [*(ROOT / "docs").glob("*.md"), *(ROOT / "benchmarks").glob("*.py")]
    for path in [*(ROOT / "harness").rglob("*.py"), *pages]:
        assert NAME not in path.read_text("utf-8"), path


def test_one_of_ours_is_named_in_its_row_and_in_its_own_file():
    """What a command takes by default, and the controls that every analysis knows, apart: they are
    data. Journals of before, whose run lines name no schedulers, are told by name."""
    data = {"numpy", "numpy-threads", "serial", "serial-replay", "as-written"}
    data |= {"dask-threads", "dask-mpi"}
    package = Path(harness.__file__).parent
    before = package / "reading/analysis/beyond/scaling_out.py"
    for name, place in executors.OURS.items():
        if name not in data:
            own = package / "running/executors" / f"{place.partition(':')[0]}.py"
            naming = {path for path in package.rglob("*.py") if f'"{name}"' in path.read_text()}
            assert naming - {before} == {Path(executors.__file__), own}


def test_its_author_needs_no_more_than_public_names():
    source = inspect.getsource(added)
    assert re.findall(r"from (harness\S*) import", source) == ["harness"]


def test_systems_lists_it(installed, capsys):
    (row,) = [row for row in executors.systems() if row["name"] == NAME]
    assert row == {
        "name": NAME,
        "kind": "local threads",
        "available": True,
        "version": None,
        "reason": None,
        "spans_machines": False,
    }
    assert app(["systems"], standalone_mode=False) in (None, 0)
    assert re.search(
        rf"^{NAME} +local threads +with Python$", capsys.readouterr().out, re.MULTILINE
    )


def test_it_is_documented_where_it_is_defined(installed):
    assert inspect.getdoc(executors.lookup(NAME))


@pytest.mark.engine
def test_it_is_measured_and_judged(journal):
    cases = harness.read_results(journal).only(executor=NAME).cases
    assert set(cases["chunk"]) == set(CHUNKS)
    assert set(cases["status"]) == {Status.OK}
    assert cases["verdict"].notna().all()


@pytest.mark.engine
def test_the_run_line_has_what_its_class_says(journal):
    """The versions of its packages beside those of every run, and its scheduler for forecasts."""
    run = next(line for line in read_lines(journal) if isinstance(line, RunInfo))
    assert run.versions["threadpoolctl"] == metadata.version("threadpoolctl")
    always = [
        "python",
        "numpy",
        "joblib",
        "dask",
        "distributed",
        "ray",
        "asv",
        "psutil",
        "pandas",
        "scipy",
    ]
    assert [name for name in run.versions if name != "threadpoolctl"] == always
    assert run.settings[SETTING] == {NAME: "Pool", "numpy-threads": None}
    assert central_scheduler(NAME, run) == "Pool"


def test_its_script_is_shown_and_runs(installed, tmp_path):
    case, text = show_script(f"random-sum/{NAME}/size={SIZE}/chunk=500/workers=2")
    assert case.executor == NAME
    assert "with ThreadPool(WORKERS) as pool:" in text
    assert "pool.starmap(" in text
    (tmp_path / "example.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "-P", "example.py"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "ratio T1/TP" in done.stdout


def test_one_that_says_nothing_has_no_script_and_says_so_in_one_line(installed):
    """It does not show its parent's, which may start its engine in another way."""
    with pytest.raises(UsageError) as refused:
        show_script("random-sum/silent/chunk=500")
    assert str(refused.value) == "no script for silent: its class has no program to show"


def test_a_way_that_its_program_leaves_out_has_no_script(installed):
    with pytest.raises(UsageError, match=f"no script for {NAME}: its program has no submit"):
        show_script(f"futures/{NAME}/chunk=10")
