"""The contract of every executor with every workload, on real engines: rules 4, 7, 8, 10 and 11.

Each engine is started once a pin, and serves all workloads that it can run; what it did is noted,
and the tests judge the notes. Files of tests import them, and say in fixtures named ``noted`` and
``mapped`` of which executors.
"""

from __future__ import annotations

import json
import os
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
from harness.measure.bench import ProcessBench
from harness.measure.channel import child_environment
from harness.measure.reaper import Reaper, cancel, survivors
from harness.measure.refusals import refusals
from harness.measure.station import First, ProcessStation
from harness.records import Case, Pair, WorkerProbe
from harness.sizes import FAMILIES
from harness.workloads import WORKLOADS, make_workload
from tests.executors import tasks
from tests.executors.mapped import SEED

ROOT = Path(__file__).parents[2]
CORES = usable_cores().number
SIZES = {
    "random-sum": (20_000, 6_000),
    "empty-task": (50, 15),
    "random-reduction": (16_000, 2_000),
    "bag": (200, 60),
    "futures": (200, 60),
    "counter-actor": (50, 15),
    "blas-product": (256**2, 64**2),
    "spin-task": (500, 150),
    "practices": (20_000, 6_000),
    "startup": (1, 1),
}
"""Size and chunk of each family: four chunks, the last one shorter, where chunks may be ragged."""
LIMIT_SECONDS = 60.0
RUNNING = "running cluster"
"""The kind whose workers are not the block's own."""
LAUNCHER = "mpirun"
"""Open MPI's binds its control port to all interfaces, whatever it is told; peers need its key."""
ORDERS: tuple[First, First] = ("parallel", "serial")


def size_and_chunk(workload):
    return SIZES[next(family for family, names in FAMILIES.items() if workload in names)]


def workers_of(executor):
    return 2 if lookup(executor).max_workers is None else 1


def planned(executor, workload, pin):
    size, chunk = size_and_chunk(workload)
    return Case(
        workload=workload, size=size, executor=executor, workers=workers_of(executor), pin=pin,
        chunk=chunk if lookup(executor).chunked else size,
    )  # fmt: skip


def runnable(executor, pin):
    """A case of every workload that *executor* can run."""
    cases = [planned(executor, workload, pin) for workload in sorted(WORKLOADS)]
    refused = refusals(cases, 2**30)
    return [case for case in cases if case not in refused and case.workload != "startup"]


def start_ups(names):
    """Each executor under the pins that say a number: one thread and all, for most of them."""
    return [(name, pin) for name in names for pin in lookup(name).pins if pin != "default"]


def everywhere():
    """The executors that need packages alone."""
    return sorted(name for name in registry() if not lookup(name).named_only)


@dataclass
class Noted:
    """What one start-up did."""

    executor: str
    pin: str
    workers: int
    pairs: dict[Case, list[Pair]] = field(default_factory=dict)
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


def note(executor, pin, home, workloads=WORKLOADS):
    """What one start-up of *executor* under *pin* does, with the folder *home* as its home."""
    cases = [case for case in runnable(executor, pin) if case.workload in workloads]
    assert cases
    before = litter()
    scratch = Path(tempfile.mkdtemp(prefix="chunkbench-", dir="/tmp"))
    found = Noted(executor, pin, workers_of(executor))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        environment = dict(os.environ)
        reaper = Reaper(os.urandom(8).hex(), scratch)
        try:
            bench = ProcessBench("run", CORES, scratch, reaper, LIMIT_SECONDS)
            station = bench.open(cases[0].group.set_up, [case.group for case in cases], 0)
            assert isinstance(station, ProcessStation)
            try:
                found.layout, found.verified = station.layout, station.verified
                note_processes(found, reaper)
                for case in cases:
                    station.warm(case, None)
                    found.pairs[case] = [
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
    for case, pairs in noted.pairs.items():
        for pair in pairs:
            assert pair.case == case
            assert pair.n_chunks == make_workload(case.workload, case.size).n_chunks(case.chunk)
            assert pair.n_tasks is not None
            assert pair.n_tasks >= pair.n_chunks
            assert pair.parallel_seconds is not None
            assert pair.parallel_seconds > 0
            assert pair.serial_seconds is not None
            assert pair.serial_seconds > 0
        assert [pair.first for pair in pairs] == ["parallel", "serial"]


def test_every_worker_process_has_the_pin(noted):
    """Rule 8: read back inside every worker, whose processes are as many as the layout says."""
    wanted = pins.native_threads(noted.pin, CORES)
    pids = {probe.pid for probe in noted.verified}
    assert len(pids) == len(noted.verified) == noted.layout["processes"]
    assert os.getpid() not in pids
    started = lookup(noted.executor).kind != RUNNING
    assert pids <= set(noted.processes) or not started
    for probe in noted.verified:
        assert probe.native_threads == wanted
        assert set(probe.environment.values()) == {str(wanted)} or not started


def test_the_layout_adds_up_to_the_workers(noted):
    """Vocabulary: workers are how many tasks can run at once, as processes times threads."""
    layout = noted.layout
    assert layout["processes"] * layout["threads_per_process"] == (
        noted.workers if lookup(noted.executor).chunked else 1
    )


def test_nothing_listens_beyond_this_machine(noted):
    """An engine's servers run whatever they are sent: they are not for the network."""
    open_to_others = {
        (name, address)
        for name, address in noted.listening
        if not ip_address(address.removeprefix("::ffff:")).is_loopback and name != LAUNCHER
    }
    assert open_to_others == set()
    if noted.layout["processes"] > 1 and lookup(noted.executor).kind == "cluster":
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


def map_tasks(name):
    """What :mod:`tests.executors.mapped` found, with its cases."""
    cases = [
        (workload, *size_and_chunk(workload))
        for workload in sorted(WORKLOADS)
        if lookup(name).ways.get(make_workload(workload, 1).way, "actors") != "actors"
    ]
    scratch = Path(tempfile.mkdtemp(prefix="chunkbench-", dir="/tmp"))
    reaper = Reaper(os.urandom(8).hex(), scratch)
    try:
        pinned = pins.environment("1", CORES)
        extra = pinned | lookup(name).environment(scratch, pinned)
        environment = child_environment(reaper.token, scratch, extra)
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), environment["PYTHONPATH"]])
        with (scratch / "output").open("wb") as output:
            process = subprocess.Popen(
                [*lookup(name).launcher(workers_of(name)), sys.executable, "-m",
                 "tests.executors.mapped", str(scratch), name,
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
        cancel([lookup(name).cancellation(scratch)])
    return cases, found


def test_partial_results_are_those_of_the_serial_replay(mapped):
    """Rule 4: to the last bit, task by task and in order, also where the timed call is an engine's
    own expression."""
    cases, found = mapped
    for name, size, chunk in cases:
        workload = make_workload(name, size)
        expected = [repr(workload.kernel(*task)) for task in workload.tasks(chunk, SEED)]
        assert len(expected) == workload.n_chunks(chunk)
        assert len(expected) > 1 or name == "startup"
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
