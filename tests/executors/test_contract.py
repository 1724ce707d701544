"""The contract of every executor with every workload, on real engines: rules 4, 7, 8, 10 and 11.

Each engine is started once a workload; what it did is noted, and the tests judge the notes.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import psutil
import pytest

from harness import pins
from harness.executors import lookup, registry
from harness.machine import usable_cores
from harness.measure.bench import First, ProcessBench
from harness.measure.channel import child_environment
from harness.measure.reaper import Reaper, survivors
from harness.measure.refusals import refusals
from harness.records import Case, Pair, WorkerProbe
from harness.workloads import WORKLOADS, make_workload
from tests.executors import tasks
from tests.executors.mapped import SEED

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]
CORES = usable_cores().number
SIZES = {"random-sum": 20_000, "random-sum-as-written": 20_000, "empty-task": 50}
LIMIT_SECONDS = 60.0
ORDERS: tuple[First, First] = ("parallel", "serial")


def workers_of(executor):
    return 2 if lookup(executor).max_workers is None else 1


def planned(executor, workload, pin):
    """Four chunks, the last one shorter, or the whole."""
    size = SIZES[workload]
    return Case(
        workload=workload, size=size, executor=executor, workers=workers_of(executor), pin=pin,
        chunk=size * 3 // 10 if lookup(executor).chunked else size,
    )  # fmt: skip


def all_cases():
    """Every executor with every workload; the pins take turns, so that each executor has both."""
    turns = ("1", "cores", "1")
    cases = []
    for executor in sorted(registry()):
        for workload, turn in zip(sorted(WORKLOADS), turns, strict=True):
            pin = turn if turn in lookup(executor).pins else lookup(executor).pins[0]
            cases.append(planned(executor, workload, pin))
    return cases


def label(case):
    return f"{case.executor}-{case.workload}"


@dataclass
class Noted:
    """What one start-up did."""

    case: Case
    pairs: list[Pair] = field(default_factory=list)
    layout: dict[str, Any] = field(default_factory=dict)
    verified: list[WorkerProbe] = field(default_factory=list)
    processes: dict[int, float] = field(default_factory=dict)
    listening: set[tuple[str, str]] = field(default_factory=set)
    alive_after_close: list[str] = field(default_factory=list)
    resisted: int = -1
    scratch_left: bool = True
    in_home: list[str] = field(default_factory=list)
    in_temporary: set[str] = field(default_factory=set)
    environment_changed: bool = True


def note_processes(noted, reaper):
    for process in survivors(reaper.token, reaper.sessions):
        try:
            noted.processes[process.pid] = process.create_time()
            for connection in process.net_connections("inet"):
                if len(connection.laddr) and not len(connection.raddr):
                    noted.listening.add((process.name(), connection.laddr.ip))
        except psutil.NoSuchProcess:
            continue


def still_alive(processes):
    found = []
    for pid, created in processes.items():
        try:
            process = psutil.Process(pid)
            if process.create_time() == created and process.status() != psutil.STATUS_ZOMBIE:
                found.append(f"{pid} {process.name()}")
        except psutil.NoSuchProcess:
            continue
    return found


def litter():
    """What engines are known to leave in the temporary folder."""
    folder = Path(tempfile.gettempdir())
    return {path.name for path in folder.iterdir() if path.name.startswith(("ray", "dask"))}


@pytest.fixture(scope="module", params=all_cases(), ids=label)
def noted(request, tmp_path_factory):
    case = request.param
    if refused := refusals([case], 2**30).get(case):
        pytest.skip(refused)
    home, before = tmp_path_factory.mktemp("home"), litter()
    scratch = Path(tempfile.mkdtemp(prefix="chunkbench-", dir="/tmp"))
    found = Noted(case)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        environment = dict(os.environ)
        reaper = Reaper(os.urandom(8).hex(), scratch)
        try:
            bench = ProcessBench("run", CORES, scratch, reaper, LIMIT_SECONDS)
            station = bench.open(case.group, 0)
            try:
                found.layout, found.verified = station.layout, station.verified
                note_processes(found, reaper)
                station.warm(case, None)
                found.pairs = [
                    station.pair(case, number, first, 100 + number)
                    for number, first in enumerate(ORDERS)
                ]
                note_processes(found, reaper)
            finally:
                station.close(graceful=True)
            found.alive_after_close = still_alive(found.processes)
        finally:
            found.resisted = reaper.finish()
        found.environment_changed = environment != dict(os.environ)
    found.scratch_left = scratch.exists()
    found.in_home = [str(path.relative_to(home)) for path in home.rglob("*")]
    found.in_temporary = litter() - before
    return found


def test_answers_are_right(noted):
    """Rule 4: checked after every call; a wrong one would have raised instead of giving a pair."""
    case = noted.case
    for pair in noted.pairs:
        assert pair.case == case
        assert pair.n_chunks == math.ceil(case.size / case.chunk)
        assert pair.n_tasks is not None
        assert pair.n_tasks >= pair.n_chunks
        assert pair.parallel_seconds is not None
        assert pair.parallel_seconds > 0
        assert pair.serial_seconds is not None
        assert pair.serial_seconds > 0
    assert [pair.first for pair in noted.pairs] == ["parallel", "serial"]


def test_every_worker_process_has_the_pin(noted):
    """Rule 8: read back inside every worker, whose processes are as many as the layout says."""
    wanted = pins.native_threads(noted.case.pin, CORES)
    pids = {probe.pid for probe in noted.verified}
    assert len(pids) == len(noted.verified) == noted.layout["processes"]
    assert os.getpid() not in pids
    assert pids <= set(noted.processes)
    for probe in noted.verified:
        assert probe.native_threads == wanted
        assert set(probe.environment.values()) == {str(wanted)}


def test_the_layout_adds_up_to_the_workers(noted):
    """Vocabulary: workers are how many tasks can run at once, as processes times threads."""
    layout = noted.layout
    assert layout["processes"] * layout["threads_per_process"] == (
        noted.case.workers if lookup(noted.case.executor).chunked else 1
    )


def test_nothing_listens_beyond_this_machine(noted):
    """An engine's servers run whatever they are sent: they are not for the network."""
    open_to_others = {
        (name, address)
        for name, address in noted.listening
        if not ip_address(address.removeprefix("::ffff:")).is_loopback
    }
    assert open_to_others == set()
    if lookup(noted.case.executor).kind == "cluster":
        assert noted.listening  # else nothing was seen at all


