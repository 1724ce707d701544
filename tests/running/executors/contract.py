"""The contract of every executor with every workload, on real engines: rules 4, 7, 8, 10 and 11.

Each engine is started once a pin, and serves all workloads that it can run; what it did is noted,
and the tests judge the notes. Files of tests import them, and say in fixtures named ``noted`` and
``mapped`` of which executors.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import psutil
import pytest
from eliot.parse import Parser

from harness.core.records import Case, Machine, Pair, RunInfo, WorkerProbe
from harness.core.trace_format import MadeFile, Trace
from harness.reading.analysis.trace.lanes import parts
from harness.running.executors import REGISTRY, lookup, options
from harness.running.host import pins
from harness.running.host.machine import usable_cores
from harness.running.measure.process.bench import ProcessBench
from harness.running.measure.process.channel import child_environment
from harness.running.measure.process.reaper import Reaper, cancel, survivors
from harness.running.measure.process.station import First, ProcessStation
from harness.running.measure.sweep.refusals import refusals
from harness.running.measure.trace.logged_rounds import LoggedCase, logged_case
from harness.running.measure.trace.logging_cases import unlogged
from harness.running.measure.trace.traced_rounds import pages, traced
from harness.running.plan.profiles import PROFILES
from harness.running.workloads import WORKLOADS, calibrated, make_workload, workload_class
from tests.running.executors import tasks
from tests.running.executors.mapped import SEED

ROOT = Path(__file__).parents[3]
CORES = usable_cores().number
SIZES = {
    "RandomSum": (20_000, 6_000),
    "EmptyTask": (50, 15),
    "RandomReduction": (16_000, 2_000),
    "BagMap": (200, 60),
    "Futures": (200, 60),
    "CounterActor": (50, 15),
    "BlasProduct": (256**2, 64**2),
    "SpinTask": (500, 150),
    "SpinStencil": (480, 50),
    "Practice": (20_000, 6_000),
    "Startup": (1, 1),
    "VendorLoop": (50, 15),
    "IoWait": (8, 3),
}
"""Size and chunk of each family, by the class that has its sizes: four chunks, the last one
shorter, where chunks may be ragged. Any other family has its size under the profile ``smoke``."""
LIMIT_SECONDS = 60.0
RUNNING = "running cluster"
"""The kind whose workers are not the block's own."""
LAUNCHER = "mpirun"
"""Open MPI's binds its control port to all interfaces, whatever it is told; peers need its key."""
SPIN_SIZE, SPIN_CHUNK = 20_000, 1_000
"""About 20 ms of work in 20 tasks: what traced calls are to find again."""
GRAPHS = ("random-reduction", "persisted")
SAME_PAGES = (
    "dask-synchronous",
    "dask-distributed-processes",
    "dask-actors",
    "ray-actors",
    "joblib-dask",
    "joblib-dask-batched",
    "joblib-ray",
    "joblib-ray-batched",
    "dask-on-ray",
)
"""Executors whose pages are made by another one's code; a page takes seconds."""
ORDERS: tuple[First, First] = ("parallel", "serial")


def family(workload):
    """The name of the class from which *workload* has its sizes."""
    classes = workload_class(workload_class(workload).family or workload).__mro__
    return next(cls.__name__ for cls in classes if "sizes" in vars(cls))


ONE_EACH = set({family(name): name for name in reversed(WORKLOADS)}.values())
"""A workload of each family, the first."""


