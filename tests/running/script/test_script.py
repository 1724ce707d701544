"""Scripts: what they say, and that they run where there is no chunkbench."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from functools import cache
from types import FunctionType
from typing import cast

import psutil
import pytest

from harness.core.errors import UsageError
from harness.core.records import Case
from harness.running.executors import REGISTRY, lookup
from harness.running.executors.dask_local import DaskThreads
from harness.running.measure.sweep.refusals import refusals
from harness.running.script import script as written
from harness.running.workloads import WORKLOADS, calibrated, make_workload

script = cache(written)
"""Each script is looked at by several tests."""


@pytest.fixture(autouse=True)
def _little_work():
    """A tenth of an iteration for a microsecond, so that no test waits for work that is added."""
    calibrated.keep(0.1)
    yield
    calibrated.keep(None)


SIZES = {
    "random-reduction": (4000, 500),
    "blas-product": (128**2, 64**2),
    "startup": (1, 1),
    "io-wait": (8, 3),
}
LINES = 82
"""Lines that are not blank, of the longest script; most have at most 60."""
RUNS = (
    ("random-sum", "numpy"),
    ("blas-product", "numpy-threads"),
    ("bag-fold", "serial-replay"),
    ("random-sum-as-written", "thread-pool"),
    ("futures-map", "process-pool"),
    ("random-reduction", "dask-synchronous"),
    ("random-reduction", "dask-threads"),
    ("random-reduction", "thread-pool"),
    ("bag-groupby", "dask-threads"),
    ("bag-groupby", "thread-pool"),
    ("bag-map", "dask-processes"),
    ("bag-filter", "thread-pool"),
    ("futures-delayed", "dask-threads"),
    ("futures", "dask-distributed-threads"),
    ("blas-product", "dask-distributed-processes"),
    ("empty-task", "dask-threads"),
    ("spin-task", "thread-pool"),
    ("spin-task-nogil", "thread-pool"),
    ("spin-stencil", "dask-threads"),
    ("spin-stencil", "dask-distributed-threads"),
    ("counter-actor", "thread-pool"),
    ("counter-actor", "process-pool"),
    ("counter-actor", "dask-actors"),
    ("counter-actor", "ray-actors"),
    ("futures-increment", "ray-tasks"),
    ("startup", "dask-threads"),
    ("one-compute", "dask-threads"),
    ("many-computes", "dask-threads"),
    ("persisted", "dask-threads"),
    ("recomputed", "dask-threads"),
    ("made-in-workers", "dask-threads"),
    ("passed-in-graph", "dask-threads"),
    ("small-graph", "dask-threads"),
    ("huge-graph", "dask-threads"),
    ("reduced-on-workers", "dask-threads"),
    ("moved-to-client", "dask-threads"),
    ("small-value", "thread-pool"),
    ("small-value-one-by-one", "dask-distributed-threads"),
    ("ones-sum", "dask-threads"),
    ("bag-map-10us", "dask-processes"),
    ("futures-10us", "ray-tasks"),
    ("counter-actor-10us", "process-pool"),
    ("random-sum", "multiprocessing-threads"),
    ("futures", "multiprocessing-fork"),
    ("futures-map", "multiprocessing-spawn"),
    ("spin-task", "multiprocessing-forkserver"),
    ("bag-map", "multiprocessing-batched"),
    ("random-sum", "asyncio-threads"),
    ("random-sum", "joblib-loky"),
    ("bag-map", "joblib-loky-batched"),
    ("futures-map", "joblib-threading"),
    ("spin-task", "joblib-threading-batched"),
    ("io-wait", "thread-pool"),
)
FURTHER = (
    ("futures-map", "joblib-dask"),
    ("random-sum", "joblib-ray"),
    ("io-wait", "asyncio-tasks"),
    ("futures-map", "interpreter-pool"),
)
"""The same of executors that no suite sweeps, as far as a script can be written."""
"""Cases that have every executor and every workload at least once, of those that differ in the
amount of work alone one."""
ONE_EACH = {(lookup(run[1]).kind, "ray" in run[1]): run for run in reversed(RUNS)}.values()
"""The first run of each kind of executor, and of Ray."""


def small_case(workload, name):
    executor = lookup(name)
    size, chunk = SIZES.get(workload, (1000, 100))
    return Case(
        workload=workload,
        size=size,
        executor=name,
        workers=2 if executor.max_workers is None else executor.max_workers,
        pin="1" if "1" in executor.pins else executor.pins[0],
        chunk=chunk if executor.chunked else size,
    )


HERE = sorted(
    name for name in REGISTRY.names() if lookup(name).in_suites and not lookup(name).named_only
)
"""Executors that suites sweep; for those that need a batch system or a running cluster there are no
scripts."""


SCRIPTED = {name: made for name, made in WORKLOADS.items() if made.way != "frame"}
"""Workloads that have a script: a group-by is a few lines of each library, shown with it."""


def runnable():
    cases = [small_case(workload, name) for workload in SCRIPTED for name in HERE]
    refused = refusals(cases, 10**12)
    return [case for case in cases if case not in refused]


CASES = runnable()
COVERING = [small_case(workload, executor) for workload, executor in RUNS]
several = pytest.mark.parametrize(
    "cases",
    [pytest.param(COVERING, id="covering"), pytest.param(CASES, id="all", marks=pytest.mark.full)],
)


@pytest.mark.full
def test_three_scripts_in_four_have_at_most_60_lines():
    lengths = [len([line for line in script(case, 2).splitlines() if line]) for case in CASES]
    assert sum(length <= 60 for length in lengths) >= 0.75 * len(CASES)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            id=f"{case.workload}-{case.executor}",
            marks=() if case in COVERING else pytest.mark.full,
        )
        for case in CASES
    ],
)
def test_every_case_that_can_run_has_a_short_script_of_its_own(case):
    """Python that imports nothing of the harness, and sets the pins before it imports anything."""
    text = script(case, 2)
    tree = ast.parse(text)
    modules = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    roots = {name.partition(".")[0] for name in modules}
    assert roots - set(sys.stdlib_module_names) <= {"numpy", *lookup(case.executor).needs}
    if "numpy" in roots:
        assert text.index('os.environ[name] = "') < text.index("import numpy")
    assert len([line for line in text.splitlines() if line.strip()]) <= LINES
    assert "self" not in text or case.workload.startswith("counter-actor")


@several
def test_no_script_has_an_unused_or_unknown_name(tmp_path, cases):
    for case in cases:
        name = f"{case.workload}_{case.executor}.py"
        (tmp_path / name).write_text(script(case, 2))
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F,E9", tmp_path],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("workload", [name for name in SCRIPTED if name != "startup"])
def test_a_script_computes_what_the_harness_computes(monkeypatch, workload):
    """From the same seed both ways give the harness's answers to the last bit, serial and chunked,
    and the script checks an answer as the harness does."""
    monkeypatch.setattr(os, "environ", dict(os.environ))  # the script sets its pins there
    case = small_case(workload, "serial-replay")
    program = {"__name__": "example"}
    exec(script(case, 2), program)  # the script is the subject
    made = make_workload(workload, case.size)
    chunked = made.combine(made.replay(made.tasks(case.chunk, 7)))
    for name, expected in (("serial", made.baseline(7)), ("parallel", chunked)):
        function = cast("FunctionType", program[name])
        answer = function(*[7] * function.__code__.co_argcount)
        assert made.digest(answer) == made.digest(expected)
    check = cast("FunctionType", program["check"])
    assert check(answer) is None
    wrong = make_workload(workload, 4 * case.size).baseline(7)
    assert check(wrong) == made.check(wrong)
    assert check(wrong)


def test_dask_is_shown_as_the_lesson_writes_it():
    case = Case(
        workload="random-sum",
        size=10_000_000,
        executor="dask-threads",
        workers=2,
        pin="1",
        chunk=100_000,
    )
    text = script(case, 2)
    assert "SIZE, CHUNK, WORKERS = 10_000_000, 100_000, 2" in text
    assert "da.random.random(SIZE, chunks=(CHUNK,)).sum().compute(" in text
    assert 'scheduler="threads", num_workers=WORKERS' in text


@pytest.mark.parametrize(("pin", "threads"), [("1", "1"), ("cores", "8"), ("default", None)])
def test_the_pin_is_that_of_the_case(pin, threads):
    case = small_case("random-sum", "dask-threads").model_copy(update={"pin": pin})
    threads_set = re.findall(r'os\.environ\[name\] = "(\d+)"', script(case, 8.5))
    assert threads_set == ([] if threads is None else [threads])


def test_clusters_listen_on_the_loopback_alone():
    assert 'host="127.0.0.1"' in script(small_case("random-sum", "dask-distributed-processes"), 2)
    ray = script(small_case("random-sum", "ray-tasks"), 2)
    assert 'os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"' in ray
    assert 'os.environ["RAY_USAGE_STATS_ENABLED"] = "0"' in ray
    assert "include_dashboard=False" in ray


def test_an_executor_of_a_third_party_has_no_script(monkeypatch):
    other = type("Other", (DaskThreads,), {"name": "other"})
    monkeypatch.setattr("harness.running.script.lookup", lambda name: other)
    case = small_case("random-sum", "dask-threads").model_copy(update={"executor": "other"})
    with pytest.raises(UsageError, match="no script for other"):
        script(case, 2)


def test_the_runs_cover_every_executor_and_every_workload():
    assert {executor for _, executor in RUNS} == set(HERE) - {
        "serial"
    }  # the loop of a work of one's own
    assert {workload for workload, _ in RUNS} == {
        name for name, made in SCRIPTED.items() if not made.family or name.endswith("-10us")
    }


def processes_with(mark):
    pids = []
    for process in psutil.process_iter():
        try:
            if mark in process.environ().values():
                pids.append(process.pid)
        except psutil.Error:
            continue
    return pids


@pytest.mark.engine
@pytest.mark.parametrize(
    ("workload", "executor"),
    [
        pytest.param(*run, marks=() if run in ONE_EACH else pytest.mark.full)
        for run in (*RUNS, *FURTHER)
    ],
)
def test_a_script_runs_without_chunkbench_and_leaves_nothing_behind(tmp_path, workload, executor):
    if missing := lookup(executor).missing():
        pytest.skip(missing)
    (tmp_path / "harness.py").write_text("raise ImportError('no chunkbench here')\n")
    (tmp_path / "example.py").write_text(script(small_case(workload, executor), 2))
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "example.py"],
        cwd=tmp_path,
        env=kept | {"EXAMPLE": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"TP [0-9.e-]+ s\nratio T1/TP [0-9.e+-]+\n$", done.stdout)
    _, alive = psutil.wait_procs(map(psutil.Process, processes_with(str(tmp_path))), timeout=10)
    assert not alive