def test_nothing_is_left_behind(noted):
    """Rule 11: processes end with the block, files with the sweep, and the home stays as it is."""
    assert len(noted.processes) >= 2  # the engine's and the baseline's, else nothing was seen
    assert noted.alive_after_close == []
    assert noted.resisted == 0
    assert not noted.scratch_left
    assert noted.in_home == []
    assert noted.in_temporary == set()


def test_the_parents_environment_stays_as_it_is(noted):
    """Rule 6: what an engine writes into its environment stays in its process."""
    assert not noted.environment_changed


# --- mapped tasks


@pytest.fixture(scope="module", params=sorted(registry()))
def mapped(request):
    """What :mod:`tests.executors.mapped` found, with its cases."""
    name = request.param
    if missing := lookup(name).missing():
        pytest.skip(missing)
    cases = [(w, SIZES[w], SIZES[w] * 3 // 10) for w in sorted(WORKLOADS)]
    scratch = Path(tempfile.mkdtemp(prefix="chunkbench-", dir="/tmp"))
    reaper = Reaper(os.urandom(8).hex(), scratch)
    try:
        pinned = pins.environment("1", CORES)
        extra = pinned | lookup(name).environment(scratch, pinned)
        environment = child_environment(reaper.token, scratch, extra)
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), environment["PYTHONPATH"]])
        with (scratch / "output").open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.executors.mapped", str(scratch), name,
                 str(workers_of(name)), json.dumps(cases)],
                env=environment, cwd=scratch, stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, start_new_session=True,
            )  # fmt: skip
            reaper.watch(process.pid)
            process.wait(120)
        said = (scratch / "output").read_text()
        assert (scratch / "mapped.json").exists(), said
        found = json.loads((scratch / "mapped.json").read_text())
    finally:
        reaper.finish()
    return cases, found


def test_partial_results_are_those_of_the_serial_replay(mapped):
    """Rule 4: to the last bit, task by task and in order, also where the timed call is an engine's
    own expression."""
    cases, found = mapped
    for name, size, chunk in cases:
        workload = make_workload(name, size)
        expected = [repr(workload.kernel(*task)) for task in workload.tasks(chunk, SEED)]
        assert len(expected) == 4
        assert found["partials"][name] == expected


def test_an_exception_in_a_task_comes_back_with_its_message(mapped):
    """One line: the type and what it says; the engine goes on."""
    _, found = mapped
    failed = found["failed"]
    assert failed["status"] == "failed"
    assert "ValueError" in failed["error"]
    assert tasks.MESSAGE in failed["error"]
    assert "\n" not in failed["error"]
    assert found["good again"]["answers"] == ["50"]


def test_lack_of_memory_in_a_task_is_told_from_other_failures(mapped):
    _, found = mapped
    assert found["out of memory"]["status"] == "out of memory"
    assert tasks.MESSAGE in found["out of memory"]["error"]


def test_every_workload_is_small_enough_to_be_tested_here():
    """A new workload must be added to the sizes of this file."""
    assert set(SIZES) == set(WORKLOADS)
    assert shutil.disk_usage("/tmp").free > 2**28
