"""Sockets need short paths: where the scratch folder is made, so that engines come up."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from harness.core.records import Case
from harness.reading.ingest import read_journal
from harness.running.executors import lookup
from harness.running.measure.process.scratch_parent import (
    LONGEST_CHILD,
    SOCKET_PATH_BYTES,
    scratch_parent,
)
from harness.running.measure.sweep.session import measure
from tests.running.measure.sweeps import never, plan, profile


@pytest.fixture
def temporary(monkeypatch):
    """Take another folder for the system's temporary one."""
    return lambda folder: monkeypatch.setattr(tempfile, "tempdir", str(folder))


def test_a_short_temporary_folder_is_used_by_all(temporary):
    temporary("/tmp")
    assert scratch_parent(["ray-tasks", "numpy"]) == ("/tmp", None)


def test_a_job_folder_of_grid_engine_is_too_long_for_ray_alone(temporary):
    """``/tmp/12345.1.all.q``: others keep it, and the note says why Ray does not."""
    temporary("/tmp/12345.1.all.q")
    assert scratch_parent(["numpy", "dask-threads"]) == ("/tmp/12345.1.all.q", None)
    path, note = scratch_parent(["numpy", "ray-tasks"])
    assert path == "/tmp"
    assert note is not None
    assert "/tmp/12345.1.all.q would have 120 bytes, and can have 107" in note


@pytest.mark.parametrize("executor", ["ray-tasks", "process-pool"])
def test_what_is_chosen_leaves_room_for_the_longest_socket(temporary, executor):
    """Whatever the length of the temporary folder is, the path fits where ``/tmp`` is there."""
    longest = lookup(executor).longest_socket
    for letters in range(1, 90):
        temporary(f"/{'x' * letters}")
        parent = scratch_parent([executor]).path
        assert len(str(Path(parent, LONGEST_CHILD, longest))) <= SOCKET_PATH_BYTES


@pytest.mark.engine
@pytest.mark.full
def test_ray_comes_up_in_a_job_of_grid_engine(temporary, tmp_path):
    """Its sockets' paths were too long there, and each of its cases failed."""
    with tempfile.TemporaryDirectory(prefix="12345.1.", suffix=".q", dir="/tmp") as folder:
        temporary(folder)
        said = []
        case = Case(
            workload="empty-task", size=4, executor="ray-tasks", workers=1, pin="1", chunk=2
        )
        path = measure(
            plan(profile((1,)), [case]),
            tmp_path,
            decide=never,
            machine_name="m",
            report=lambda progress: said.append(progress.news),
        )
        assert not any(Path(folder).iterdir())
    [pair] = read_journal(path).pairs
    assert pair.status == "ok", pair.reason
    assert any(news and "scratch files go to /tmp" in news for news in said)
