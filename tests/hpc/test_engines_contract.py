"""The contract of the executors that need more than packages, each on the real thing."""

from __future__ import annotations

import os
import signal

import pytest

from harness.core.records import Status
from harness.running.executors import REGISTRY, lookup, options
from harness.running.measure.process.case_error import CaseError
from tests.hpc.clusters import AS_ROOT, dask_cluster, ray_cluster
from tests.running.executors.contract import (  # noqa: F401 - collected from here
    ONE_EACH,
    map_tasks,
    note,
    start_ups,
    test_an_exception_in_a_task_comes_back_with_its_message,
    test_answers_are_right,
    test_every_worker_process_has_the_pin,
    test_lack_of_memory_in_a_task_is_told_from_other_failures,
    test_no_other_user_of_this_machine_gets_in,
    test_nothing_is_left_behind,
    test_nothing_listens_beyond_this_machine,
    test_partial_results_are_those_of_the_serial_replay,
    test_the_block_says_that_others_were_kept_out,
    test_the_layout_adds_up_to_the_workers,
    test_the_parents_environment_stays_as_it_is,
)
from tests.running.executors.test_options import opened, reaper  # noqa: F401 - a fixture

pytestmark = pytest.mark.hpc


@pytest.fixture(scope="session")
def site_of_dask_mpi():
    return AS_ROOT


@pytest.fixture(scope="session")
def site_of_mpi_pool():
    return AS_ROOT


@pytest.fixture(scope="session")
def site_of_mpi_spmd():
    return AS_ROOT


@pytest.fixture(scope="session")
def site_of_dask_attached():
    with dask_cluster() as address:
        yield {options.DASK: address}


@pytest.fixture(scope="session")
def site_of_ray_attached():
    with ray_cluster() as (address, entry):
        yield {options.RAY: address, **entry}


@pytest.fixture(scope="session")
def site_of_dask_slurm(slurm):
    return slurm.environment


@pytest.fixture(scope="session")
def site_of_dask_sge(grid_engine, tmp_path_factory):
    keys = str(tmp_path_factory.mktemp("keys"))
    return {**grid_engine.environment, "DASK_JOBQUEUE__SGE__SHARED_TEMP_DIRECTORY": keys}


FOR_PINS = ("random-sum", "blas-product")
"""What a second start-up runs, which is there for its pin."""
NAMED = sorted(
    name
    for name in REGISTRY.names()
    if lookup(name).named_only and name != "as-written"  # which has no tasks of ours
)
ONE_A_WAY = ("dask-mpi", "mpi-pool", "mpi-spmd", "dask-slurm", "ray-attached")
"""One executor a way to its workers: ranks of MPI that Dask, mpi4py or nobody hands tasks to, jobs
of a batch system, a running cluster."""


def in_full(name, pin="1"):
    """Marks of what differs from :data:`ONE_A_WAY` in the engine, the batch system or the pin."""
    return () if name in ONE_A_WAY and pin == "1" else pytest.mark.full


def at_its_site(request, name, patch):
    for variable, value in request.getfixturevalue(f"site_of_{name.replace('-', '_')}").items():
        patch.setenv(variable, value)
    assert lookup(name).missing() is None


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(start_up, id="-".join(start_up), marks=in_full(*start_up))
        for start_up in start_ups(NAMED)
    ],
)
def noted(request, tmp_path_factory):
    executor, pin = request.param
    with pytest.MonkeyPatch.context() as patch:
        at_its_site(request, executor, patch)
        workloads = ONE_EACH if pin == "1" else FOR_PINS
        return note(executor, pin, tmp_path_factory.mktemp("home"), workloads)


@pytest.fixture(scope="module", params=[pytest.param(name, marks=in_full(name)) for name in NAMED])
def mapped(request):
    with pytest.MonkeyPatch.context() as patch:
        at_its_site(request, request.param, patch)
        return map_tasks(request.param)


@pytest.mark.parametrize("name", ["mpi-pool", "mpi-spmd"])
def test_a_killed_rank_is_a_status(name, monkeypatch, reaper):  # noqa: F811 - the fixture
    """MPI ends all ranks with it: the call fails at once, in the launcher's own words, or in ours
    where that is not done yet."""
    for variable, value in AS_ROOT.items():
        monkeypatch.setenv(variable, value)
    station, case = opened(name, reaper)
    station.warm(case, None)
    os.kill(station.verified[-1].pid, signal.SIGKILL)
    with pytest.raises(CaseError, match=r"mpirun ended with|rank 1 has ended") as failed:
        station.pair(case, 0, "parallel", 1)
    assert failed.value.status is Status.FAILED
    station.close(graceful=False)
