"""Whether somebody else may be at work on this machine, as far as that can be seen."""

from __future__ import annotations

import os
from functools import cache

import psutil

from harness.core.run_options import counts_threads
from harness.running.host.batch_job import batch_job
from harness.running.host.machine import usable_cores
from harness.running.host.topology import cores_of

FIRST_PERSON = 500 if psutil.MACOS else 1000
"""The least user id of a person; those below are of the system and its services."""
FIRST_PROCESS = 1
HIDDEN = "the processes of others are hidden"


@cache
def company() -> str | None:
    """Say why this machine may not be ours alone; ``None`` where nothing says so.

    It is not where a process of another person runs, where the processes of others are hidden, and
    where a batch job was given a part of a node, whose rest is for the jobs of others. The answer
    is that of the first call.
    """
    others = _others()
    if others is None:
        return HIDDEN
    if others:
        return f"user {min(others)} runs processes here"
    threads, cores = range(psutil.cpu_count() or 1), usable_cores()
    all_cores = len(threads if counts_threads(os.environ) else cores_of(threads))
    if batch_job() and cores.number < all_cores:
        return f"the job has {cores.number:g} of {all_cores} cores of its node"
    return None


def _others() -> set[int] | None:
    """The user ids of other people that processes run under; ``None`` where not all are told."""
    found = set()
    if FIRST_PROCESS not in psutil.pids():
        return None
    for process in psutil.process_iter():
        try:
            found.add(process.uids().real)
        except psutil.NoSuchProcess:
            continue
        except psutil.AccessDenied:
            return None
    return {uid for uid in found if uid >= FIRST_PERSON} - {psutil.Process().uids().real}
