"""Recognise the batch job that this process runs in by its scheduler's environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from harness.core.records import Scheduler

QUEUES = {
    Scheduler.SLURM: "SLURM_JOB_PARTITION",
    Scheduler.SGE: "QUEUE",
    Scheduler.PBS: "PBS_QUEUE",
    Scheduler.LSF: "LSB_QUEUE",
}
"""Variables by which a batch system says the partition or queue of a job."""


class BatchJob(NamedTuple):
    """A job by its id in the accounting, array task included; ``cluster`` where it is known."""

    scheduler: Scheduler
    job: str
    cluster: str | None


def batch_job(environ: Mapping[str, str] | None = None) -> BatchJob | None:
    """Find the job around this process; ``None`` outside of any.

    Slurm gives every array task an id of its own, and lists it as ``ARRAY_TASK``; Grid Engine
    says ``undefined`` where there is no task, LSF 0. ``JOB_ID`` alone is a name that others use
    as well, so Grid Engine is known by a variable of its own beside it.

    Parameters
    ----------
    environ : mapping, optional
        The process's own by default.
    """
    environ = os.environ if environ is None else environ
    if job := environ.get("SLURM_JOB_ID"):
        array, task = environ.get("SLURM_ARRAY_JOB_ID"), environ.get("SLURM_ARRAY_TASK_ID")
        name = f"{array}_{task}" if array and task else job
        return BatchJob(Scheduler.SLURM, name, environ.get("SLURM_CLUSTER_NAME") or None)
    job = environ.get("JOB_ID")
    if job and any(name.startswith("SGE_") for name in environ):
        task = environ.get("SGE_TASK_ID", "undefined")
        name = f"{job}.{task}" if task.isdigit() else job
        return BatchJob(Scheduler.SGE, name, environ.get("SGE_CLUSTER_NAME") or None)
    if job := environ.get("PBS_JOBID"):
        return BatchJob(Scheduler.PBS, job, environ.get("PBS_SERVER") or None)
    if job := environ.get("LSB_JOBID"):
        task = environ.get("LSB_JOBINDEX", "0")
        name = f"{job}[{task}]" if task.isdigit() and int(task) > 0 else job
        return BatchJob(Scheduler.LSF, name, None)
    return None


def place(environ: Mapping[str, str]) -> list[str]:
    """Name the cluster and the partition or queue of the job around this process, as far as its
    scheduler tells them.

    Grid Engine's settings name its cell on login nodes as well, so its variables count in a job
    only.
    """
    job = batch_job(environ)
    cluster = job.cluster if job else environ.get("SLURM_CLUSTER_NAME")
    queue = environ.get(QUEUES[job.scheduler if job else Scheduler.SLURM])
    return [word for word in (cluster, queue) if word]
