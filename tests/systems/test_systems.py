"""Each system in the environment that is built for it here: the contract of executors, for real.

The environments stay in ``.venvs``, so that a second run builds none.
"""

from __future__ import annotations

import pytest

from harness.running.executors import OURS, lookup
from harness.running.executors.options import INTERFACE
from harness.running.measure.environment.homes import homes_of
from harness.running.measure.environment.named_environments import install
from harness.running.workloads import WORKLOADS, make_workload
from tests.running.executors.contract import (  # noqa: F401 - collected from here
    map_tasks,
    note,
    start_ups,
    test_a_killed_worker_is_a_status,
    test_an_exception_in_a_task_comes_back_with_its_message,
    test_answers_are_right,
    test_every_worker_process_has_the_pin,
    test_lack_of_memory_in_a_task_is_told_from_other_failures,
    test_no_other_user_of_this_machine_gets_in,
    test_nothing_is_left_behind,
    test_nothing_listens_beyond_this_machine,
    test_partial_results_are_those_of_the_serial_replay,
    test_planted_work_is_found_in_the_tasks,
    test_tasks_ran_in_the_workers_whose_pins_were_verified,
    test_tasks_say_when_they_ran_on_the_clock_of_the_caller,
    test_the_layout_adds_up_to_the_workers,
    test_the_parents_environment_stays_as_it_is,
    test_the_time_budget_closes,
    traces,
)

pytestmark = [pytest.mark.system, pytest.mark.engine, pytest.mark.timeout(1800)]

SOME = ("polars", "duckdb", "executorlib", "modin-dask")
"""Environments of ``make test-systems-some``: small ones, and a large one with a cluster."""
FEW = frozenset({"frame-groupby", "bag-map"})
"""A job of Spark takes long: a frame and tasks are enough."""
LIVING = sorted(name for name in OURS if lookup(name).lives_in)


def marked(names):
    """Each of *names*, as ``full`` where its environment is not one of :data:`SOME`."""
    for name in names:
        some = lookup(name).lives_in in SOME
        yield pytest.param(name, marks=() if some else pytest.mark.full, id=name)


def home_of(name):
    """Where the executor *name* runs, built if need be."""
    install(str(lookup(name).lives_in))
    homes = homes_of([name])
    assert homes.missing_of(lookup(name)) is None
    return homes


@pytest.fixture(scope="module", params=list(marked(LIVING)))
def noted(request, tmp_path_factory):
    homes = home_of(request.param)
    [(_, pin), *_] = start_ups([request.param])
    with pytest.MonkeyPatch.context() as patch:
        if lookup(request.param).heard_beyond:
            patch.setenv(INTERFACE, "lo")  # or it is refused
        return note(request.param, pin, tmp_path_factory.mktemp("home"), FEW, homes)


RUN_TASKS = [name for name in LIVING if "tasks" in lookup(name).ways]


@pytest.fixture(scope="module", params=list(marked(RUN_TASKS)))
def mapped(request):
    there = home_of(request.param).of(request.param)
    assert there is not None
    fitting = {name for name in FEW if make_workload(name, 1).way in {"tasks", "map"}}
    return map_tasks(request.param, fitting, there.python)


def test_the_workers_are_threads_of_the_number_that_was_asked_for(noted):
    """Read back from the engine itself, where it says so: one thread must not be all cores."""
    settings = noted.layout["settings"]
    numbers = {name: settings[name] for name in settings if "thread" in name.lower()}
    if lookup(noted.executor).kind != "local threads" or not numbers:
        pytest.skip("says nothing of threads")
    assert set(numbers.values()) == {noted.workers}


def test_every_system_runs_the_frame_or_tasks(noted):
    ways = {make_workload(case.workload, case.size).way for case in noted.pairs}
    assert ways
    assert {case.workload for case in noted.pairs} <= set(WORKLOADS)
