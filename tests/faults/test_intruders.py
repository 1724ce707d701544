"""While a command has its engines up, another user of the machine tries all that they listen on.

Nothing is asked for: the command sees by itself that it is not alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager, suppress

import psutil
import pytest

from tests.running.executors.contract import intrusions, sockets_of

NEIGHBOUR = 60_001
DASK = "dask-distributed-processes"
CASE = f"empty-task/{DASK}/chunk=100/size=1000/workers=2"


def tried(executor, *more):
    return lambda place: [
        *("try", "faultwork:task", "--items", "faultwork:inputs", "--on", executor, *more),
        *("--budget", "90s", "--results", str(place.results), "--machine", "m"),
    ]


def duelling(*words):
    return lambda place: [*words, "--results", str(place.results), "--machine", "m"]


SILENT = "try on joblib"
"""Its processes talk through pipes alone."""
COMMANDS = {
    "try on Dask": tried(DASK),
    "try on Ray": tried("ray-tasks"),
    SILENT: tried("joblib-loky"),
    "try on multiprocessing": tried("multiprocessing-forkserver"),
    "try on another Python": tried(DASK, "--python", sys.executable),
    "duel": duelling("duel", "worker-saturation=1.1", "worker-saturation=inf", CASE),
    "gate": duelling("gate", CASE, "--against", "worker-saturation=inf"),
    "trace": duelling("trace", CASE, "--rounds", "100"),
}


@pytest.fixture
def neighbour():
    """A process of another person on this machine, which does nothing."""
    if os.geteuid() != 0:
        pytest.skip("only root can be two users")
    with subprocess.Popen(["sleep", "600"], user=NEIGHBOUR, cwd="/") as process:
        yield process
        process.kill()


def listening(processes):
    found: set[tuple[str | int, ...]] = set()
    for process in processes:
        with suppress(psutil.Error):
            found.update((process.name(), *where) for where in sockets_of(process))
    return found


@pytest.mark.fault
@pytest.mark.usefixtures("neighbour")
@pytest.mark.parametrize(
    "name", [pytest.param(name, id=f"intruder on {name}") for name in COMMANDS]
)
def test_no_other_user_gets_into_what_a_command_has_up(name, place, start):
    watched = start(COMMANDS[name](place))
    watched.wait_for(
        lambda: watched.child("process.child", "-engine") and (place.pairs() or "trace" in name),
        "pair",
    )
    if name != SILENT:
        watched.wait_for(lambda: listening(watched.processes()), "socket")
    assert intrusions(listening(watched.processes()), seconds=2.0) == []
    watched.process.terminate()
    watched.wait()
    watched.nothing_left()


@contextmanager
def cluster_of_the_user():
    """One that runs already: who may join it is the choice of its owner."""
    program = (
        "from distributed import LocalCluster\n"
        "if __name__ == '__main__':\n"
        "    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)\n"
        "    print(cluster.scheduler_address, flush=True)\n"
        "    input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.communicate("\n")


@pytest.mark.fault
@pytest.mark.usefixtures("neighbour")
def test_joining_a_running_cluster_opens_nothing(place, start):
    """What we start ourselves to join it listens nowhere."""
    with cluster_of_the_user() as address:
        watched = start(tried(f"dask:{address}")(place))
        watched.wait_for(place.pairs, "pair")
        ports = {each for each in listening(watched.processes()) if len(each) == 3}
        assert ports == set()
        watched.process.terminate()
        watched.wait()
        watched.nothing_left()
