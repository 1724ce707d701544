"""Every command that a page shows is run as it stands there, in a fresh clone."""

from __future__ import annotations

import itertools
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from harness.cli import app

ROOT = Path(__file__).parents[2]
GENERATED = {"reference-commands.md", "reference-python.md"}
PAGES = [
    page
    for page in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "results/README.md"])
    if page.name not in GENERATED | {"CHANGELOG.md"}
]
SAMPLES = ROOT / "tests/reading/ingest/accounting/samples"
LISTED = {"qacct": SAMPLES / "lesson.qacct", "sacct": SAMPLES / "jobs.sacct-parsable"}
COMMANDS = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
COMMAND_SECONDS = 280

SHORTER = {
    r"^chunkbench settle\b(?!.*--profile)": "--profile smoke",
    r"^chunkbench run\b(?!.*--suite)": "--suite task_overhead",
    r"^chunkbench run\b(?!.*--profile)": "--profile smoke",
    r"^chunkbench run\b": "--existing",
    r"^chunkbench validate\b": "--sweeps 4 --cases 12",
    r"^chunkbench claims\b": "--budget 20s",
    r"^chunkbench advise\b": "--budget 3s",
    r"^chunkbench trace\b": "--rounds 1",
}
"""What is measured is made small: a later option replaces an earlier one of the same name."""

ELSEWHERE = {
    r"^chunkbench submit (?!.*--(?:print|every))": "needs a scheduler: tests/hpc",
    r"--executor dask-(?:mpi|slurm|sge)": "needs a scheduler: tests/hpc",
}
"""What cannot be run here, and which test runs it."""


HOMES = {"laptop": "laptop", "workstation": "cluster"}
"""Where else the results of a machine are, to be merged."""

OWN = """
import dask.array as da


def mean(chunks):
    return da.random.default_rng(1).random((4000, 4000), chunks=chunks).mean()
"""
"""A function of one's own, as the pages take for granted."""


def shown() -> Iterator[tuple[str, str]]:
    """Page and command, each command once."""
    seen = set()
    for page in PAGES:
        blocks = re.findall(
            r"^```\w*\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
        )
        for row in itertools.chain(*map(_typed, blocks)):
            line = re.sub(r"\s{2,}#.*$| # .*$", "", re.sub(r"^\s*\$ ", "", row)).strip()
            if (said := re.match(r"(\S.*\| )?chunkbench ([a-z]+)", line)) is None or (
                said[2] not in COMMANDS
            ):
                continue
            if "..." not in line and line not in seen:
                seen.add(line)
                yield page.name, line


def _typed(block: str) -> list[str]:
    """The lines of *block*; where some have a prompt, the others are what was printed."""
    rows = block.replace("\\\n", " ").splitlines()
    return [row for row in rows if row.startswith("$ ")] or rows


def shortened(command: str) -> str:
    for pattern, more in SHORTER.items():
        if re.search(pattern, command):
            command = re.sub(r"( > | && |$)", rf" {more}\1", command, count=1)
    return command


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with what the pages take for granted: two machines' results, a listing, a qacct."""
    folder = tmp_path_factory.mktemp("shown") / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True, timeout=120)
    [settled] = (folder / "results/reference-2core/journal").glob("*-settle-*.jsonl")
    for number, name in enumerate(("laptop", "workstation")):
        run = f"{settled.stem[:-4]}{number:04}"
        said = settled.read_text("utf-8").replace(settled.stem, run)
        journal = folder / "results" / name / "journal" / f"{run}.jsonl"
        journal.parent.mkdir(parents=True)
        journal.write_text(said.replace("reference-2core", name), "utf-8")
        shutil.copytree(journal.parents[1], folder / HOMES[name] / "results" / name)
    (folder / "mywork.py").write_text(OWN)
    for name in ("lesson.qacct", "qacct.txt", "night.qacct"):
        shutil.copy(LISTED["qacct"], folder / name)
    programs = folder / "programs"
    programs.mkdir()
    for name, listing in LISTED.items():
        (programs / name).write_text(f"#!/bin/sh\ncat {shlex.quote(str(listing))}\n")
        (programs / name).chmod(0o755)
    return folder


@pytest.mark.docs
@pytest.mark.timeout(COMMAND_SECONDS + 20)
@pytest.mark.parametrize(("page", "command"), list(shown()))
def test_a_command_that_is_shown_runs(page: str, command: str, clone: Path) -> None:
    """It ends well, or with the exit code that means bad news, and with no traceback."""
    for pattern, reason in ELSEWHERE.items():
        if re.search(pattern, command):
            pytest.skip(reason)
    path = os.pathsep.join(
        [str(clone / "programs"), str(Path(sys.executable).parent), os.environ["PATH"]]
    )
    done = subprocess.run(
        ["bash", "-c", shortened(command)],
        cwd=clone,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PATH": path, "CHUNKBENCH_MACHINE": "shown", "PYTHONPATH": str(clone)},
    )
    assert "Traceback" not in done.stderr
    assert done.returncode in ({0, 1} if "doctor" in command or "validate" in command else {0}), (
        done.stderr
    )


def test_the_pages_show_commands_of_every_kind() -> None:
    """What finds them in the pages does find them."""
    assert {command.split()[1] for _, command in shown()} >= {"settle", "run", "tables", "show"}
