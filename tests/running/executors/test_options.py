"""What a user says of the site: read as meant, or refused in one line that says what to write."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.errors import UsageError
from harness.core.records import Case
from harness.running.executors import OURS, lookup, options, systems
from harness.running.executors.dask_adapt import least_workers
from harness.running.measure.process.bench import ProcessBench
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.process.reaper import Reaper

NAMED = {name for name in OURS if lookup(name).named_only}


@given(st.text(st.characters(exclude_characters="\0", codec="utf-8")))
def test_any_text_is_an_address_or_a_usage_error(text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(options.DASK, text)
        try:
            host, port = options.endpoint(options.DASK)
        except UsageError:
            return
        assert text.removeprefix("tcp://").removeprefix("tls://").strip("[").startswith(host)
        assert 0 < port < 2**16


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("tcp://127.0.0.1:8786", ("127.0.0.1", 8786)),
        ("tls://[::1]:1", ("::1", 1)),
        ("node-7.example.org:6379", ("node-7.example.org", 6379)),
    ],
)
def test_addresses_as_dask_and_ray_print_them_are_read(monkeypatch, text, wanted):
    monkeypatch.setenv(options.RAY, text)
    assert options.endpoint(options.RAY) == wanted


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (options.ADAPT, "0", "at least 1"),
        (options.ADAPT, "two", "at least 1"),
        (options.INTERFACE, "no-such-network", "this machine has"),
        (options.MPIRUN, "mpirun 'x", "write a command"),
        (options.QUEUE, "soon", "not a duration"),
        (options.DASK, "8786", "give an address"),
        (options.RAY, "node:99999", "give an address"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_started(monkeypatch, name, value, said):
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=said):
        options.validate()


def test_without_options_nothing_leaves_the_loopback(monkeypatch):
    for name in options.OPTIONS:
        monkeypatch.delenv(name, raising=False)
    options.validate()
    assert options.interface() is None
    assert options.loopback().startswith("lo")
    assert options.mpirun() == ["mpirun"]
    assert options.adapt() is None


def test_a_cluster_is_not_kept_larger_than_it_may_grow(monkeypatch):
    monkeypatch.setenv(options.ADAPT, "3")
    assert least_workers(3) == 3
    with pytest.raises(UsageError, match="at most 2 workers"):
        least_workers(2)


def reasons():
    return {row["name"]: row["reason"] for row in systems() if row["name"] in NAMED}


def test_what_the_site_lacks_is_said_with_what_to_do(monkeypatch, tmp_path):
    """No mpirun, no batch system, no address: each is told, and nothing is started."""
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in options.OPTIONS:
        monkeypatch.delenv(name, raising=False)
    found = reasons()
    assert found.keys() == NAMED
    for name, said in (
        ("dask-mpi", options.MPIRUN),
        ("dask-slurm", "sbatch"),
        ("dask-sge", "qsub"),
        ("dask-attached", options.DASK),
        ("ray-attached", options.RAY),
    ):
        assert said in found[name]


def test_a_running_cluster_that_does_not_answer_is_said_to_be_none(monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        monkeypatch.setenv(options.DASK, f"tcp://127.0.0.1:{port}")
        assert f"nothing answers at 127.0.0.1:{port}" in str(reasons()["dask-attached"])
        free.listen()
        assert reasons()["dask-attached"] is None


# --- on real engines


@pytest.fixture
def reaper():
    found = Reaper(os.urandom(8).hex(), Path(tempfile.mkdtemp(prefix="chunkbench-", dir="/tmp")))
    yield found
    assert found.finish() == 0


def opened(executor, reaper, workers=2):
    case = Case(
        workload="empty-task", size=10, executor=executor, workers=workers, pin="1", chunk=5
    )
    bench = ProcessBench("run", 2.0, reaper.scratch, reaper, 60.0)
    return bench.open(case.group.set_up, [case.group], 0), case


@pytest.mark.engine
def test_an_adaptive_cluster_says_so_and_computes(reaper, monkeypatch):
    """``cluster.adapt`` is a setting of the block; without it the block says that its size is
    fixed. The settings of the workers' memory are there in both."""
    monkeypatch.setenv(options.SECURE, "off")
    for least, said in (("1", "adaptive: 1 to 2 workers"), ("", "fixed: 2 workers")):
        monkeypatch.setenv(options.ADAPT, least)
        station, case = opened("dask-distributed-processes", reaper)
        try:
            station.warm(case, None)
            assert station.pair(case, 0, "serial", 1).parallel_seconds > 0
            [block] = station.blocks
        finally:
            station.close(graceful=True)
        assert block.settings["cluster"] == said
        assert block.settings.get("adapt.maximum") == (2 if least else None)
        assert block.processes == int(least or 2)
        for name in ("target", "spill", "pause", "terminate"):
            assert 0 < block.settings[f"distributed.worker.memory.{name}"] < 1


@pytest.mark.engine
def test_a_launcher_that_fails_costs_the_case_with_its_last_words(reaper, monkeypatch, tmp_path):
    """Whatever a site's mpirun prints before it ends, the journal's reason has it."""
    launcher = tmp_path / "launch"
    launcher.write_text("#!/bin/sh\necho 'not enough slots'; echo -----; exit 3\n")
    launcher.chmod(0o755)
    monkeypatch.setenv(options.MPIRUN, str(launcher))
    monkeypatch.setattr("harness.running.executors.dask_ranks.DaskMpi.missing", lambda: None)
    with pytest.raises(CaseError, match="launch ended with 3: not enough slots"):
        opened("dask-mpi", reaper)
