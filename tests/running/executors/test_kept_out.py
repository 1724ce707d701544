"""Who gets into a cluster of ours where others are kept out, and where they are not."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from harness.core.errors import UsageError
from harness.core.records import Case
from harness.running.executors import dask_locked, lookup, options
from harness.running.measure.process.bench import ProcessBench
from harness.running.measure.process.reaper import Reaper, survivors
from tests.running.executors.contract import intrusions, sockets_of

CLUSTERS = ("dask-distributed-processes", "dask-actors", "dask-mpi", "dask-slurm", "dask-sge")


@pytest.mark.parametrize(
    ("chosen", "company", "kept_out"),
    [
        ("on", None, "on"),
        ("off", "user 1001 runs processes here", "off"),
        ("auto", None, "off"),
        ("", "user 1001 runs processes here", "on"),
    ],
)
def test_an_engine_is_told_whether_others_are_kept_out(
    monkeypatch, tmp_path, chosen, company, kept_out
):
    """By choice, and else where others are at work on this machine."""
    monkeypatch.setattr(options, "company", lambda: company)
    monkeypatch.setenv(options.SECURE, chosen)
    for name in CLUSTERS[:3]:
        assert lookup(name).environment(tmp_path, {})[options.SECURE] == kept_out
    for name in CLUSTERS[3:]:
        told = lookup(name).environment(tmp_path, {})[options.SECURE]
        assert told == ("off" if chosen == "off" else "on")  # jobs run among those of others


def test_what_listens_on_a_network_is_not_for_all_of_it(monkeypatch):
    monkeypatch.setattr(options, "company", lambda: None)
    monkeypatch.delenv(options.SECURE, raising=False)
    monkeypatch.delenv(options.INTERFACE, raising=False)
    assert not options.secured()
    monkeypatch.setenv(options.INTERFACE, options.loopback())
    assert options.secured()


def test_any_other_choice_is_refused(monkeypatch):
    monkeypatch.setenv(options.SECURE, "yes")
    with pytest.raises(UsageError, match="CHUNKBENCH_SECURE is 'yes': give auto, on or off"):
        options.validate()


def test_nothing_is_started_that_would_be_open_without_being_told(monkeypatch):
    """Where certificates are wanted and cannot be made, the case is refused with what to do."""
    monkeypatch.setattr(dask_locked, "NEEDED", "no_such_module")
    monkeypatch.setenv(options.SECURE, "off")
    assert lookup("dask-distributed-processes").missing() is None
    monkeypatch.setenv(options.SECURE, "on")
    assert "choose --secure off" in str(lookup("dask-distributed-processes").missing())
    for name in ("dask-distributed-threads", "dask-threads"):
        assert lookup(name).missing() is None


def test_settings_of_dask_reach_a_job_as_variables():
    """As Dask itself reads them back, keys of several lines included."""
    import dask  # noqa: PLC0415

    settings = dask_locked.certificates() | dask_locked.without_pages("worker")
    read = dask.config.collect_env(dask_locked.as_variables(settings))
    assert all(dask.config.get(name, config=read) == value for name, value in settings.items())
    assert any("\n" in str(value) for value in settings.values())


# --- on real engines


by_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can try as another user")


@pytest.fixture
def reaper():
    found = Reaper(os.urandom(8).hex(), Path(tempfile.mkdtemp(prefix="chunkbench-", dir="/tmp")))
    yield found
    assert found.finish() == 0


def opened(executor, reaper):
    """Where the engine's station and its processes listen."""
    case = Case(workload="empty-task", size=10, executor=executor, workers=1, pin="1", chunk=5)
    bench = ProcessBench("run", 2.0, reaper.scratch, reaper, 60.0)
    station = bench.open(case.group.set_up, [case.group], 0)
    processes = survivors(reaper.token, reaper.sessions)
    return station, {(each.name(), *where) for each in processes for where in sockets_of(each)}


@pytest.mark.engine
@by_root
def test_without_certificates_any_user_of_the_machine_runs_code_as_us(reaper, monkeypatch):
    """What certificates are for, and the proof that the intruder of the contract can get in."""
    monkeypatch.setenv(options.SECURE, "off")
    station, sockets = opened("dask-distributed-processes", reaper)
    try:
        got = intrusions(sockets, seconds=20.0)
    finally:
        station.close(graceful=True)
    [block] = station.blocks
    assert block.settings["secure"] == "off"
    assert block.settings["cluster"] == "fixed: 1 workers"
    assert len(got) == len(sockets)
    ways = {how for _, _, how in got}
    for server in ("Scheduler", "Worker", "Nanny"):
        assert f"ran code in a {server} over tcp as user 0" in ways
    assert any(how.startswith("read /") for how in ways)


@pytest.mark.engine
@pytest.mark.full
@by_root
def test_whoever_has_the_token_of_ray_gets_in(reaper):
    """So the intruder of the contract fails for want of a token, and for nothing else."""
    station, sockets = opened("ray-tasks", reaper)
    try:
        [path] = reaper.scratch.rglob("ray_auth_token")
        token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": path.read_text()}
        assert path.stat().st_mode & 0o077 == 0
        ways = [how for _, _, how in intrusions(sockets, seconds=20.0, token=token)]
    finally:
        station.close(graceful=True)
    assert ways == ["wrote into Ray"]
