"""Others on this machine are seen before a cluster of ours is opened to them."""

from __future__ import annotations

import os
import subprocess
from types import SimpleNamespace

import psutil
import pytest

from harness.running.host import company as looked
from harness.running.host.batch_job import batch_job

OWN = psutil.Process().uids().real
BATCH = ("SLURM_JOB_ID", "JOB_ID", "PBS_JOBID", "LSB_JOBID")
company = looked.company.__wrapped__
"""The look itself, which is taken once a process."""


@pytest.fixture
def running(monkeypatch):
    """Have processes of these users run here, and no others; ``None`` for one that is not told."""
    for name in BATCH:
        monkeypatch.delenv(name, raising=False)

    def uids(user):
        if user is None:
            raise psutil.AccessDenied
        return SimpleNamespace(real=user)

    def of(*users, first=1):
        processes = [SimpleNamespace(uids=lambda user=user: uids(user)) for user in users]
        monkeypatch.setattr(psutil, "process_iter", lambda: processes)
        monkeypatch.setattr(psutil, "pids", lambda: [first, 2, 3])

    return of


@pytest.mark.parametrize("users", [(), (0,), (0, OWN, 33, 102)])
def test_we_are_alone_with_the_system_and_its_services(running, users):
    running(*users)
    assert company() is None


@pytest.mark.parametrize("user", [1001, 65534, 1_204_311])
def test_a_process_of_another_person_is_company(running, user):
    running(0, OWN, user)
    assert company() == f"user {user} runs processes here"


def test_what_cannot_be_seen_counts_as_company(running):
    running(0, OWN, None)
    assert company() == looked.HIDDEN
    running(0, OWN, first=17)
    assert company() == looked.HIDDEN


def test_a_part_of_a_node_is_shared_with_other_jobs(running, monkeypatch):
    running(0, OWN)
    monkeypatch.setattr(psutil, "cpu_count", lambda: 64)
    assert company() is None
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    monkeypatch.setenv("SLURM_CPUS_PER_TASK", "1")
    assert batch_job() is not None
    assert company() == "the job has 1 of 64 cores of its node"
    monkeypatch.setattr(psutil, "cpu_count", lambda: 1)
    assert company() is None


@pytest.mark.skipif(os.getuid() != 0, reason="only root can start a process of another user")
def test_a_real_process_of_another_user_is_seen():
    with subprocess.Popen(["sleep", "60"], user=65534, group=65534, extra_groups=[]) as other:
        try:
            assert company() in ("user 65534 runs processes here", looked.HIDDEN)
        finally:
            other.kill()