def size_and_chunk(workload):
    if family(workload) in SIZES:
        return SIZES[family(workload)]
    size = PROFILES["smoke"].size(workload)
    return size, make_workload(workload, size).nearest_chunk(-(-size * 3 // 10))


def workers_of(executor):
    return 2 if lookup(executor).max_workers is None else 1


def planned(executor, workload, pin):
    size, chunk = size_and_chunk(workload)
    return Case(
        workload=workload,
        size=size,
        executor=executor,
        workers=workers_of(executor),
        pin=pin,
        chunk=chunk if lookup(executor).chunked else size,
    )


def runnable(executor, pin, workloads=WORKLOADS, elsewhere=None):
    """A case of each of *workloads* that *executor* can run, here or *elsewhere*; under its further
    pins of those that use native threads, if there are any, as a pin changes nothing else."""
    cases = [planned(executor, workload, pin) for workload in sorted(workloads)]
    refused = refusals(cases, 2**30, elsewhere)
    found = [case for case in cases if case not in refused and case.workload != "startup"]
    if pin == lookup(executor).pins[0]:
        return found
    return [case for case in found if make_workload(case.workload, 1).native_threads] or found


def start_ups(names):
    """Each executor under the pins that say a number: one thread and all, for most of them."""
    return [(name, pin) for name in names for pin in lookup(name).pins if pin != "default"]


def everywhere():
    """The executors that need packages alone."""
    return sorted(name for name in REGISTRY.names() if not lookup(name).named_only)


def to_trace(executor, pin, cases):
    """What is traced on one start-up, with the first pin only: mapped tasks, or calls of actors,
    and where the timed call is the engine's own expression, some of those."""
    if pin != lookup(executor).pins[0] or lookup(executor).spans_machines:
        return []
    if "tasks" not in lookup(executor).ways:
        return [case for case in cases if case.workload == "counter-actor"]
    if lookup(executor).refuses(make_workload("spin-task", SPIN_SIZE)):
        return []
    spin = Case(
        workload="spin-task",
        size=SPIN_SIZE,
        executor=executor,
        workers=workers_of(executor),
        pin=pin,
        chunk=SPIN_CHUNK if lookup(executor).chunked else SPIN_SIZE,
    )
    graphs = [case for case in cases if case.workload in GRAPHS] if "dask" in executor else []
    return [spin, *graphs]


def to_log(executor, pin, cases, elsewhere):
    """What is logged on one start-up, with the first pin only: a case for each way to say what
    tasks there are."""
    if pin != lookup(executor).pins[0] or elsewhere:
        return []
    ways = {make_workload(case.workload, case.size).way: case for case in cases}
    return [case for case in ways.values() if not unlogged(case)]


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
    sockets: set[tuple[str | int, ...]] = field(default_factory=set)
    intrusions: list[list[str]] | None = None
    alive_after_close: list[str] = field(default_factory=list)
    resisted: int = -1
    scratch_left: bool = True
    in_home: list[str] = field(default_factory=list)
    in_temporary: set[str] = field(default_factory=set)
    environment_changed: bool = True
    traces: list[Trace] = field(default_factory=list)
    files: dict[str, MadeFile] = field(default_factory=dict)
    logs: list[LoggedCase] = field(default_factory=list)
    folder: Path = Path()


def sockets_of(process):
    """Where *process* listens: an address and a port, or the path of a file."""
    for connection in process.net_connections("all"):
        if connection.family == socket.AF_UNIX and connection.laddr:
            yield (connection.laddr,)
        elif connection.family != socket.AF_UNIX and connection.laddr and not connection.raddr:
            yield connection.laddr.ip, connection.laddr.port


NO_TOKEN = {"RAY_AUTH_MODE": "disabled"}


def intrusions(sockets, seconds=1.0, token=NO_TOKEN):
    """What another user of this machine gets out of *sockets*, with a *token* for Ray or without;
    ``None`` where we are not root, and so cannot try it. The launcher's port is left alone: its
    peers need a key."""
    if os.getuid() != 0:
        return None
    tried = [where for where in sockets if where[0] != LAUNCHER]
    if not tried:
        return []
    program = [sys.executable, "-m", "tests.running.executors.intruder"]
    done = subprocess.run(
        [*program, str(seconds), json.dumps(sorted(tried, key=str))],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **token},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found: list[list[str]] = json.loads(done.stdout)
    return found


def note_processes(noted, reaper):
    for process in survivors(reaper.token, reaper.sessions):
        try:
            noted.processes[process.pid] = process.create_time()
            noted.sockets.update((process.name(), *where) for where in sockets_of(process))
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
    """What engines are known to leave in the temporary folder, and in shared memory."""
    folders = filter(Path.is_dir, (Path(tempfile.gettempdir()), Path("/dev/shm")))
    names = (path.name for folder in folders for path in folder.iterdir())
    return {name for name in names if name.startswith(("ray", "dask", "joblib"))}


def of_another_program(name, processes):
    """Whether a folder of joblib, which has the process that made it in its name, is not ours."""
    made_by = re.match(r"joblib_memmapping_folder_(\d+)_", name)
    return made_by is not None and int(made_by[1]) not in processes


def note(executor, pin, home, workloads=WORKLOADS, elsewhere=None):
    """What one start-up of *executor* under *pin* does, with the folder *home* as its home, here or
    *elsewhere*."""
    cases = runnable(executor, pin, workloads, elsewhere)
    assert cases
    before = litter()
    scratch = Path(tempfile.mkdtemp(prefix="chunkbench-", dir="/tmp"))
    found = Noted(executor, pin, workers_of(executor), folder=home.with_name(f"{home.name}-pages"))
    found.folder.mkdir()
    logs = scratch / "log"
    logs.mkdir()
    wanted = to_trace(executor, pin, cases)
    info = RunInfo(run="run", suite="trace", profile="trace", machine=Machine(name="here"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv(options.SECURE, "on")
        environment = dict(os.environ)
        reaper = Reaper(os.urandom(8).hex(), scratch)
        try:
            bench = ProcessBench("run", CORES, scratch, reaper, LIMIT_SECONDS, elsewhere=elsewhere)
            groups = dict.fromkeys(case.group for case in [*cases, *wanted])
            station = bench.open(cases[0].group.set_up, list(groups), 0)
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
                found.traces = [traced(station, case, info, 1) for case in wanted]
                found.logs = [
                    logged_case(station, case, logs, random.Random(SEED), 1)
                    for case in to_log(executor, pin, cases, elsewhere)
                ]
                if wanted and executor not in SAME_PAGES:
                    made = pages(station, wanted[-1], found.folder, found.folder)
                    found.files = {page.kind: page for page in made}
                note_processes(found, reaper)
                if lookup(executor).kind != RUNNING:
                    found.intrusions = intrusions(found.sockets)
            finally:
                station.close(graceful=True)
            found.alive_after_close = still_alive(found.processes)
        finally:
            found.resisted = reaper.finish()
        found.environment_changed = environment != dict(os.environ)
    found.scratch_left = scratch.exists()
    found.in_home = [str(path.relative_to(home)) for path in home.rglob("*")]
    left = litter() - before
    found.in_temporary = {name for name in left if not of_another_program(name, found.processes)}
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
    gone = lookup(noted.executor).fresh_processes  # with their answer
    assert pids <= set(noted.processes) or not started or gone
    for probe in noted.verified:
        assert probe.native_threads == wanted
        assert set(probe.environment.values()) == {str(wanted)} or not started


def test_the_layout_adds_up_to_the_workers(noted):
    """Vocabulary: workers are how many tasks can run at once, as processes times threads; what runs
    one call on NumPy's own threads has one."""
    layout, executor = noted.layout, lookup(noted.executor)
    one = not executor.chunked and executor.kind in ("baseline", "control")
    found = layout["processes"] * layout["threads_per_process"]
    assert found == (1 if one else noted.workers)


def test_the_number_of_tasks_in_a_message_is_recorded(noted):
    """Rule 9: one, or as many as the library likes, in an executor whose name says so."""
    if not noted.executor.startswith(("process-pool", "multiprocessing-", "joblib-", "mpi-pool")):
        pytest.skip("hands over one task at a time, or says nothing of it")
    settings = noted.layout["settings"]
    [found] = [settings[name] for name in settings if name in ("chunksize", "joblib.batch_size")]
    assert (found == 1) == (not noted.executor.endswith("-batched"))


def test_nothing_listens_beyond_this_machine(noted):
    """An engine's servers run whatever they are sent: they are not for the network."""
    ports = {where[:2] for where in noted.sockets if len(where) == 3}
    if lookup(noted.executor).heard_beyond:
        pytest.skip("cannot be told where to listen; that nobody gets in, the next test shows")
    open_to_others = {
        (name, address)
        for name, address in ports
        if not ip_address(address.removeprefix("::ffff:")).is_loopback and name != LAUNCHER
    }
    assert open_to_others == set()
    if noted.layout["processes"] > 1 and lookup(noted.executor).kind == "cluster":
        assert ports  # else nothing was seen at all


def test_no_other_user_of_this_machine_gets_in(noted):
    """The loopback is open to all users: each socket is tried by one without any right. What is
    open to them where nobody is kept out, ``test_kept_out.py`` shows."""
    if noted.intrusions is None:
        pytest.skip("tried by root alone, and on what we start")
    assert noted.intrusions == []


def test_the_block_says_that_others_were_kept_out(noted):
    """An engine setting like others, since it moves what a task costs."""
    settings, engine = noted.layout["settings"], lookup(noted.executor)
    by_us = "distributed" in engine.needs and engine.kind == "cluster"
    assert settings.get("secure") == ("on" if by_us else None)
    assert ("with certificates" in settings.get("cluster", "")) == engine.certified


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


# --- traced calls


@pytest.fixture
def traces(noted):
    if not noted.traces:
        pytest.skip("only the first pin is traced")
    return noted.traces


def test_the_time_budget_closes(traces):
    """Rule 26: the parts sum to workers times the call, what is not explained is less than 5 %
    where the engine tells when it handed a task out, and no part is negative."""
    for trace in traces:
        (call,) = trace.calls
        found = parts(call, trace.lanes)
        whole = trace.lanes * call.seconds
        assert sum(found.values()) == pytest.approx(whole, rel=1e-9)
        unexplained = found.pop("unexplained")
        assert min(found.values()) >= 0
        assert unexplained >= -1e-9
        if any(at is not None for at in call.tasks.sent):
            assert unexplained <= 0.05 * whole
        assert 0 < found["compute"] <= 1.1 * whole
        assert all(found[part] == 0 for part in trace.untold)


def test_tasks_say_when_they_ran_on_the_clock_of_the_caller(traces):
    """Rule 26: each task once, inside of the call, and between its handing out and its result."""
    for trace in traces:
        (call,) = trace.calls
        tasks = call.tasks
        assert sorted(tasks.index) == list(range(len(tasks.index)))
        assert len(tasks.index) >= (2 if lookup(trace.case.executor).chunked else 1)
        assert len(tasks.index) <= trace.n_tasks or trace.case.workload in GRAPHS
        for start, end in zip(tasks.start, tasks.end, strict=True):
            assert 0 <= start <= end <= call.seconds
        for earlier, later in (
            (tasks.ready, tasks.sent),
            (tasks.sent, tasks.start),
            (tasks.end, tasks.received),
        ):
            for one, other in zip(earlier, later, strict=True):
                assert one is None or other is None or one <= other


def test_tasks_ran_in_the_workers_whose_pins_were_verified(noted, traces):
    """Rule 8; actors that note are actors of their own, in processes of their own."""
    for trace in traces:
        (call,) = trace.calls
        if lookup(trace.case.executor).fresh_processes:
            assert len(call.workers) == trace.n_tasks
            continue
        assert 1 <= len(call.workers) <= trace.lanes
        if trace.case.workload != "counter-actor":
            pids = {worker.pid for worker in call.workers}
            assert pids <= {probe.pid for probe in noted.verified}


def test_planted_work_is_found_in_the_tasks(traces):
    """Rule 26: the CPU time inside tasks is that of the same work in this process, within a factor
    of two, whatever else the machine does; and they took no less time than that."""
    spin = next((trace for trace in traces if trace.case.workload == "spin-task"), None)
    if spin is None:
        pytest.skip("runs actors only")
    workload = make_workload(spin.case.workload, spin.case.size)
    planted = []
    for seed in range(3):
        began = time.thread_time()
        workload.baseline(seed)
        planted.append(time.thread_time() - began)
    tasks = spin.calls[0].tasks
    assert min(planted) / 2 < sum(tasks.cpu) < 2 * max(planted)
    assert sum(tasks.end) - sum(tasks.start) > 0.9 * sum(tasks.cpu)
    assert len(tasks.index) == workload.n_chunks(spin.case.chunk)


def test_pages_are_made_or_refused_with_a_reason(noted, traces):
    """The lesson's report and Dask's profile load nothing from elsewhere; the timeline is JSON."""
    if noted.executor in SAME_PAGES:
        pytest.skip("another executor's code")
    kind, dask = lookup(noted.executor).kind, "dask" in noted.executor
    made = {name for name, page in noted.files.items() if page.path is not None}
    wanted = set()
    if noted.executor.startswith("ray"):
        wanted = {"timeline"}
    elif dask:
        wanted = {"performance report" if kind == "cluster" else "profile"}
        if shutil.which("dot"):
            wanted.add("task graph")
    assert made == wanted
    for name, page in noted.files.items():
        assert (page.path is None) == bool(page.reason)
        if page.path is None:
            continue
        text = (noted.folder / page.path).read_text("utf-8")
        if name == "timeline":
            assert len(json.loads(text)) >= traces[-1].n_tasks
        elif name == "task graph":
            assert "<svg" in text
        else:
            assert "Bokeh" in text
            assert not re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=.?http", text)


# --- mapped tasks


def map_tasks(name, workloads=WORKLOADS, python=sys.executable):
    """What :mod:`tests.running.executors.mapped` found on *python*, with its cases."""
    cases = [
        (workload, *size_and_chunk(workload))
        for workload in sorted(workloads)
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
                [
                    *lookup(name).launcher(workers_of(name)),
                    str(python),
                    "-m",
                    "tests.running.executors.mapped",
                    str(scratch),
                    name,
                    str(workers_of(name)),
                    json.dumps(cases),
                    str(calibrated.iterations_per_us()),
                ],
                env=environment,
                cwd=scratch,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
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
        expected = [repr(partial) for partial in workload.replay(workload.tasks(chunk, SEED))]
        assert len(workload.tasks(chunk, SEED)) == workload.n_chunks(chunk)
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


def test_a_killed_worker_is_a_status(mapped):
    """A call whose worker is killed ends and says so in one line; it does not wait for ever."""
    _, found = mapped
    if "killed" not in found:
        pytest.skip("its workers are in the caller's process, or are started again by a server")
    assert found["killed"]["status"] == "failed"
    assert re.search("terminated|SIGKILL|loss of worker|died", found["killed"]["error"])
    assert "\n" not in found["killed"]["error"]


def test_lack_of_memory_in_a_task_is_told_from_other_failures(mapped):
    _, found = mapped
    assert found["out of memory"]["status"] == "out of memory"
    assert tasks.MESSAGE in found["out of memory"]["error"]


# --- logged calls


def test_every_task_that_is_logged_is_in_a_whole_tree(noted):
    """One call a case: as eliot reads its log, each task has all that is above it, and the tasks
    that it names are there."""
    if not noted.logs:
        pytest.skip("its tasks are not logged, or with another pin")
    for log in noted.logs:
        (tree,) = Parser.parse_stream(map(json.loads, log.lines))
        assert tree.is_complete()
        told = [json.loads(line) for line in log.lines]
        started = [each for each in told if "dependencies" in each]
        keys = {each["key"] for each in started}
        assert (
            len(started)
            == log.tasks
            >= make_workload(log.case.workload, log.case.size).n_chunks(log.case.chunk)
        )
        assert all(keys.issuperset(each["dependencies"]) for each in started)
