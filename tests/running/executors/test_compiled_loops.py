"""Engines that compile loops and expressions of their own: what they compute, and on which threads.

Each test runs where its engine is installed; the contract has the rest.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from harness.running.executors import OURS, lookup
from harness.running.workloads import WORKLOADS, make_workload

COMPILED = [name for name in OURS if name.startswith(("numba-", "numexpr"))]
LOOPS = [name for name in COMPILED if name.startswith("numba-")]
PROGRAM = """
import json, sys
from pathlib import Path
from harness.running.executors import lookup
from harness.running.workloads import make_workload

executor = lookup(sys.argv[1])(int(sys.argv[2]), Path("."))
layout = executor.start()
found = {}
for name, size, chunk, seed in json.loads(sys.argv[3]):
    workload = make_workload(name, size)
    built = executor.build(workload, chunk, seed)
    answer = executor.run(built)
    value = answer.tolist() if hasattr(answer, "tolist") else answer
    found[f"{name}-{seed}"] = [value, workload.check(answer), executor.n_tasks(built)]
try:
    executor.loops["random-sum"](1, "no addresses", 1, 1)
except Exception as error:
    found["error"] = [type(error).__name__, str(error)]
executor.stop()
print(json.dumps([layout.settings, layout.processes, layout.threads_per_process, found]))
"""
CASES = [
    ["empty-task", 50, 15, 1],
    ["random-sum", 20_000, 6_000, 1],
    ["random-sum", 20_000, 6_000, 2],
    ["random-sum", 20_000, 20_000, 3],
    ["random-reduction", 4_000, 500, 1],
]


@pytest.mark.parametrize("name", COMPILED)
def test_what_it_has_no_loop_for_is_refused_with_those_that_it_has(name):
    """A compiler takes no function as it is: nothing is run in another way in silence."""
    engine = lookup(name)
    said = {each: engine.refuses(make_workload(each, 4_000)) for each in WORKLOADS}
    own = [each for each, reason in said.items() if reason is None]
    assert {"random-reduction"} <= set(own) <= {"random-reduction", "random-sum", "empty-task"}
    for reason in filter(None, said.values()):
        assert all(each in reason for each in own)


@pytest.mark.engine
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("name", LOOPS)
def test_loops_give_right_answers_on_as_many_threads_as_there_are_workers(name, workers):
    """Whatever the pin's variable says; from another seed come other numbers (rule 5)."""
    if missing := lookup(name).missing():
        pytest.skip(missing)
    settings, processes, threads, found = run(name, workers)
    assert (processes, threads) == (1, workers)
    assert settings == {
        "numba.threading_layer": name.removeprefix("numba-"),
        "numba.num_threads": workers,
    }
    assert {case: found[case][1] for case in found if case != "error"} == dict.fromkeys(
        ["empty-task-1", "random-sum-1", "random-sum-2", "random-sum-3", "random-reduction-1"]
    )
    n_tasks = {"empty-task-1": 4, "random-sum-1": 4, "random-sum-3": 1, "random-reduction-1": 8}
    assert {case: found[case][2] for case in n_tasks} == n_tasks
    assert found["empty-task-1"][0] == 50
    assert found["random-sum-1"][0] != found["random-sum-2"][0]


@pytest.mark.engine
@pytest.mark.parametrize("name", LOOPS[:1])
def test_a_loop_of_one_thread_draws_what_numpy_draws(name):
    """Rule 2: the same generator, so that what is compared is the loop and not the numbers."""
    if missing := lookup(name).missing():
        pytest.skip(missing)
    *_, found = run(name, 1)
    numpys = np.random.Generator(np.random.PCG64([3, 0])).random(20_000)
    assert found["random-sum-3"][0] == pytest.approx(float(numpys.sum()), rel=1e-12)


@pytest.mark.engine
@pytest.mark.parametrize("name", LOOPS[:1])
def test_what_goes_wrong_in_a_loop_says_so(name):
    if missing := lookup(name).missing():
        pytest.skip(missing)
    *_, found = run(name, 1)
    kind, message = found["error"]
    assert kind == "TypingError"
    assert message


@cache
def run(name, workers):
    """What :data:`PROGRAM` prints; a process can start numba's threads once."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, name, str(workers), json.dumps(CASES)],
        env={**os.environ, "NUMBA_NUM_THREADS": "1", **lookup(name).environment(Path(), {})},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
