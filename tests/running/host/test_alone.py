"""Only one process does a thing in a folder, and a process that has ended is in nobody's way."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import platform
import signal
import subprocess
import sys
import threading

import psutil
import pytest

from harness.core.errors import UsageError
from harness.running.host.alone import alone

HOLD = """
import sys, time
from pathlib import Path
from harness.running.host.alone import alone
with alone(Path(sys.argv[1]), "settle"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def no_locks(monkeypatch):
    """A file system that has no locks."""

    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)


def holder(path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_is_refused_and_told_which_process_is_the_first(tmp_path):
    """And when that is killed, the next one gets the lock at once."""
    path = tmp_path / "machine" / ".settle.lock"
    first = holder(path)
    try:
        said = f"another settle .*process {first.pid} on"
        with pytest.raises(UsageError, match=said), alone(path, "settle"):
            pass
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
        first.stdout.close()
    assert path.exists()
    with alone(path, "settle"):
        assert json.loads(path.read_text())["pid"] == os.getpid()
    assert not path.exists()


@pytest.mark.usefixtures("no_locks")
def test_without_locks_the_file_names_its_process_and_lasts_as_long_as_that(tmp_path):
    path = tmp_path / ".settle.lock"
    said = f"process {os.getpid()} on"
    with alone(path, "settle"):  # noqa: SIM117 - one inside the other is the point
        with pytest.raises(UsageError, match=said), alone(path, "settle"):
            pass
    assert not path.exists()
    ended = {"pid": os.getpid(), "host": platform.node(), "began": 1.0}  # its number was used anew
    path.write_text(json.dumps(ended))
    with alone(path, "settle"):
        since_boot = psutil.Process().create_time() - psutil.boot_time()
        assert json.loads(path.read_text())["began"] == pytest.approx(since_boot)


@pytest.mark.usefixtures("no_locks")
def test_setting_the_clock_ends_nobodys_lock(tmp_path, monkeypatch):
    """It moves the moments at which the machine, and so each process, is said to have begun."""
    path = tmp_path / ".settle.lock"
    with alone(path, "settle"):
        booted = psutil.boot_time()
        monkeypatch.setattr("psutil._pslinux.boot_time", lambda: booted - 86_400.0)
        monkeypatch.setattr(psutil, "boot_time", lambda: booted - 86_400.0)
        with pytest.raises(UsageError, match="at work there"), alone(path, "settle"):
            pass


@pytest.mark.usefixtures("no_locks")
def test_without_locks_the_process_of_another_node_is_believed_to_run(tmp_path):
    """Nothing here can tell, so the message says what to do if it does not."""
    path = tmp_path / ".settle.lock"
    path.write_text(json.dumps({"pid": 1, "host": "elsewhere", "began": 1.0}))
    said = r"process 1 on elsewhere.*if .* has ended, remove"
    with pytest.raises(UsageError, match=said), alone(path, "settle"):
        pass
    assert path.exists()


def test_a_job_that_starts_again_on_another_node_takes_over_its_own_lock(
    tmp_path, no_locks, monkeypatch
):
    """It is on one node at a time; the lock of another job stays."""
    path = tmp_path / ".lock"
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    monkeypatch.setattr(platform, "node", lambda: "first")
    with alone(path, "run"):
        left = path.read_text()
    path.write_text(left)
    monkeypatch.setattr(platform, "node", lambda: "second")
    with alone(path, "run"):
        assert json.loads(path.read_text())["host"] == "second"
    path.write_text(left)
    monkeypatch.setenv("SLURM_JOB_ID", "8")
    with pytest.raises(UsageError, match="another run"), alone(path, "run"):
        pass


def test_who_has_patience_waits_for_the_other_to_end(tmp_path, no_locks):
    path = tmp_path / ".lock"
    first = holder(path)
    with pytest.raises(UsageError, match="another command"), alone(path, "command", 0.2):
        pass
    end = threading.Timer(0.3, lambda: (first.kill(), first.wait()))
    end.start()
    with alone(path, "command", patience_seconds=30.0):
        assert json.loads(path.read_text())["pid"] == os.getpid()
    end.join()
    first.stdout.close()
