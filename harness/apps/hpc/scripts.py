"""Fill templates of job scripts: plain shell that a user can read, keep and change by hand."""

from __future__ import annotations

import math
import shlex
from dataclasses import replace
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from harness.apps.hpc.job_request import (
    ATTEMPTS,
    NIGHT_HOURS,
    BatchSystem,
    JobRequest,
    ProgramEngine,
    walltime,
)

TASK_VARIABLE = {BatchSystem.slurm: "SLURM_ARRAY_TASK_ID", BatchSystem.sge: "SGE_TASK_ID"}
JOB_VARIABLE = {
    BatchSystem.slurm: "${SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}",
    BatchSystem.sge: "$JOB_ID",
    BatchSystem.local: "here-$$",
}
"""What a job is called, also after the scheduler has put it back into the queue."""
ALONE = "exclusive"
"""A line with this word asks for whole nodes, which a report of one core does not need."""
REPORT_SECONDS = 1800.0
WORKER_MEMORY_BYTES = 1 << 30


def _budget(seconds: float) -> str:
    return f"{math.floor(seconds)}s"


def _mebibytes(size: float) -> int:
    return math.ceil(size / (1 << 20))


_TEMPLATES = Environment(
    loader=PackageLoader("harness.apps.hpc"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701 - shell, not HTML: what comes from outside is quoted
)
_TEMPLATES.filters |= {
    "budget": _budget,
    "mebibytes": _mebibytes,
    "quote": lambda value: shlex.quote(str(value)),
    "walltime": walltime,
}


def scripts(job: JobRequest) -> dict[str, str]:
    """Write out the files of *job*: name to text, that which is submitted or run first.

    A sweep under a scheduler has a second script, for a job of one core that waits for it, or for
    all tasks of an array, and reports what was measured.
    """
    if job.engine is ProgramEngine.jobqueue:
        return {
            f"{job.name}.sh": _rendered("dask-jobqueue.sh", job),
            "dask/jobqueue.yaml": _rendered("jobqueue.yaml", job),
        }
    if job.engine is ProgramEngine.mpi:
        return {f"{job.name}.sh": _rendered("dask-mpi.sh", job)}
    files = {f"{job.name}.sh": _rendered("sweep.sh", job, restart=True, array=job.tasks > 1)}
    if job.has_report_job:
        files[f"{job.name}-report.sh"] = _rendered(
            "report.sh",
            replace(job, lines=tuple(line for line in job.lines if ALONE not in line)),
            name=f"{job.name}-report",
            slots=1,
            memory=None,
            seconds=REPORT_SECONDS,
        )
    return files


def _rendered(template: str, job: JobRequest, **values: Any) -> str:
    context = {
        "job": job,
        "name": job.name,
        "batch": job.batch,
        "slots": job.slots,
        "memory": job.memory_bytes,
        "seconds": job.walltime_seconds,
        "array": False,
        "restart": False,
        "task": TASK_VARIABLE.get(job.scheduler),
        "job_id": JOB_VARIABLE[job.scheduler],
        "night_hours": NIGHT_HOURS,
        "attempts": ATTEMPTS,
        "default_memory": WORKER_MEMORY_BYTES,
        "extra": ["-V"] if job.scheduler is BatchSystem.sge else [],
    }
    return _TEMPLATES.get_template(f"{template}.jinja").render(context | values)
