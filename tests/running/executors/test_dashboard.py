"""Dask's dashboard opens when it is asked for, where its link says, and for this machine alone."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from harness.core.records import Case
from harness.core.run_options import SECURE
from harness.running.host.machine import usable_cores
from harness.running.measure.process.bench import ProcessBench
from harness.running.measure.process.reaper import Reaper

pytestmark = pytest.mark.engine


def station_of(executor, reaper, dashboard):
    case = Case(workload="empty-task", size=10, executor=executor, workers=2, pin="1", chunk=5)
    bench = ProcessBench(
        "run", usable_cores().number, reaper.scratch, reaper, 60.0, dashboard=dashboard
    )
    return bench.open(case.group.set_up, [case.group], 0)


@pytest.fixture
def reaper():
    found = Reaper(os.urandom(8).hex(), Path(tempfile.mkdtemp(prefix="chunkbench-", dir="/tmp")))
    yield found
    found.finish()


@pytest.mark.parametrize("executor", ["dask-distributed-threads", "dask-distributed-processes"])
def test_the_link_opens_on_the_loopback(executor, reaper, monkeypatch):
    """Also where others are kept out of the cluster itself."""
    monkeypatch.setenv(SECURE, "on")
    station = station_of(executor, reaper, dashboard=True)
    try:
        assert station.link is not None
        assert urlsplit(station.link).hostname == "127.0.0.1"
        with urlopen(station.link, timeout=20) as answer:
            assert answer.status == 200
            assert b"Dask" in answer.read()
    finally:
        station.close(graceful=True)


def test_there_is_no_link_where_none_was_asked_for(reaper):
    station = station_of("dask-distributed-threads", reaper, dashboard=False)
    try:
        assert station.link is None
    finally:
        station.close(graceful=True)
