"""Clusters that run before a sweep comes, on the loopback, and what a launcher is told here."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from harness.running.executors.ray_tasks import LOOPBACK_ONLY
from harness.running.measure.process.channel import child_environment
from harness.running.measure.process.reaper import Reaper
from tests.hpc.daemons import free_ports, wait_for

ROOT = Path(__file__).parents[2]
UP_SECONDS = 60.0
AS_ROOT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


@contextlib.contextmanager
def processes(*commands: list[str], **extra: str) -> Iterator[Path]:
    """*commands* running in sessions of their own, which can import the package and its tests;
    their folder. They and all that they started are ended."""
    folder = Path(tempfile.mkdtemp(prefix="cb-site-", dir="/tmp"))
    reaper = Reaper(os.urandom(8).hex(), folder)
    environment = child_environment(reaper.token, folder, extra)
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), environment["PYTHONPATH"]])
    try:
        for command in commands:
            with (folder / "said").open("ab") as said:
                started = subprocess.Popen(
                    command,
                    env=environment,
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=said,
                    start_new_session=True,
                )
            reaper.watch(started.pid)
        yield folder
    finally:
        assert reaper.finish() == 0


@contextlib.contextmanager
def dask_cluster(workers: int = 2) -> Iterator[str]:
    """Address of a scheduler with *workers* workers of one thread each."""
    [port] = free_ports(1)
    address = f"tcp://127.0.0.1:{port}"
    python = [sys.executable, "-m"]
    quiet = ["--dashboard-address", "127.0.0.1:0", "--host", "127.0.0.1"]
    scheduler = [*python, "distributed.cli.dask_scheduler", *quiet, "--port", str(port)]
    worker = [
        *python,
        "distributed.cli.dask_worker",
        address,
        *quiet,
        "--nthreads",
        "1",
        "--nworkers",
        str(workers),
    ]
    with processes(scheduler, worker) as folder:
        said = folder / "said"
        wait_for("workers", lambda: said.read_text().count("Registered to:") == workers, UP_SECONDS)
        yield address


@contextlib.contextmanager
def ray_cluster(cpus: int = 2) -> Iterator[tuple[str, dict[str, str]]]:
    """Address of a Ray cluster with *cpus* CPUs, and the variables that let a client in."""
    [port] = free_ports(1)
    with tempfile.TemporaryDirectory(prefix="cb-key-", dir="/tmp") as keys:
        token = Path(keys) / "token"
        token.write_text(os.urandom(32).hex())
        entry = {"RAY_AUTH_TOKEN_PATH": str(token), LOOPBACK_ONLY: "0"}
        head = [
            str(Path(sys.executable).parent / "ray"),
            "start",
            "--head",
            f"--port={port}",
            f"--num-cpus={cpus}",
            "--include-dashboard=false",
            "--block",
            "--node-ip-address=127.0.0.1",
            "--disable-usage-stats",
        ]
        with processes(head, **entry) as folder:
            said = folder / "said"
            wait_for("Ray", lambda: "runtime started" in said.read_text(), UP_SECONDS)
            yield f"127.0.0.1:{port}", entry
