"""Processes are bound to cores, by the kernel's own word for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.core.records import WorkerProbe
from harness.running.host import placement
from harness.running.host.placement import bind, bind_by_rank, first_slots, found, slots_needed

pytestmark = pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity"), reason="this system binds no process"
)

THREADED = (
    "import threading, sys\nthreading.Thread(target=sys.stdin.read).start()\nprint(1, flush=True)\n"
)


@pytest.fixture
def process():
    """One with two threads."""
    with subprocess.Popen(
        [sys.executable, "-c", THREADED], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as started:
        assert started.stdout is not None
        started.stdout.readline()
        yield started
        started.kill()


def affinities(pid):
    threads = Path(f"/proc/{pid}/task").iterdir()
    return [os.sched_getaffinity(int(thread.name)) for thread in threads]


def test_a_process_is_bound_with_all_its_threads(process):
    last = max(os.sched_getaffinity(0))
    bind(process.pid, [last])
    assert affinities(process.pid) == [{last}] * 2


def test_a_process_that_has_ended_is_no_error(process):
    process.kill()
    process.wait()
    bind(process.pid, os.sched_getaffinity(0))


def test_each_worker_gets_a_core_of_its_own(process, monkeypatch):
    """In the order in which they were started; nothing is bound where there are more than cores."""
    here = sorted(os.sched_getaffinity(0))
    monkeypatch.setattr(placement, "slots", lambda: [frozenset({thread}) for thread in here])
    worker = WorkerProbe(pid=process.pid)
    assert bind_by_rank([worker])
    assert affinities(process.pid) == [{here[0]}] * 2
    bind(process.pid, here)
    assert not bind_by_rank([worker] * (len(here) + 1))
    assert affinities(process.pid) == [set(here)] * 2


def test_an_engine_gets_a_core_for_each_worker_or_native_thread(monkeypatch):
    cores = [frozenset({core, core + 4}) for core in range(4)]
    monkeypatch.setattr(placement, "slots", lambda: cores)
    assert slots_needed(2, "1", 4.0) == 2
    assert slots_needed(1, "cores", 3.5) == 3
    assert slots_needed(1, "default", 4.0) == 4
    assert first_slots(2) == frozenset({0, 4, 1, 5})
    assert first_slots(5) is None


def test_what_was_found_is_said_as_the_workers_read_it_back():
    def workers(*affinity):
        return [WorkerProbe(pid=n, affinity=list(each)) for n, each in enumerate(affinity)]

    wanted = frozenset({0, 1})
    assert found(workers([0], [1]), wanted) == "a core each"
    assert found(workers([0, 1], [0, 1]), wanted) == "2 cores together"
    assert found(workers([0], [0]), wanted) == "2 cores together"
    assert found(workers([0], [3]), wanted) == "no: workers were found on [0, 3]"
    assert found([], wanted).startswith("no: ")
