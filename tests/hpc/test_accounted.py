"""A sweep in a real job knows it, and what the scheduler booked stands beside what was measured."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.hpc.daemons import wait_for

pytestmark = [pytest.mark.hpc, pytest.mark.timeout(600, func_only=True)]

ROOT = Path(__file__).parents[2]
SWEEP_SECONDS = 180
BOOKED_SECONDS = 60


@pytest.fixture
def sweep(tmp_path):
    """A job script that runs the smallest sweep, and its results folder."""
    results = tmp_path / "results"
    line = f"{sys.executable} -m harness settle --profile smoke --workers 2 --machine node"
    script = tmp_path / "sweep.sh"
    script.write_text(
        f"#!/bin/sh\ncd {ROOT} && exec {line} --results {results} >{tmp_path}/said 2>&1\n"
    )
    script.chmod(0o755)
    return script, results


def accounted(scheduler, results):
    """``chunkbench account`` until the scheduler has booked the job; the jobs that it names."""
    line = (sys.executable, "-m", "harness", "account", "--results", str(results))

    def kept():
        done = scheduler.ask(*line, "--format", "json", env={"PYTHONPATH": str(ROOT)})
        assert done.returncode in (0, 1), done.stderr
        return json.loads(done.stdout)["jobs"] if done.returncode == 0 else None

    return wait_for("the accounting of the job", kept, BOOKED_SECONDS, 1)


def the_row(scheduler, results):
    """The one row of ``jobs``, from files alone: the scheduler's commands are not to be found."""
    line = (sys.executable, "-m", "harness", "tables", "--results", str(results))
    done = scheduler.told(
        *line, "--format", "json", env={"PYTHONPATH": str(ROOT), "PATH": "/nowhere"}
    )
    tables = json.loads(done)
    [row] = tables["jobs"]
    assert {case["job"] for case in tables["cases"]} == {row["job"]}
    assert {case["job"] for case in tables["job_cases"]} == {row["job"]}
    measured = [case for case in tables["job_cases"] if case["rounds"]]
    assert measured
    assert all(case["efficiency"] and case["core_hours"] for case in measured)
    return row


def believable(row):
    """Two cores for some seconds, of which some were used."""
    assert (row["slots"], row["records"], row["state"]) == (2, 1, "completed")
    assert row["cpu_source"] == "booked by the scheduler"
    assert 1 < row["elapsed_seconds"] < SWEEP_SECONDS
    assert 0.5 < row["run_seconds"] <= row["elapsed_seconds"] + 2
    assert 0 < row["cpu_efficiency"] <= 1.2
    assert row["core_hours"] == pytest.approx(2 * row["elapsed_seconds"] / 3600)
    assert row["wait_seconds"] is not None
    assert row["cases"] > 0


def test_a_task_of_an_array_of_slurm_is_accounted_for(slurm, sweep, tmp_path):
    script, results = sweep
    job = slurm.submit(
        "--array=3", "-N1", "-n1", "-c2", f"--output={tmp_path / 'out'}", str(script), cwd=tmp_path
    )
    assert slurm.wait(job, SWEEP_SECONDS) == "COMPLETED", (tmp_path / "said").read_text()
    [found] = accounted(slurm, results)
    assert found["job"] == f"slurm-{job}_3"
    row = the_row(slurm, results)
    believable(row)
    assert (row["job"], row["cluster"]) == (f"slurm-{job}_3", "bench")


@pytest.mark.full
def test_a_job_of_grid_engine_is_accounted_for(grid_engine, sweep, tmp_path):
    script, results = sweep
    job = grid_engine.submit(
        "-pe", "smp", "2", "-j", "y", "-o", str(tmp_path / "out"), str(script), cwd=tmp_path
    )
    ended = grid_engine.wait(job, SWEEP_SECONDS)
    assert ended["exit_status"] == "0", (tmp_path / "said").read_text()
    [found] = accounted(grid_engine, results)
    assert found["job"] == f"sge-{job}"
    believable(row := the_row(grid_engine, results))
    assert row["job"] == f"sge-{job}"
