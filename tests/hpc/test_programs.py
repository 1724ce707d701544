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
    from dask.distributed import Client, performance_report
    with Client() as client:
        client.wait_for_workers(2, timeout=60)
        with performance_report(filename="dask-report_mpi.html"):
            shape = answer()
        print("workers", len(client.scheduler_info(n_workers=-1)["workers"]), shape, flush=True)
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
        pins = client.submit(os.getenv, "OMP_NUM_THREADS").result()
        workers = len(client.scheduler_info(n_workers=-1)["workers"])
        print("workers", workers, answer(), pins, flush=True)
"""
ON_SGE_JOBS = f"""
import dask, os
from dask.distributed import Client
from dask_jobqueue import SGECluster
{LESSON}
def setup_client_and_cluster(number_processes=1, number_jobs=1, walltime="00:01:00", memory=1):
    cluster = SGECluster(
        interface="lo",
        walltime=walltime,
        memory=f"{{memory}} G",
        resource_spec=f"h_vmem={{memory}}G",
        scheduler_options={{"dashboard_address": ":0"}},
        job_extra=[
            "-V",  # export all environment variables
            f"-pe smp {{number_processes}}",
            f"-l disk={{memory}}G",
        ],
        local_directory=os.sep.join([
            os.environ.get("PWD"),
            "dask-worker-space"]),
    )
    client = Client(cluster)
    cluster.scale(jobs=number_jobs)
    print(cluster.job_script())
    return client, cluster

if __name__ == "__main__":
    memory = dask.config.get("distributed.worker.memory")
    client, cluster = setup_client_and_cluster(2, 1, "00:05:00", 4)
    client.wait_for_workers(1, timeout=120)
    print({{name: memory[name] for name in ("target", "spill", "pause", "terminate")}})
    slots, pin = (client.submit(os.getenv, name) for name in ("NSLOTS", "OMP_NUM_THREADS"))
    print("slots", slots.result(), "pin", pin.result(), answer(), flush=True)
    client.close()
    cluster.close()
"""


def test_a_dask_mpi_program_has_two_ranks_fewer_as_workers(grid_engine, tmp_path):
    """Its report is where the job was submitted, in no clone at all."""
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
        folder=tmp_path,
    )
    row = grid_engine.wait(job, 200)
    assert (row["exit_status"], row["slots"]) == ("0", "4"), logs(results)
    [output] = (results / "batch").glob("chunkbench.o*")
    assert "workers 2 (40,)" in output.read_text()
    assert (tmp_path / "dask-report_mpi.html").is_file()


@pytest.mark.full
def test_ranks_that_srun_starts_are_the_same_as_those_of_mpirun(slurm, tmp_path):
    """``--launcher "srun --mpi=pmix"``, as sites have it whose MPI is built with SLURM."""
    pytest.importorskip("dask_mpi", exc_type=ImportError)
    program, results = tmp_path / "program.py", tmp_path / "results"
    program.write_text(ON_RANKS.replace("(2, timeout", "(1, timeout"))
    options = ["--scheduler", "slurm", "--engine", "dask-mpi", "--program", str(program)]
    options += ["--workers", "1", "--budget", "2m", "--launcher", "srun --mpi=pmix"]
    options += ["--line=--overcommit", "--line=--nodes=1"]
    loopback = "export OMPI_MCA_btl=self,vader,tcp OMPI_MCA_btl_tcp_if_include=lo"
    options += ["--before", loopback, "--before", "export PMIX_MCA_ptl=^usock PMIX_MCA_gds=hash"]
    [job] = submit(slurm, results, *options, folder=tmp_path)
    assert slurm.wait(job, 200) == "COMPLETED", logs(results)
    [output] = (results / "batch").glob("chunkbench-*.out")
    assert "workers 1 (40,)" in output.read_text(), logs(results)


@pytest.mark.full
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


def test_the_lessons_own_script_gets_what_it_asks_for_each_worker(grid_engine, tmp_path):
    """``job_extra`` as the lesson gives it, smaller: its parallel environment reaches the jobs,
    and so do memory settings and pins of the generated file."""
    pytest.importorskip("dask_jobqueue", exc_type=ImportError)
    program = tmp_path / "example_dask_jobqueue_sge.py"
    program.write_text(ON_SGE_JOBS)
    results = tmp_path / "results"
    options = ("--engine", "dask-jobqueue", "--program", str(program), "--budget", "5m")
    assert submit(grid_engine, results, "--scheduler", "sge", *options, folder=tmp_path) == []
    done = subprocess.run(
        ["bash", str(results / "batch" / "chunkbench.sh")],
        env=grid_engine.full(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=250,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "#$ -pe smp 2\n" in done.stdout
    first, second = done.stdout.splitlines()[-2:]
    assert first == "{'target': False, 'spill': False, 'pause': 0.8, 'terminate': 0.95}"
    assert second == "slots 2 pin 1 (40,)"
