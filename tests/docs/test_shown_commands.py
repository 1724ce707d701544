"""Commands that the pages show are run as they stand there, in a fresh clone.

``make test-docs`` runs one of each subcommand, the cheapest, on the results of two short runs;
``make test-docs-all`` runs every one, on all committed results.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.shown import ROOT, Shown, cheapest, shown, why_elsewhere

pytestmark = [pytest.mark.docs, pytest.mark.e2e]

SAMPLES = ROOT / "tests/reading/ingest/accounting/samples"
LISTED = {"qacct": SAMPLES / "lesson.qacct", "sacct": SAMPLES / "jobs.sacct-parsable"}
REFERENCE = "reference-2core"
COMMAND_SECONDS = 280

SHORTER = {
    r"^chunkbench settle\b(?!.*--profile)": "--profile smoke",
    r"^chunkbench run\b(?!.*--suite)": "--suite task_overhead",
    r"^chunkbench run\b(?!.*--profile)": "--profile smoke",
    r"^chunkbench validate\b": "--sweeps 4 --cases 12",
    r"^chunkbench claims\b": "--budget 45s",
    r"^chunkbench advise\b": "--budget 3s",
    r"^chunkbench advise --shape\b": "--shape 1000x1000",
    r"^chunkbench trace\b": "--rounds 1",
    r"^chunkbench try\b": "--budget 10s",
    r"^chunkbench (?:duel|gate)\b": "--pairs 1 --rounds 1",
    r"^chunkbench try\b(?!.*--on)": "--on thread-pool,dask-threads",
}
"""What is measured is made small: a later option replaces an earlier one of the same name."""

HOMES = {"laptop": "laptop", "workstation": "cluster"}
"""Where else the results of a machine are, to be merged."""

OWN = """
import dask.array as da


def mean(chunks):
    return da.random.default_rng(1).random((4000, 4000), chunks=chunks).mean()


def task(x):
    return sum(i * x for i in range(2_000))


inputs = list(range(200))


def dask_version(chunks=1000):
    return da.ones((4000, 4000), chunks=chunks).sum()


def numpy_version():
    return 16e6
"""
"""Functions of one's own, as the pages take for granted."""

SWEEP = """\
operation,chunk_size,nodes,workers_per_node,runtime,ms_per_call,serial_ms
mean,8MB,1,1,2.0,2000,1900
mean,8MB,2,2,0.8,800,1900
mean,16MB,1,1,2.1,2100,1900
"""
TASK_BENCH = """\
elapsed,iterations,steps,tasks,width,std,reps,efficiency
1.0,4096,10,40,4,0,1,1.0
0.1,256,10,40,4,0,5,0.4
"""
"""Timings of others, as the pages take for granted."""


def shortened(command: str) -> str:
    for pattern, more in SHORTER.items():
        if re.search(pattern, command):
            command = re.sub(r"( > | && |$)", rf" {more}\1", command, count=1)
    return command


def make_clone(folder: Path) -> Path:
    """A clone with what the pages take for granted: two machines' results, a listing, a qacct."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True, timeout=120)
    [settled] = (folder / "results" / REFERENCE / "journal").glob("*-settle-*.jsonl")
    for number, name in enumerate(HOMES):
        run = f"{settled.stem[:-4]}{number:04}"
        text = settled.read_text("utf-8").replace(settled.stem, run)
        journal = folder / "results" / name / "journal" / f"{run}.jsonl"
        journal.parent.mkdir(parents=True)
        journal.write_text(text.replace(REFERENCE, name), "utf-8")
        shutil.copytree(journal.parents[1], folder / HOMES[name] / "results" / name)
    (folder / "mywork.py").write_text(OWN)
    (folder / "sweep.csv").write_text(SWEEP)
    (folder / "task-bench.csv").write_text(TASK_BENCH)
    for name in ("lesson.qacct", "qacct.txt", "night.qacct"):
        shutil.copy(LISTED["qacct"], folder / name)
    programs = folder / "programs"
    programs.mkdir()
    for name, listing in LISTED.items():
        (programs / name).write_text(f"#!/bin/sh\ncat {shlex.quote(str(listing))}\n")
        (programs / name).chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with all committed results."""
    return make_clone(tmp_path_factory.mktemp("shown") / "clone")


@pytest.fixture(scope="module")
def small_clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with the results of one short run of each of two machines, and of one suite."""
    folder = make_clone(tmp_path_factory.mktemp("shown") / "small")
    for path in (folder / "results" / REFERENCE).rglob("*.json*"):
        if "-startup-" not in path.name:
            path.unlink()
    return folder


def run_well(command: Shown, clone: Path) -> None:
    """It ends well, or with the exit code that means bad news, and with no traceback."""
    path = os.pathsep.join(
        [str(clone / "programs"), str(Path(sys.executable).parent), os.environ["PATH"]]
    )
    done = subprocess.run(
        ["bash", "-c", shortened(command.line)],
        cwd=clone,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PATH": path, "CHUNKBENCH_MACHINE": "shown", "PYTHONPATH": str(clone)},
    )
    assert "Traceback" not in done.stderr
    may_be_bad_news = command.subcommand in ("doctor", "plan", "validate")
    assert done.returncode in ({0, 1} if may_be_bad_news else {0}), done.stderr


@pytest.mark.timeout(COMMAND_SECONDS + 20)
@pytest.mark.parametrize("command", cheapest(), ids=lambda command: command.line)
def test_one_command_of_each_subcommand_runs(command: Shown, small_clone: Path) -> None:
    run_well(command, small_clone)


@pytest.mark.full
@pytest.mark.timeout(COMMAND_SECONDS + 20)
@pytest.mark.parametrize("command", list(shown()), ids=lambda command: command.line)
def test_a_command_that_is_shown_runs(command: Shown, clone: Path) -> None:
    if reason := why_elsewhere(command.line):
        pytest.skip(reason)
    run_well(command, clone)
