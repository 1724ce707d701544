"""``--bind cores``: engines on the cores that they are given, as their workers read it back."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from harness.core.errors import UsageError
from harness.core.records import Case
from harness.running.executors import options
from harness.running.host.machine import usable_cores
from harness.running.host.placement import slots
from harness.running.measure.process.bench import ProcessBench
from harness.running.measure.process.reaper import Reaper

pytestmark = pytest.mark.engine

CORES = usable_cores().number


@pytest.fixture
def reaper():
    found = Reaper(os.urandom(8).hex(), Path(tempfile.mkdtemp(prefix="chunkbench-", dir="/tmp")))
    yield found
    assert found.finish() == 0


def block_of(reaper, executor, workers, pin="1"):
    case = Case(
        workload="empty-task", size=10, executor=executor, workers=workers, pin=pin, chunk=5
    )
    bench = ProcessBench("run", CORES, reaper.scratch, reaper, 60.0)
    station = bench.open(case.group.set_up, [case.group], 0)
    try:
        station.warm(case, None)
        assert station.pair(case, 0, "serial", 1).parallel_seconds
        [block] = station.blocks
    finally:
        station.close(graceful=True)
    return block


@pytest.mark.skipif(len(slots()) < 2, reason="needs two cores that processes can be bound to")
def test_processes_get_a_core_each_and_threads_share_theirs(reaper, monkeypatch):
    monkeypatch.setenv(options.BIND, "cores")
    first, second = (sorted(slot) for slot in slots()[:2])
    each = block_of(reaper, "multiprocessing-fork", 2)
    assert each.settings["bind"] == "a core each"
    assert sorted(probe.affinity for probe in each.verified) == sorted([first, second])
    together = block_of(reaper, "thread-pool", 2)
    assert together.settings["bind"] == "2 cores together"
    assert [probe.affinity for probe in together.verified] == [sorted([*first, *second])]
    alone = block_of(reaper, "serial-replay", 1)
    assert [probe.affinity for probe in alone.verified] == [first]


def test_what_cannot_be_bound_says_why(reaper, monkeypatch):
    monkeypatch.setenv(options.BIND, "cores")
    many = len(slots()) + 1
    block = block_of(reaper, "thread-pool", many)
    assert block.settings["bind"] == "no: more workers than cores"


def test_nothing_is_bound_or_said_where_it_is_not_asked_for(reaper, monkeypatch):
    monkeypatch.delenv(options.BIND, raising=False)
    block = block_of(reaper, "thread-pool", 1)
    assert "bind" not in block.settings
    assert [set(probe.affinity) for probe in block.verified] == [os.sched_getaffinity(0)]


def test_a_choice_that_is_none_is_refused(monkeypatch):
    monkeypatch.setenv(options.BIND, "sockets")
    with pytest.raises(UsageError, match="CHUNKBENCH_BIND is 'sockets': give no or cores"):
        options.validate()
