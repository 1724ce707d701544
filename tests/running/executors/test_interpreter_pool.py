"""What can be said of the pool of interpreters on any Python: who may use it, and what is refused.

The contract, which needs Python 3.14, is held in ``tests/systems``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness.core.records import Case
from harness.running.executors import lookup
from harness.running.executors.interpreter_pool import ABSENT
from harness.running.measure.environment.other_python import Environment
from harness.running.measure.sweep.refusals import refusals
from harness.running.workloads import WORKLOADS, make_workload

NAME = "interpreter-pool"
PROGRAM = """
import json, sys
from harness.running.host.subinterpreter import import_without

absent = json.loads(sys.argv[1])
import_without(absent, "harness.running.executors.pools")
left = [name for name in absent if name in sys.modules]
from harness.running.workloads import make_workload

failed = {}
for name in json.loads(sys.argv[2]):
    workload = make_workload(name, 64 * 64)
    workload.ready()
    try:
        workload.replay(workload.tasks(workload.nearest_chunk(4), 1)[:1])
    except AttributeError as error:
        failed[name] = str(error)
import numpy
print(json.dumps([left, failed, numpy.arange(3).tolist()]))
"""


@pytest.fixture
def executor(monkeypatch):
    """Its class, as on a Python that has it."""
    found = lookup(NAME)
    monkeypatch.setattr(found, "needs_python", (3, 10))
    return found


def case(workload):
    return Case(workload=workload, size=100, executor=NAME, workers=2, pin="1", chunk=10)


def test_an_older_python_is_told_which_it_needs_and_how(monkeypatch):
    monkeypatch.setattr(lookup(NAME), "needs_python", (99, 1))
    told = "needs Python 99.1 or later: chunkbench run --executor interpreter-pool --python PATH"
    assert lookup(NAME).missing() == told
    assert refusals([case("bag-map")], 2**30) == {case("bag-map"): told}


def test_an_older_python_that_was_named_is_told_what_it_is():
    """And not that a package would help."""
    reason = lookup(NAME).missing() or "needs Python 3.14 or later: ..."
    older = Environment(
        Path("/e/bin/python"), "CPython 3.12.1", {"python": "3.12.1"}, {NAME: reason}
    )
    told = "needs Python 3.14 or later, and /e/bin/python is CPython 3.12.1"
    assert older.missing_of(lookup(NAME)) == told


def test_what_needs_numpy_is_refused_in_one_line(executor):
    assert refusals([case("bag-map"), case("futures"), case("counter-actor")], 2**30) == {}
    [said] = refusals([case("random-sum")], 2**30).values()
    assert said == (
        "random-sum needs NumPy in its tasks, which does not load in the interpreters of "
        "interpreter-pool: measure it on thread-pool or process-pool"
    )


def test_tasks_run_without_numpy_where_the_pool_takes_them_and_fail_where_not(executor):
    """Each workload that it has a way for, in a process that has its modules without NumPy; NumPy
    itself is there again for whoever imports it later."""
    fitting = [name for name in WORKLOADS if make_workload(name, 1).way in executor.ways]
    refused = [name for name in fitting if executor.refuses(make_workload(name, 1))]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(ABSENT), json.dumps(fitting)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    left, failed, numbers = json.loads(done.stdout)
    assert sorted(failed) == sorted(refused)
    assert len(refused) < len(fitting)
    assert all("numpy does not load in an interpreter" in said for said in failed.values())
    assert left == []
    assert numbers == [0, 1, 2]


def test_of_an_import_that_fails_there_the_one_line_is_left_that_says_why(tmp_path):
    """NumPy puts pages around it, and the pool says that an argument cannot be shared."""
    line = "module numpy._core._multiarray_umath does not support loading in subinterpreters"
    pool = lookup(NAME)(1, tmp_path)
    raised = TypeError("args not shareable")
    raised.__cause__ = ImportError(f"\n\nIMPORTANT: PLEASE READ THIS\n\nOriginal error was: {line}")
    cause = pool.cause(raised)
    assert (type(cause), str(cause)) == (ImportError, line)
    other = ValueError("no such luck")
    assert pool.cause(other) is other
