"""Batch systems that jobs are submitted to: what each calls a job's parts, and how it is asked."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class BatchSystem(StrEnum):
    """The batch systems that jobs can be submitted to; ``local`` runs the script here instead."""

    slurm = "slurm"
    sge = "sge"
    pbs = "pbs"
    lsf = "lsf"
    local = "local"


@dataclass(frozen=True)
class BatchDialect:
    """How one batch system is spoken to.

    Attributes
    ----------
    submit : tuple of str
        The command that submits a script.
    reads_input : bool
        Whether it reads the script from its standard input, instead of being given its path.
    job_id : str
        Regular expression whose first group is the id of a job in the answer to *submit*.
    wait : callable
        Makes options that let a job wait until others, by their ids, have ended.
    listing : callable, optional
        Makes the command that lists the ids of the user's jobs of a name that have not ended, one
        a line. Without it, jobs wait for others by their names.
    nothing_listed : str
        Regular expression of what *listing* says where there are none, if it fails then.
    job : str
        Shell words for the id of the job that runs, also after it was put back into the queue.
    task : str
        The variable with the number of a task of an array.
    arrays : bool
        Whether it has arrays whose tasks go on by themselves after a stop; else each task is
        submitted as a job, and *task* is handed on to it.
    ranks : str
        Shell words for the number of ranks of an MPI job.
    cluster : str
        The class of dask-jobqueue.
    alone : str
        Regular expression of the lines by which a job has nodes for itself.
    kept : tuple of str
        Variables that its commands need and that cron does not have.
    """

    submit: tuple[str, ...]
    wait: Callable[[Sequence[str]], list[str]]
    job: str
    task: str
    ranks: str
    cluster: str
    listing: Callable[[str], list[str]] | None = None
    nothing_listed: str | None = None
    job_id: str = r"(\d+)"
    reads_input: bool = False
    arrays: bool = True
    alone: str = "exclusive"
    kept: tuple[str, ...] = ()


DIALECTS = {
    BatchSystem.slurm: BatchDialect(
        submit=("sbatch", "--parsable"),
        wait=lambda jobs: [f"--dependency=afterany:{':'.join(jobs)}"],
        listing=lambda name: ["squeue", "--me", "--noheader", "--name", name, "--format", "%F"],
        job="${SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}",
        task="SLURM_ARRAY_TASK_ID",
        ranks="$SLURM_NTASKS",
        cluster="SLURMCluster",
    ),
    BatchSystem.sge: BatchDialect(
        submit=("qsub", "-terse"),
        wait=lambda jobs: ["-hold_jid", ",".join(jobs)],
        job="$JOB_ID",
        task="SGE_TASK_ID",
        ranks="$NSLOTS",
        cluster="SGECluster",
        kept=("SGE_ROOT", "SGE_CELL", "SGE_QMASTER_PORT", "SGE_EXECD_PORT", "SGE_CLUSTER_NAME"),
    ),
    BatchSystem.pbs: BatchDialect(
        submit=("qsub",),
        wait=lambda jobs: ["-W", f"depend=afterany:{':'.join(jobs)}"],
        listing=lambda name: ["qselect", "-u", getpass.getuser(), "-N", name],
        job_id=r"(\S+)",
        job="${CHUNKBENCH_JOB:-$PBS_JOBID}",
        task="CHUNKBENCH_TASK",
        arrays=False,
        ranks='$(wc -l <"$PBS_NODEFILE")',
        cluster="PBSCluster",
        alone=r"place=\S*excl",
        kept=("PBS_CONF_FILE",),
    ),
    BatchSystem.lsf: BatchDialect(
        submit=("bsub",),
        reads_input=True,
        wait=lambda jobs: ["-w", " && ".join(f"ended({job})" for job in jobs)],
        listing=lambda name: ["bjobs", "-noheader", "-o", "jobid", "-J", name],
        nothing_listed=r"not found|No unfinished job",
        job_id=r"Job <(\d+)>",
        job="$LSB_JOBID",
        task="LSB_JOBINDEX",
        ranks="$LSB_DJOB_NUMPROC",
        cluster="LSFCluster",
        alone=r"^-x$",
        kept=("LSF_ENVDIR", "LSF_SERVERDIR", "LSF_BINDIR", "LSF_LIBDIR"),
    ),
}
"""SLURM, Grid Engine and LSF put a job, or a task of an array, back into the queue where it asks
for that; PBS does so for its operators only."""
