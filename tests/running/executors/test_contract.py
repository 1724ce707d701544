"""The contract of every executor that needs packages alone; the others' are in ``tests/hpc``."""

from __future__ import annotations

import shutil

import pytest

from harness.running.executors import lookup
from harness.running.workloads import WORKLOADS, make_workload
from tests.running.executors import tasks
from tests.running.executors.contract import (  # noqa: F401 - collected from here
    GRAPHS,
    ONE_EACH,
    SIZES,
    everywhere,
    family,
    map_tasks,
    note,
    runnable,
    start_ups,
    test_a_killed_worker_is_a_status,
    test_an_exception_in_a_task_comes_back_with_its_message,
    test_answers_are_right,
    test_every_task_that_is_logged_is_in_a_whole_tree,
    test_every_worker_process_has_the_pin,
    test_lack_of_memory_in_a_task_is_told_from_other_failures,
    test_no_other_user_of_this_machine_gets_in,
    test_nothing_is_left_behind,
    test_nothing_listens_beyond_this_machine,
    test_pages_are_made_or_refused_with_a_reason,
    test_partial_results_are_those_of_the_serial_replay,
    test_planted_work_is_found_in_the_tasks,
    test_tasks_ran_in_the_workers_whose_pins_were_verified,
    test_tasks_say_when_they_ran_on_the_clock_of_the_caller,
    test_the_block_says_that_others_were_kept_out,
    test_the_layout_adds_up_to_the_workers,
    test_the_number_of_tasks_in_a_message_is_recorded,
    test_the_parents_environment_stays_as_it_is,
    test_the_time_budget_closes,
    traces,
)

pytestmark = pytest.mark.engine


PINNED_TO_ALL_CORES = ("numpy-threads", "process-pool")
"""Of NumPy alone and of workers: those that ``make test`` also starts with a pin to all cores.
Workers inherit their pin from the process that starts them, whatever its engine is."""
OWN_WAY = (
    "dask-actors",
    "dask-distributed-processes",
    "dask-processes",
    "joblib-loky",
    "multiprocessing-fork",
    "ray-tasks",
    "thread-pool",
)
"""One executor of each way to hand over a mapped task, and to say what went wrong in it."""
FEW_WORKLOADS = (
    "joblib-loky",
    "multiprocessing-fork",
    "multiprocessing-forkserver",
    "multiprocessing-spawn",
)
"""Executors that hand every task over in one way, whatever it is: ``make test`` has them start, be
verified, run few workloads and end."""
IN_THIS_PROCESS = (
    "asyncio-tasks",
    "asyncio-threads",
    "joblib-loky-batched",
    "joblib-threading",
    "joblib-threading-batched",
    "multiprocessing-batched",
    "multiprocessing-threads",
)
"""Executors that differ by one argument from one that ``make test`` starts in a block of its own:
it has them run in its own process."""
FEW = frozenset({"random-sum", "futures"})
FURTHER = ("numba-omp", "numexpr")
"""Of the executors that no suite sweeps, those that ``make test`` starts where they are installed:
the quickest."""
COMPILED = ("numba-", "numexpr")
"""How names of executors begin that run loops and expressions of their own, no function: they have
``test_compiled_loops.py``."""
FURTHER_WORKLOADS = frozenset({"random-sum", "random-reduction", "futures"})


def noted_start_ups():
    """Every executor with a workload of each family, or with few where another one's contract says
    the rest; and, as the ``full`` contract, with every workload and under every pin."""
    for executor, pin in start_ups(everywhere()):
        name = f"{executor}-{pin}"
        if not lookup(executor).in_suites:
            short = executor in FURTHER and pin == lookup(executor).pins[0]
            marks = () if short else pytest.mark.full
            yield pytest.param((executor, pin, FURTHER_WORKLOADS), id=name, marks=marks)
            continue
        if executor not in IN_THIS_PROCESS and (pin == "1" or executor in PINNED_TO_ALL_CORES):
            few = FEW if executor in FEW_WORKLOADS else ONE_EACH.union(GRAPHS)
            yield pytest.param((executor, pin, few), id=name)
        yield pytest.param((executor, pin, WORKLOADS), id=f"{name}-all", marks=pytest.mark.full)


@pytest.fixture(scope="module", params=list(noted_start_ups()))
def noted(request, tmp_path_factory):
    executor, pin, workloads = request.param
    if missing := lookup(executor).missing():
        pytest.skip(missing)
    return note(executor, pin, tmp_path_factory.mktemp("home"), workloads)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=() if name in OWN_WAY else pytest.mark.full)
        for name in everywhere()
        if not name.startswith(COMPILED)
    ],
)
def mapped(request):
    if missing := lookup(request.param).missing():
        pytest.skip(missing)
    few = request.param in FEW_WORKLOADS or not lookup(request.param).in_suites
    return map_tasks(request.param, FEW if few else WORKLOADS)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("name", IN_THIS_PROCESS)
def test_results_come_in_order_and_an_error_with_its_message(name, tmp_path):
    """Rule 4; and the pool goes on after a task that failed."""
    if missing := lookup(name).missing():
        pytest.skip(missing)
    executor = lookup(name)(2, tmp_path)
    layout = executor.start()
    try:
        assert layout.processes * layout.threads_per_process == 2
        for way in set(executor.ways.values()):
            run_tasks = getattr(executor, way)
            assert run_tasks(pow, [(number, 2) for number in range(9)]) == [
                number**2 for number in range(9)
            ]
            with pytest.raises(ValueError, match=tasks.MESSAGE):
                run_tasks(tasks.fail, [(1,), (2,)])
    finally:
        executor.stop()


def test_every_workload_runs_on_every_executor_that_has_its_way():
    """A workload is refused where an executor cannot be used like that, and for no other reason."""
    for executor in everywhere():
        if lookup(executor).missing():
            continue
        tested = {case.workload for case in runnable(executor, lookup(executor).pins[0])}
        fitting = {w for w in WORKLOADS if not lookup(executor).refuses(make_workload(w, 1))}
        assert tested == fitting - {"startup"}
    assert set(SIZES) <= set(map(family, WORKLOADS))
    assert shutil.disk_usage("/tmp").free > 2**28
