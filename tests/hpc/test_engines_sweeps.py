"""Sweeps whose workers are jobs of a real batch system: over nodes, killed, refused, adaptive."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.apps.folders.accounts import Outcome, account
from harness.core.records import Case, Status
from harness.reading.analysis.verdict.verdicts import decided
from harness.reading.ingest import read_journal, read_results
from harness.reading.ingest.journals import job_label, workers_jobs
from harness.reading.report.analysed import analysed
from harness.reading.report.formats.tables import render
from harness.running.executors import options
from harness.running.measure.sweep.session import measure
from harness.running.plan.profiles import Profile
from harness.running.plan.sweep import SweepPlan
from tests.hpc.clusters import AS_ROOT, dask_cluster
from tests.hpc.daemons import wait_for

pytestmark = [pytest.mark.hpc, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
PROFILE = Profile(
    name="nodes",
    blocks=(2,),
    looks=None,
    slow_seconds=1e9,
    slow_rounds=1,
    most_seconds=1e9,
    limit_seconds=60.0,
    budget_seconds=None,
)
DIRECTIVES = "DASK_JOBQUEUE__SLURM__JOB_EXTRA_DIRECTIVES"
SPILL = "DASK_DISTRIBUTED__WORKER__MEMORY__SPILL"


def swept(folder, executor, workers=2, workload="random-sum", **changed):
    """The journal of a short sweep."""
    case = Case(
        workload=workload, size=20_000, executor=executor, workers=workers, pin="1", chunk=6_000
    )
    plan = SweepPlan("nodes", PROFILE, (case.model_copy(update=changed),))
    return read_journal(measure(plan, folder, decide=decided, machine_name="cluster"))


def at(monkeypatch, **variables):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def test_a_sweep_over_two_nodes_says_on_which_its_workers_ran(slurm, monkeypatch, tmp_path):
    """Two nodes of their own names: each worker says where it is, the tables how many there were.
    What only this node could have told is not known: the ceiling, and memory; CPU time is asked of
    the workers. The settings of their memory are those that they have."""
    at(monkeypatch, **slurm.environment, **{DIRECTIVES: '["--exclusive"]', SPILL: "False"})
    journal = swept(tmp_path, "dask-slurm")
    assert [(pair.status, pair.reason) for pair in journal.pairs] == [(Status.OK, None)] * 2
    [block] = journal.blocks
    assert sorted(probe.host or "" for probe in block.verified) == ["n1", "n2"]
    assert block.ceiling is None
    assert block.settings["distributed.worker.memory.spill"] is False
    assert block.settings["cluster"] == "fixed: 2 workers in 2 SLURM jobs, with certificates"
    for pair in journal.pairs:
        assert pair.peak_rss_bytes is None
        assert pair.parallel_cpu_seconds is not None
        assert pair.parallel_cpu_seconds > 0
    [row] = read_results(tmp_path).blocks.to_dict("records")
    assert row["nodes"] == 2
    shown = render(analysed(tmp_path).tables, "text")
    assert f"dask-slurm, 2 workers: {block.settings['cluster']}, on 2 nodes" in shown
    assert wait_for("jobs to leave", lambda: not jobs_of_slurm(slurm), 30)
    named = {job_label(*one) for one in workers_jobs([block])}
    assert len(named) == 2
    wait_for("the accounting of the workers' jobs", lambda: kept(tmp_path) == named, 60, 1)
    jobs = analysed(tmp_path).table("jobs")
    assert set(jobs["job"]) == named
    assert set(jobs["role"]) == {"workers"}
    assert jobs["cpu_seconds"].notna().all()
    assert (jobs["cpu_seconds"] > 0).all()


def kept(folder):
    """The jobs whose accounting is kept by now, with that of today's asking."""
    whole = (Outcome.KEPT, Outcome.KNOWN)
    return {
        job_label(one.wanted.scheduler, one.wanted.job)
        for one in account(folder)
        if one.outcome in whole
    }


def test_an_adaptive_cluster_of_jobs_grows_from_its_least_size(slurm, monkeypatch, tmp_path):
    at(monkeypatch, **slurm.environment, **{options.ADAPT: "1"})
    [block] = swept(tmp_path, "dask-slurm").blocks
    assert block.settings["cluster"] == "adaptive: 1 to 2 workers in SLURM jobs, with certificates"
    assert (block.processes, block.settings["adapt.maximum"]) == (1, 2)


