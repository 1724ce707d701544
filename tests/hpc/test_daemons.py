"""The schedulers themselves: what the other tests here stand on."""

from __future__ import annotations

import subprocess

import pytest

from tests.hpc.daemons import end_all, wait_for

pytestmark = [pytest.mark.hpc, pytest.mark.timeout(120, func_only=True)]


def test_slurm_runs_a_job_on_both_nodes_and_accounts_for_it(slurm, tmp_path):
    out = tmp_path / "out"
    job = slurm.submit("-N2", "-n2", f"--output={out}", "--wrap", "srun printenv SLURMD_NODENAME")
    assert slurm.wait(job, 60) == "COMPLETED"
    assert sorted(out.read_text().split()) == ["n1", "n2"]

    def row():
        return slurm.told("sacct", "-P", "-n", "-X", "-j", job, "-o", "State,NNodes").strip()

    assert wait_for("accounting", lambda: row() == "COMPLETED|2", 30)


def test_grid_engine_runs_a_job_in_a_parallel_environment_and_accounts_for_it(
    grid_engine, tmp_path
):
    out = tmp_path / "out"
    job = grid_engine.submit(
        "-b", "y", "-pe", "smp", "2", "-j", "y", "-o", str(out), "printenv", "NSLOTS"
    )
    row = grid_engine.wait(job, 60)
    assert (row["slots"], row["exit_status"]) == ("2", "0")
    assert out.read_text().split() == ["2"]


def test_what_has_overwritten_its_own_description_is_ended_by_where_it_works(tmp_path):
    """As SLURM's steps have, which stay where their daemon was killed before them."""
    step = subprocess.Popen(["sleep", "100"], cwd=tmp_path, env={})
    try:
        assert end_all(tmp_path) == []
        assert step.wait(5) != 0
    finally:
        step.kill()
        step.wait(5)
