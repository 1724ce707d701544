from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable
from importlib import metadata
from itertools import chain
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from harness.core.extras import EXTRAS

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT, GROUPS = PYPROJECT["project"], PYPROJECT["dependency-groups"]

IN_ENVIRONMENT = ("asv", "dashboard", "plots", "ray", "site")
"""Extras whose packages environment.yml has: what the suites and the site need."""
SYSTEMS = {"duckdb", "polars"}
"""Extras whose pins are those of the environment of the same name: test_named_environments.py."""

PINS = "harness/running/measure/environment/pins/"

# What conda-forge calls by another name, or splits in two; everything else has one name.
CONDA_NAMES = {
    "dask": {"dask-core", "distributed"},
    "graphviz": {"python-graphviz"},
    "matplotlib": {"matplotlib-base"},
}
PYPI_NAMES = {
    "dask-core": "dask",
    "matplotlib-base": "matplotlib",
    "python-graphviz": "graphviz",
}


def _names(requirements: Iterable[str]) -> set[NormalizedName]:
    """The distributions that *requirements* name, our own extras left out."""
    return {canonicalize_name(Requirement(text).name) for text in requirements} - {PROJECT["name"]}


def _pins(name: str = "constraints.txt") -> dict[str, str]:
    """What that file says of each distribution."""
    lines = (ROOT / name).read_text("utf-8").splitlines()
    return {canonicalize_name(name): pin for name, pin in (line.split("==") for line in lines)}


def _environment() -> tuple[dict[str, str], dict[str, str]]:
    """The pins of environment.yml: those that conda installs, and those that pip does."""
    listed = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    conda = [entry for entry in listed if isinstance(entry, str)]
    [pip] = [entry["pip"] for entry in listed if isinstance(entry, dict)]
    pinned = (entry.split(" =") for entry in conda if entry not in {"python >=3.11", "pip"})
    return dict(pinned), dict(entry.split("==") for entry in pip if entry != "-e .")


def _make_targets() -> set[str]:
    """Every target of the Makefile that is not a file."""
    text = (ROOT / "Makefile").read_text("utf-8")
    [phony] = re.findall(r"^\.PHONY: (.+)$", text, flags=re.MULTILINE)
    return set(phony.split())


def test_environment_and_pyproject_name_the_same_things() -> None:
    """Whoever installs with conda gets what whoever installs with pip gets."""
    conda, pip = _environment()
    wanted: set[str] = set()
    extras = (PROJECT["optional-dependencies"][name] for name in IN_ENVIRONMENT)
    for name in _names(chain(PROJECT["dependencies"], *extras)):
        wanted |= CONDA_NAMES.get(name, {name})
    assert conda.keys() | pip.keys() == wanted


def test_environment_and_constraints_agree_on_every_pin() -> None:
    """The numbers in environment.yml are those of constraints.txt."""
    conda, pip = _environment()
    pins = _pins()
    named = {PYPI_NAMES.get(name, name): pin for name, pin in (conda | pip).items()}
    assert named == {name: pins[name] for name in named}


def test_every_dependency_is_pinned_within_its_bounds() -> None:
    """No dependency of an extra or a group is left to chance, or pinned below its lower bound."""
    pins = _pins()
    extras = (
        listed for name, listed in PROJECT["optional-dependencies"].items() if name not in SYSTEMS
    )
    groups = ([text for text in group if isinstance(text, str)] for group in GROUPS.values())
    for requirement in map(Requirement, chain(PROJECT["dependencies"], *extras, *groups)):
        if requirement.name != PROJECT["name"]:
            assert pins[canonicalize_name(requirement.name)] in requirement.specifier


def test_the_extra_that_is_named_where_a_module_is_missing_brings_it() -> None:
    """`pip install` of what the line says is enough."""
    brought = metadata.packages_distributions()
    for extra, modules in EXTRAS.items():
        named = _names(PROJECT["optional-dependencies"][extra])
        for module in modules:
            assert {canonicalize_name(name) for name in brought[module]} & named


def test_the_lower_bounds_are_what_make_test_lowest_runs_with() -> None:
    """Those of the base and of the figures: who has such packages need not change them."""
    extras = PROJECT["optional-dependencies"]
    bounds: dict[str, str] = {}
    for text in (*PROJECT["dependencies"], *extras["plots"]):
        requirement = Requirement(text)
        [bound] = requirement.specifier
        assert bound.operator == ">="
        bounds[canonicalize_name(requirement.name)] = bound.version
    assert _pins("constraints-lowest.txt") == {**bounds, "distributed": bounds["dask"]}


@pytest.mark.parametrize("name", ["constraints.txt", "constraints-lowest.txt"])
def test_constraints_are_plain_pins(name: str) -> None:
    """Sorted name==version lines only: no address, no hash, no option, no file of one machine."""
    lines = (ROOT / name).read_text("utf-8").splitlines()
    assert [
        line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line)
    ] == []
    assert lines == sorted(lines, key=str.lower)


def test_every_make_target_is_in_help() -> None:
    """`make` alone shows all there is to make."""
    command = ["make", "--no-print-directory", "help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    listed = {line.split()[0] for line in done.stdout.splitlines()}
    assert listed == _make_targets()


def test_what_developing_needs_is_in_groups_and_in_no_package() -> None:
    """The metadata that users get names extras for users alone; dev includes the other groups."""
    in_all = {*EXTRAS, "hpc", "joblib", "notebooks", "xarray"}
    engines = {*SYSTEMS, "ipyparallel", "numba", "numexpr", "parsl"}
    assert set(PROJECT["optional-dependencies"]) == in_all | engines | {"all", "reframe"}
    [everything] = map(Requirement, PROJECT["optional-dependencies"]["all"])
    assert everything.extras == in_all
    assert GROUPS["dev"] == [{"include-group": name} for name in GROUPS if name != "dev"]


@pytest.mark.e2e
def test_the_wheel_contains_the_package_and_nothing_else(tmp_path: Path) -> None:
    """Tests, suites and results are not installed on anybody's machine."""
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", str(tmp_path), str(ROOT)], check=True)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"harness", f"chunkbench-{PROJECT['version']}.dist-info"}
    pins = {Path(name).stem for name in names if name.startswith(PINS)}
    assert pins == {path.stem for path in (ROOT / PINS).glob("*.txt")}


@pytest.mark.e2e
@pytest.mark.full
def test_without_a_network_make_audit_says_that_it_did_not_audit() -> None:
    """And ends well, so that whoever works offline is not stopped by it."""
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_EXTRA_INDEX_URL": ""}
    command = ["make", "--no-print-directory", "audit", f"PYTHON={sys.executable}"]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | offline, capture_output=True, text=True, timeout=280
    )
    assert (done.returncode, done.stdout.partition(":")[0]) == (
        0,
        "not audited, pip-audit cannot be installed",
    )
