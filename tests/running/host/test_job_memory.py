"""What a job may fill: the smallest limit that is below the memory of the node."""

from __future__ import annotations

import resource
from types import SimpleNamespace

import psutil
import pytest

from harness.running.host.job_memory import ADDRESS_SPACE, memory_limit_bytes

GIB = 1 << 30


@pytest.fixture(autouse=True)
def node(monkeypatch):
    """A node of 64 GiB, on which no process has a limit."""
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=64 * GIB))
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (resource.RLIM_INFINITY,) * 2)


def group(root, **files):
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text("0::/job\n")
    folder = root / "sys/fs/cgroup/job"
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name.replace("_", ".", 1)).write_text(f"{text}\n")
    return root


@pytest.mark.parametrize(
    ("environ", "limit"),
    [
        ({}, None),
        ({"SLURM_MEM_PER_NODE": "16384"}, 16 * GIB),
        ({"SLURM_MEM_PER_NODE": "0"}, None),
        ({"SLURM_MEM_PER_CPU": "2048", "SLURM_CPUS_ON_NODE": "4"}, 8 * GIB),
        ({"SLURM_MEM_PER_CPU": "2048"}, None),
        ({"SLURM_MEM_PER_NODE": "much"}, None),
        ({"SLURM_MEM_PER_NODE": "99999999"}, None),
    ],
)
def test_what_slurm_granted(tmp_path, environ, limit):
    """``--mem=0`` asks for all of a node's, and is no limit."""
    assert memory_limit_bytes(environ, tmp_path) == limit


def test_the_smallest_of_all_counts(tmp_path, monkeypatch):
    """Grid Engine holds a job to ``h_vmem`` by a limit of its processes."""
    root = group(tmp_path, memory_max=20 * GIB)
    assert memory_limit_bytes({}, root) == 20 * GIB
    kind = ADDRESS_SPACE[0]
    monkeypatch.setattr(
        resource, "getrlimit", lambda asked: ((12 if asked == kind else 48) * GIB,) * 2
    )
    assert memory_limit_bytes({"SLURM_MEM_PER_NODE": "16384"}, root) == 12 * GIB


def test_a_group_without_a_limit_is_none(tmp_path):
    assert memory_limit_bytes({}, group(tmp_path, memory_max="max")) is None
