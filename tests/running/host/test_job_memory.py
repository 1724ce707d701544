"""What a job may fill: the smallest limit that is below the memory of the node."""

from __future__ import annotations

import resource
from types import SimpleNamespace

import psutil
import pytest

from harness.running.host.job_memory import (
    ADDRESS_SPACE,
    KillsSinceBoot,
    kills_since_boot,
    memory_is_low,
    memory_kills,
    memory_limit_bytes,
    usable_memory_bytes,
)

GIB = 1 << 30


@pytest.fixture(autouse=True)
def node(monkeypatch):
    """A node of 64 GiB, on which no process has a limit."""
    monkeypatch.setattr(
        psutil, "virtual_memory", lambda: SimpleNamespace(total=64 * GIB, available=48 * GIB)
    )
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (resource.RLIM_INFINITY,) * 2)


def group(root, **files):
    """A machine with the job's group, whose files are named with ``_`` for ``.``."""
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


def test_memory_is_what_the_control_group_leaves(tmp_path):
    """Rule 27 and the skip reasons: a container's limit counts, less what is used of it."""
    assert usable_memory_bytes(group(tmp_path, memory_max=5 * GIB, memory_current=GIB)) == 4 * GIB


def test_the_cache_of_files_is_left_to_use(tmp_path):
    """The kernel gives it up before it ends a process, so a job that read much is not full."""
    files = {"memory_max": 5 * GIB, "memory_current": 5 * GIB}
    root = group(tmp_path, **files, memory_stat=f"anon 7\ninactive_file {3 * GIB}")
    assert usable_memory_bytes(root) == 3 * GIB


def test_memory_of_version_1(tmp_path):
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("6:memory:/a\n")
    folder = tmp_path / "sys/fs/cgroup/memory/a"
    folder.mkdir(parents=True)
    (folder / "memory.limit_in_bytes").write_text(str(3 * GIB))
    (folder / "memory.usage_in_bytes").write_text(str(5 * GIB))
    assert usable_memory_bytes(tmp_path) == 0
    (folder / "memory.stat").write_text(f"total_inactive_file {4 * GIB}\n")
    assert usable_memory_bytes(tmp_path) == 2 * GIB


@pytest.mark.parametrize(
    ("used", "said"),
    [
        (4 * GIB, None),
        (5 * GIB - 100 * (1 << 20), "100 MiB of memory left in the job"),
    ],
)
def test_memory_is_low_by_what_the_job_may_fill_and_not_by_the_node(tmp_path, used, said):
    """So that a case is ended by us, with its reason, and not the whole job by the kernel."""
    assert memory_is_low(group(tmp_path, memory_max=5 * GIB, memory_current=used)) == said


def test_without_a_limit_it_is_low_by_the_machine(tmp_path, monkeypatch):
    assert memory_is_low(tmp_path) is None
    full = SimpleNamespace(total=64 * GIB, available=GIB)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: full)
    assert memory_is_low(tmp_path) == "1024 MiB of memory left in the machine"


def test_processes_that_the_kernel_ended_are_those_of_the_job(tmp_path):
    """Where its group counts them; else those of the machine."""
    root = group(tmp_path, memory_max=GIB)
    assert memory_kills(root) == 0
    (root / "proc/vmstat").write_text("pgfault 9\noom_kill 7\n")
    assert memory_kills(root) == 7
    (root / "sys/fs/cgroup/job/memory.events").write_text("oom 3\noom_kill 2\n")
    (root / "sys/fs/cgroup/memory.events").write_text("oom_kill 40\n")  # other jobs' as well
    assert memory_kills(root) == 2


def test_processes_that_the_kernel_ended_in_any_job_are_counted_from_the_start_of_the_machine(
    tmp_path,
):
    assert kills_since_boot(tmp_path / "no such") is None
    root = group(tmp_path, memory_events="oom_kill 2")
    (root / "proc/sys/kernel/random").mkdir(parents=True)
    (root / "proc/sys/kernel/random/boot_id").write_text("9aa8ddb4-cd31-4228-b822-f17d3f5e7e3b\n")
    assert kills_since_boot(root) is None
    (root / "proc/vmstat").write_text("pgfault 9\noom_kill 7\n")
    assert kills_since_boot(root) == KillsSinceBoot("9aa8ddb4", 7)


def test_processes_that_the_kernel_ended_are_counted_by_version_1_too(tmp_path):
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("6:memory:/a\n")
    folder = tmp_path / "sys/fs/cgroup/memory/a"
    folder.mkdir(parents=True)
    (folder / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 4\n")
    assert memory_kills(tmp_path) == 4
