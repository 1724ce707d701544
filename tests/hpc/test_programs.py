"""Programs of one's own on Dask across nodes, by the job scripts that are generated for them."""

from __future__ import annotations

import subprocess

import pytest

from tests.hpc.daemons import wait_for
from tests.hpc.test_sweeps import logs, submit

pytestmark = [pytest.mark.hpc, pytest.mark.timeout(300, func_only=True)]

MPI = (
    "--allow-run-as-root --oversubscribe --bind-to none --mca btl self,vader,tcp "
    "--mca btl_tcp_if_include lo --mca oob_tcp_if_include lo"
)
LESSON = """
import dask.array as da
def answer():
    x = da.random.random((40, 20, 20), chunks=(10, 20, 20))
    y = da.random.random((40, 20, 20), chunks=(10, 20, 20))
    z = (da.arcsin(x) + da.arccos(y)).sum(axis=(1, 2))
    return z.compute().shape
"""
ON_RANKS = f"""
import dask_mpi
{LESSON}
if __name__ == "__main__":
    dask_mpi.initialize(interface="lo", dashboard=False, nthreads=1)
    from dask.distributed import Client
    with Client() as client:
        client.wait_for_workers(2, timeout=60)
        print("workers", len(client.scheduler_info(n_workers=-1)["workers"]), answer(), flush=True)
"""
ON_JOBS = f"""
import dask, os
from dask.distributed import Client
from dask_jobqueue import SLURMCluster
{LESSON}
if __name__ == "__main__":
    memory = dask.config.get("distributed.worker.memory")
    print({{name: memory[name] for name in ("target", "spill", "pause", "terminate")}})
    options = {{"interface": "lo", "dashboard_address": ":0"}}
    with SLURMCluster(scheduler_options=options) as cluster, Client(cluster) as client:
        cluster.adapt(minimum_jobs=1, maximum_jobs=2)
        client.wait_for_workers(1, timeout=120)
        pins = client.submit(os.environ.get, "OMP_NUM_THREADS").result()
        workers = len(client.scheduler_info(n_workers=-1)["workers"])
        print("workers", workers, answer(), pins, flush=True)
"""


def test_a_dask_mpi_program_has_two_ranks_fewer_as_workers(grid_engine, tmp_path):
    pytest.importorskip("dask_mpi", exc_type=ImportError)
    program = tmp_path / "program.py"
    program.write_text(ON_RANKS)
    results = tmp_path / "results"
    [job] = submit(
        grid_engine,
        results,
        "--scheduler",
        "sge",
        "--engine",
        "dask-mpi",
        "--program",
        str(program),
        "--workers",
        "2",
        "--budget",
        "2m",
        "--mpi",
        MPI,
    )
    row = grid_engine.wait(job, 200)
    assert (row["exit_status"], row["slots"]) == ("0", "4"), logs(results)
    [output] = (results / "batch").glob("chunkbench.o*")
    assert "workers 2 (40,)" in output.read_text()


def test_a_dask_jobqueue_program_takes_its_workers_from_the_generated_yaml(slurm, tmp_path):
    """Memory settings, pins, adapt(): as ``jobqueue.yaml`` has them, on workers that are jobs."""
    pytest.importorskip("dask_jobqueue", exc_type=ImportError)
    program = tmp_path / "program.py"
    program.write_text(ON_JOBS)
    results = tmp_path / "results"
    jobs = submit(
        slurm,
        results,
        "--scheduler",
        "slurm",
        "--engine",
        "dask-jobqueue",
        "--program",
        str(program),
        "--workers",
        "2",
        "--interface",
        "lo",
        "--budget",
        "5m",
        "--queue",
        "debug",
    )
    assert jobs == []
    done = subprocess.run(
        ["bash", str(results / "batch" / "chunkbench.sh")],
        env=slurm.full(),
        capture_output=True,
        text=True,
        timeout=250,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    first, second = done.stdout.splitlines()[-2:]
    assert first == "{'target': False, 'spill': False, 'pause': 0.8, 'terminate': 0.95}"
    assert second.startswith("workers ")
    assert second.endswith("(40,) 1")
    states = lambda: slurm.told("squeue", "-h", "-n", "chunkbench-worker", "-o", "%T").split()  # noqa: E731
    wait_for("the workers' jobs to end", lambda: not states(), 60)
