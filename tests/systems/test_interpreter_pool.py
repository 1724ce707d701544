"""The pool of interpreters on the Python 3.14 of this machine: the contract of executors, for real.

It has no environment of its own to build: a Python that is not there is a reason to skip.
"""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from harness.core.errors import UsageError
from harness.running.executors import lookup
from harness.running.measure.environment.built_environment import built
from harness.running.measure.environment.other_python import find_python, look_into
from harness.running.script import script
from harness.running.workloads import make_workload
from tests.running.executors.contract import (  # noqa: F401 - collected from here
    ONE_EACH,
    ROOT,
    map_tasks,
    note,
    planned,
    start_ups,
    test_a_killed_worker_is_a_status,
    test_an_exception_in_a_task_comes_back_with_its_message,
    test_answers_are_right,
    test_every_worker_process_has_the_pin,
    test_no_other_user_of_this_machine_gets_in,
    test_nothing_is_left_behind,
    test_nothing_listens_beyond_this_machine,
    test_pages_are_made_or_refused_with_a_reason,
    test_partial_results_are_those_of_the_serial_replay,
    test_planted_work_is_found_in_the_tasks,
    test_tasks_ran_in_the_workers_whose_pins_were_verified,
    test_tasks_say_when_they_ran_on_the_clock_of_the_caller,
    test_the_layout_adds_up_to_the_workers,
    test_the_parents_environment_stays_as_it_is,
    test_the_time_budget_closes,
    traces,
)

pytestmark = [pytest.mark.system, pytest.mark.engine, pytest.mark.timeout(600)]

NAME = "interpreter-pool"
PROGRAM = """
import json, time
from pathlib import Path
from harness.running.executors import lookup
from tests.running.executors import tasks

pool = lookup("interpreter-pool")(2, Path("."))
pool.start()
homes = set(pool.map(tasks.interpreter, [(0.05,)] * 8))
try:
    pool.submit(tasks.use_numpy, [()])
except Exception as error:
    cause = pool.cause(error)
pool.stop()
print(json.dumps([sorted(homes), f"{type(cause).__name__}: {cause}"]))
"""


@pytest.fixture(scope="module")
def there():
    """An environment with NumPy, of the first Python that has such pools."""
    try:
        python = find_python(".".join(map(str, lookup(NAME).needs_python)))
    except UsageError as error:
        pytest.skip(str(error))
    environment = look_into(built(["numpy"], [NAME], python=python))
    assert environment.missing_of(lookup(NAME)) is None
    return environment


@pytest.fixture(scope="module", params=[pin for _, pin in start_ups([NAME])])
def noted(request, there, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    return note(NAME, request.param, home, ONE_EACH, there)


@pytest.fixture(scope="module")
def mapped(there):
    fitting = {name for name in ONE_EACH if not lookup(NAME).refuses(make_workload(name, 1))}
    return map_tasks(NAME, fitting, there.python)


def test_lack_of_memory_in_a_task_is_told_although_its_message_is_lost(mapped):
    """Python 3.14 takes such a task for one that returned ``None``."""
    _, found = mapped
    assert found["out of memory"]["status"] == "out of memory"
    assert "a task returned nothing" in found["out of memory"]["error"]
    assert found["good again"]["answers"] == ["50"]


def test_each_worker_is_an_interpreter_of_its_own_in_which_numpy_still_does_not_load(there):
    """Once NumPy loads there, what is refused for its sake can be measured."""
    done = subprocess.run(
        [there.python, "-c", PROGRAM],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    homes, cause = json.loads(done.stdout)
    assert len(homes) == 2
    assert 0 not in homes  # the first interpreter
    assert cause == (
        "ImportError: module numpy._core._multiarray_umath does not support loading in "
        "subinterpreters"
    )


@pytest.mark.parametrize("workload", ["bag-map", "counter-actor"])
def test_a_script_runs_without_chunkbench(there, workload, tmp_path):
    program = tmp_path / "example.py"
    program.write_text(script(planned(NAME, workload, "1"), 2))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [there.python, program], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "ratio T1/TP" in done.stdout