def test_jobs_that_are_refused_cost_the_case(slurm, monkeypatch, tmp_path):
    """A queue that does not exist: the batch system's own words are the reason, at once."""
    at(
        monkeypatch,
        **slurm.environment,
        DASK_JOBQUEUE__SLURM__QUEUE="no-such-queue",
        **{options.QUEUE: "2h"},
    )
    [pair] = swept(tmp_path, "dask-slurm").pairs
    assert pair.status is Status.FAILED
    assert "SLURM took no job: sbatch: error: invalid partition" in str(pair.reason)
    assert "no-such-queue" in str(pair.reason)


def test_jobs_that_do_not_start_in_time_are_taken_back(slurm, monkeypatch, tmp_path):
    """Three jobs where two nodes are: one waits, all are cancelled, and what to do is said."""
    at(monkeypatch, **slurm.environment, **{options.QUEUE: "10s", DIRECTIVES: '["--exclusive"]'})
    [pair] = swept(tmp_path, "dask-slurm", workers=3).pairs
    assert pair.status is Status.FAILED
    assert "2 of 3 workers came within 10 s" in str(pair.reason)
    assert options.QUEUE in str(pair.reason)
    assert wait_for("jobs to leave", lambda: not jobs_of_slurm(slurm), 30)


def jobs_of_slurm(slurm):
    return slurm.told("squeue", "-h", "-o", "%i %T").strip()


def jobs_of_grid_engine(grid_engine):
    return grid_engine.told("qstat").strip()


@pytest.mark.parametrize("name", ["slurm", pytest.param("grid_engine", marks=pytest.mark.full)])
def test_a_killed_sweep_leaves_no_job(request, name, tmp_path):
    """Rule 11, for what is not a process of this machine: SIGKILL while one of the jobs still waits
    in the queue, and the program that outlives the sweep cancels them all."""
    system = request.getfixturevalue(name)
    executor, jobs = {
        "slurm": ("dask-slurm", jobs_of_slurm),
        "grid_engine": ("dask-sge", jobs_of_grid_engine),
    }[name]
    environment = os.environ | system.environment | {"PYTHONPATH": str(ROOT)}
    program = [sys.executable, "-m", "tests.hpc.test_engines_sweeps", str(tmp_path), executor, "6"]
    with (tmp_path / "said").open("wb") as said:
        sweep = subprocess.Popen(
            program,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        shown = (tmp_path / "said").read_text
        wait_for("jobs, one of them waiting", lambda: waiting(jobs(system), name), 60)
        assert sweep.poll() is None, shown()
    finally:
        os.kill(sweep.pid, signal.SIGKILL)
        sweep.wait(10)
    assert wait_for("jobs to leave", lambda: not jobs(system), 60)


def waiting(listed, name):
    """Whether all six jobs are there, and not all of them run."""
    rows = [line for line in listed.splitlines() if line.split()[0].isdigit()]
    states = [line.split()[1 if name == "slurm" else 4] for line in rows]
    return len(rows) == 6 and any(state in ("PENDING", "qw") for state in states)


def test_ranks_of_mpi_are_two_more_than_the_workers(monkeypatch, tmp_path):
    """Scheduler and client take a rank each, and the tables say so."""
    at(monkeypatch, **AS_ROOT)
    journal = swept(tmp_path, "dask-mpi")
    assert {pair.status for pair in journal.pairs} == {Status.OK}
    [block] = journal.blocks
    assert (block.workers, block.processes, block.settings["mpi.ranks"]) == (2, 2, 4)
    assert block.ceiling is not None  # all of them are on this node
    assert "2 workers of 4 MPI ranks" in render(analysed(tmp_path).tables, "text")


def test_a_cluster_of_another_size_is_refused_and_left_alone(monkeypatch, tmp_path):
    with dask_cluster(2) as address:
        at(monkeypatch, **{options.DASK: address})
        [pair] = swept(tmp_path / "a", "dask-attached", workers=3).pairs
        assert "has 2 workers, not 3: ask for --workers 2" in str(pair.reason)
        pairs = swept(tmp_path / "b", "dask-attached").pairs
        assert {pair.status for pair in pairs} == {Status.OK}


if __name__ == "__main__":
    swept(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
