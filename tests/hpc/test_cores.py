"""Usable cores (rule 7) inside of real jobs."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.hpc, pytest.mark.timeout(120, func_only=True)]

ROOT = Path(__file__).parents[2]
ASK = (
    "import json; from harness.running.host.machine import usable_cores; "
    "print(json.dumps(usable_cores()))"
)
QUOTA = Path("/sys/fs/cgroup/cpu")
V2 = Path("/sys/fs/cgroup/cgroup.controllers")
HERE = len(os.sched_getaffinity(0))


def command(inside: str = "") -> str:
    """Shell words that print what the harness takes for the usable cores."""
    asked = shlex.join([sys.executable, "-c", ASK])
    return f"cd {shlex.quote(str(ROOT))} && {inside}{asked}"


def in_slurm(slurm, folder: Path, *options: str, inside: str = "") -> list[object]:
    out = folder / "out"
    job = slurm.submit(*options, f"--output={out}", "--wrap", command(inside))
    assert slurm.wait(job, 90) == "COMPLETED", out.read_text()
    return list(json.loads(out.read_text()))


def in_grid_engine(grid_engine, folder: Path, *options: str) -> list[object]:
    out, script = folder / "out", folder / "job.sh"
    script.write_text(f"#!/bin/bash\n{command()}\n")
    job = grid_engine.submit("-j", "y", "-o", str(out), *options, str(script))
    assert grid_engine.wait(job, 90)["exit_status"] == "0", out.read_text()
    return list(json.loads(out.read_text()))


def test_a_slurm_job_uses_the_cores_it_asked_for_a_task(slurm, tmp_path):
    assert in_slurm(slurm, tmp_path, "--cpus-per-task=1")[0] == 1
    assert in_slurm(slurm, tmp_path, "--cpus-per-task=2")[0] == min(2, HERE)


def test_a_slurm_job_that_names_no_cores_uses_what_it_got_on_its_node(slurm, tmp_path):
    """``SLURM_CPUS_PER_TASK`` is not set then."""
    number, source = in_slurm(slurm, tmp_path, "--ntasks=1")
    assert (number, source) in ((1, "SLURM_CPUS_ON_NODE"), (1, "affinity"))


def test_a_bound_slurm_step_uses_the_cores_it_is_bound_to(slurm, tmp_path):
    """The job has two, ``srun`` binds the step to one, and nothing but affinity says so."""
    bound = "srun -n1 -c1 --cpu-bind=cores env -u SLURM_CPUS_PER_TASK -u SLURM_CPUS_ON_NODE "
    assert in_slurm(slurm, tmp_path, "--cpus-per-task=2", inside=bound) == [1.0, "affinity"]


def test_a_grid_engine_job_uses_its_slots_but_no_more_than_there_are(grid_engine, tmp_path):
    assert in_grid_engine(grid_engine, tmp_path, "-pe", "smp", "1") == [1.0, "NSLOTS"]
    (tmp_path / "more").mkdir()
    more = in_grid_engine(grid_engine, tmp_path / "more", "-pe", "smp", "4")
    assert more[0] == min(4, HERE)


def test_a_quota_on_an_outer_control_group_limits_a_job_in_an_inner_one(slurm, tmp_path):
    """Half a core, granted to the parent of the job's own group."""
    if V2.exists() or not os.access(QUOTA, os.W_OK):
        pytest.skip("no writable control group of version 1 for processors here")
    outer = QUOTA / f"chunkbench-test-{os.getpid()}"
    inner = outer / "job"
    try:
        inner.mkdir(parents=True)
        (outer / "cpu.cfs_quota_us").write_text("50000")
        join = f"echo $$ > {inner}/cgroup.procs && "
        found = in_slurm(slurm, tmp_path, "--cpus-per-task=2", inside=join)
    finally:
        for folder in (inner, outer):
            if folder.is_dir():
                folder.rmdir()
    assert found == [0.5, "cgroup quota"]
