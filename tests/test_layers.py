"""Every import contract of `pyproject.toml` is kept by the package, and can fail.

One copy of the package is left as it is; another gets every mistake of `MISTAKES` at once, so that
`lint-imports` runs twice however many mistakes there are.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
CONTRACTS = [
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


class Mistake(NamedTuple):
    """Text added to a file, and what the report of one contract then says."""

    contract: str
    """How the contract's name begins."""
    path: str
    """Below `harness/`; the file is made where there is none."""
    text: str
    report: str


MISTAKES = {
    "a loose file at the root": Mistake(
        "The package is a stack", "stray.py", '"""Lost."""', "- harness.stray"
    ),
    "a new folder among the things that run": Mistake(
        "The running half is a stack", "running/stray/__init__.py", "", "- harness.running.stray"
    ),
    "a new folder among the things that read": Mistake(
        "The reading half is a stack", "reading/stray/__init__.py", "", "- harness.reading.stray"
    ),
    "what runs knows what reads": Mistake(
        "The package is a stack",
        "running/host/machine.py",
        "from harness.reading import ingest",
        "harness.running is not allowed to import harness.reading",
    ),
    "what reads knows what runs, inside a function": Mistake(
        "The package is a stack",
        "reading/ingest/check.py",
        "def late():\n    from harness.running.host import machine",
        "harness.reading is not allowed to import harness.running",
    ),
    "the core knows an app": Mistake(
        "The package is a stack",
        "core/units.py",
        "import harness.apps.show",
        "harness.core is not allowed to import harness.apps",
    ),
    "an executor knows the sweep": Mistake(
        "The running half is a stack",
        "running/executors/serial.py",
        "import harness.running.measure",
        "harness.running.executors is not allowed to import harness.running.measure",
    ),
    "the analysis knows a report": Mistake(
        "The reading half is a stack",
        "reading/analysis/stray.py",
        "import harness.reading.report",
        "harness.reading.analysis is not allowed to import harness.reading.report",
    ),
    "two siblings know each other": Mistake(
        "Siblings know each other",
        "core/errors.py",
        "import harness.core.units",
        "No cycles are allowed in harness.core.",
    ),
    "two siblings know each other, for their types alone": Mistake(
        "Siblings know each other",
        "reading/ingest/journals.py",
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n"
        "    import harness.reading.ingest.frames",
        "No cycles are allowed in harness.reading.ingest.",
    ),
    "an app starts an engine": Mistake(
        "Engines are imported by executors only",
        "apps/show.py",
        "def late():\n    import dask",
        "- harness.apps.show -> dask",
    ),
    "a reader needs ASV": Mistake(
        "The reading half imports no engine",
        "reading/ingest/frames.py",
        "import asv",
        "harness.reading is not allowed to import asv",
    ),
    "the package knows a suite": Mistake(
        "The package does not know the benchmarks",
        "apps/trace.py",
        "import benchmarks.futures",
        "harness.apps.trace -> benchmarks.futures",
    ),
}


class Report(NamedTuple):
    """What `lint-imports` said: each contract's state, and the section of each broken one."""

    states: dict[str, str]
    broken: dict[str, str]


def lint(folder: Path) -> Report:
    """Run `lint-imports` on the copy in *folder*."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--no-logo", "--no-cache"],
        cwd=folder,
        env=environment | {"COLUMNS": "300"},  # one line for each contract
        capture_output=True,
        text=True,
    )
    states = dict(re.findall(r"^(.+) (KEPT|BROKEN)$", done.stdout, flags=re.MULTILINE))
    assert set(states) == set(CONTRACTS), done.stdout + done.stderr
    assert (done.returncode == 0) == (set(states.values()) == {"KEPT"})
    sections = re.split(r"^(.+)\n-+\n", done.stdout, flags=re.MULTILINE)
    titled = dict(zip(sections[1::2], sections[2::2], strict=True))
    return Report(states, {name: text for name, text in titled.items() if name in states})


def copy(folder: Path) -> Path:
    """Copy to *folder* what the contracts look at."""
    for package in ("harness", "benchmarks"):
        shutil.copytree(
            ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return lint(copy(tmp_path_factory.mktemp("kept")))


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = copy(tmp_path_factory.mktemp("broken"))
    for mistake in MISTAKES.values():
        file = folder / "harness" / mistake.path
        file.parent.mkdir(exist_ok=True)
        with file.open("a", encoding="utf-8") as text:
            text.write(f"\n{mistake.text}\n")
    return lint(folder)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_package_keeps_every_contract(contract: str, kept: Report) -> None:
    assert kept.states[contract] == "KEPT", kept.broken.get(contract)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_breaks_its_contract(name: str, kept: Report, broken: Report) -> None:
    """The report names the contract and the module, and does not name it without the mistake."""
    mistake = MISTAKES[name]
    [contract] = [title for title in CONTRACTS if title.startswith(mistake.contract)]
    assert broken.states[contract] == "BROKEN"
    assert mistake.report in broken.broken[contract]
    assert mistake.report not in kept.broken.get(contract, "")


def test_every_contract_has_a_mistake_that_breaks_it() -> None:
    starts = {mistake.contract for mistake in MISTAKES.values()}
    assert {title for title in CONTRACTS if title.startswith(tuple(starts))} == set(CONTRACTS)
