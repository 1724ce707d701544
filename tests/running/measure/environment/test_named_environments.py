"""Environments with a name: pinned, built once and whole, and the place where executors live."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from harness.core.errors import UnknownNameError
from harness.core.records import Case
from harness.running.executors import OURS, lookup
from harness.running.measure.environment import named_environments
from harness.running.measure.environment.built_environment import CACHE, READY, BuildError
from harness.running.measure.environment.homes import Homes, homes_of, systems_at_home
from harness.running.measure.environment.named_environments import (
    PINS,
    environment_of,
    folder_of,
    install,
    names,
    python_of,
    recipe,
)
from harness.running.measure.environment.telling import NEEDED
from harness.running.measure.sweep.refusals import refusals

ROOT = Path(__file__).parents[4]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
    "optional-dependencies"
]
PINNED = sorted(path.name.removesuffix(".txt") for path in PINS.iterdir() if ".txt" in path.name)
SCRIPT = """#!/bin/sh
if [ "$2" = venv ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; exit; fi
{pip}
"""
CASE = Case(workload="frame-groupby", size=50, executor="polars", workers=1, pin="1", chunk=50)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """The folder of environments: empty."""
    monkeypatch.setenv(CACHE, str(tmp_path / "environments"))
    return tmp_path / "environments"


@pytest.fixture
def pip(tmp_path, monkeypatch):
    """Has the Python that runs be a script, whose pip does what a line of shell says."""

    def does(line):
        program = tmp_path / "python"
        program.write_text(SCRIPT.format(pip=line))
        program.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(program))

    named_environments.recipe.cache_clear()
    return does


def test_it_is_built_once_and_is_there_from_then_on(pip, cache, tmp_path):
    pip(f"echo called >> {tmp_path}/calls; echo of some size > {cache}/polars/file")
    assert python_of("polars") is None
    first = install("polars")
    assert first.folder == cache / "polars"
    assert first.seconds is not None
    assert first.bytes > len("of some size")
    assert python_of("polars") == cache / "polars" / "bin" / "python"
    assert install("polars").seconds is None
    assert (tmp_path / "calls").read_text() == "called\n"


def test_one_that_is_half_built_or_has_other_pins_is_not_taken(pip, cache):
    pip("exit 0")
    install("polars")
    ready = cache / "polars" / READY
    whole = ready.read_text()
    for text in ("", whole[:-20], json.dumps(json.loads(whole) | {"constraints": ["polars==0.1"]})):
        ready.write_text(text)
        assert python_of("polars") is None
    said = named_environments.not_built("polars")
    assert said == "its environment is built of other pins: chunkbench systems --install polars"
    assert install("polars").seconds is not None
    assert python_of("polars") is not None


def test_pips_reason_is_one_line_and_nothing_is_taken_for_whole(pip):
    pip("echo 'ERROR: Could not connect to the index'; exit 1")
    with pytest.raises(BuildError, match="Could not connect to the index; see ") as caught:
        install("polars")
    assert "\n" not in str(caught.value)
    assert python_of("polars") is None


def test_ctrl_c_ends_pip_and_leaves_nothing(cache, tmp_path):
    """Also where the signal comes to us alone, and pip has not heard of it."""
    python = tmp_path / "python"
    begun = tmp_path / "begun"
    python.write_text(SCRIPT.format(pip=f"echo $$ > {begun}; exec sleep 60"))
    python.chmod(0o755)
    code = (
        "import sys; from harness.running.measure.environment.named_environments import install;"
        f"sys.executable = {str(python)!r}; install('polars')"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", code], env=environment, start_new_session=True, stderr=-1
    ) as process:
        deadline = time.monotonic() + 30
        while not (begun.exists() and begun.read_text().strip()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) != 0
    assert not (cache / "polars").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int(begun.read_text()), 0)


def test_a_name_is_that_of_an_environment_or_of_an_executor_that_lives_in_it():
    assert environment_of("polars-streaming") == environment_of("polars") == "polars"
    with pytest.raises(UnknownNameError, match="did you mean duckdb"):
        environment_of("dukdb")
    with pytest.raises(UnknownNameError, match="choose one of"):
        environment_of("thread-pool")
    assert {home for name in OURS if (home := lookup(name).lives_in)} <= set(names())


def test_in_a_clone_they_are_in_a_folder_of_it(monkeypatch):
    monkeypatch.delenv(CACHE)
    assert folder_of("polars") == ROOT / ".venvs" / "polars"


@pytest.mark.parametrize("name", PINNED)
def test_pins_are_plain_and_have_all_that_its_executors_and_children_need(name):
    lines = [
        line for line in (PINS / f"{name}.txt").read_text("utf-8").splitlines() if line[:1] != "#"
    ]
    pins = dict(line.split("==") for line in lines)
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line) for line in lines)
    assert len(pins) == len(lines)
    has = {canonicalize_name(pin) for pin in pins}
    those = [lookup(executor) for executor in OURS if lookup(executor).lives_in == name]
    assert those
    for executor in those:
        assert {canonicalize_name(package) for package in executor.packages} <= has
        assert executor.install == f"chunkbench systems --install {name}"
    assert set(NEEDED) | {"cloudpickle"} <= has
    made = recipe(name)
    assert set(made.wanted) <= set(lines)
    assert sorted(made.constraints) == sorted(lines)
    assert set(NEEDED) <= {line.partition("==")[0] for line in made.wanted}


@pytest.mark.parametrize("name", PINNED)
def test_what_goes_beside_chunkbench_is_an_extra_and_the_rest_says_what_it_conflicts_with(name):
    """A file of pins and the extra of its name do not contradict each other."""
    text = (PINS / f"{name}.txt").read_text("utf-8")
    if name not in EXTRAS:
        assert re.search(r"^# no extra: .{10,}", text, re.MULTILINE)
        return
    pins = dict(line.split("==") for line in text.splitlines() if line[:1] != "#")
    named = {canonicalize_name(pin): version for pin, version in pins.items()}
    for requirement in map(Requirement, EXTRAS[name]):
        assert named[canonicalize_name(requirement.name)] in requirement.specifier


def test_an_executor_is_refused_in_one_line_where_its_environment_is_not_built(monkeypatch):
    monkeypatch.setattr("harness.running.executors.polars_query.Polars.needs", ("no_such",))
    [reason] = refusals([CASE], 2**30, homes_of(["polars"])).values()
    assert reason == (
        "no_such not installed, its environment is not built: chunkbench systems --install polars"
    )
    [row] = [row for row in systems_at_home() if row["name"] == "polars"]
    assert (row["available"], row["reason"], row["environment"]) == (False, reason, None)


def test_one_that_names_an_environment_which_nobody_describes_is_listed_all_the_same(monkeypatch):
    """As that of an executor whose extra is newer than the installed metadata."""
    monkeypatch.setattr("harness.running.executors.duckdb_query.DuckDB.lives_in", "no-such")
    monkeypatch.setattr("harness.running.executors.duckdb_query.DuckDB.needs", ("no_such",))
    [row] = [row for row in systems_at_home() if row["name"] == "duckdb"]
    assert row["reason"] == (
        "no_such not installed, and chunkbench has no environment no-such: install it anew"
    )


def test_all_others_run_here():
    homes = homes_of(["thread-pool", "dask-threads"])
    assert homes == Homes({})
    assert (homes.of("thread-pool"), homes.homes, homes.versions) == (None, {}, {})
