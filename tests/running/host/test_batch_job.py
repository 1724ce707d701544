"""The batch job around a process, by the id that its accounting will have."""

from __future__ import annotations

import pytest

from harness.core.records import Scheduler
from harness.running.host.batch_job import batch_job


@pytest.mark.parametrize(
    ("environ", "job"),
    [
        ({}, None),
        ({"SLURM_JOB_ID": "12"}, ("slurm", "12", None)),
        (
            {
                "SLURM_JOB_ID": "14",
                "SLURM_ARRAY_JOB_ID": "12",
                "SLURM_ARRAY_TASK_ID": "0",
                "SLURM_CLUSTER_NAME": "bench",
            },
            ("slurm", "12_0", "bench"),
        ),
        ({"JOB_ID": "12", "SGE_TASK_ID": "undefined"}, ("sge", "12", None)),
        ({"JOB_ID": "12", "SGE_TASK_ID": "7", "SGE_CLUSTER_NAME": "p1"}, ("sge", "12.7", "p1")),
        ({"JOB_ID": "12", "SGE_ROOT": "/opt/sge"}, ("sge", "12", None)),
        ({"JOB_ID": "12"}, None),
        ({"PBS_JOBID": "12[3].head"}, ("pbs", "12[3].head", None)),
        ({"LSB_JOBID": "12", "LSB_JOBINDEX": "0"}, ("lsf", "12", None)),
        ({"LSB_JOBID": "12", "LSB_JOBINDEX": "3"}, ("lsf", "12[3]", None)),
        ({"SLURM_JOB_ID": "", "JOB_ID": "", "SGE_ROOT": "/opt/sge"}, None),
    ],
)
def test_each_scheduler_says_it_in_its_own_way(environ, job):
    """``JOB_ID`` alone may be anyone's; array tasks are part of the id."""
    expected = None if job is None else (Scheduler(job[0]), *job[1:])
    assert batch_job(environ) == expected
