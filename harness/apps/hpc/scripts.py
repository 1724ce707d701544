"""Fill templates of job scripts: plain shell that a user can read, keep and change by hand."""

from __future__ import annotations

import math
import shlex
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from harness.apps.hpc.job_request import ATTEMPTS, BatchSystem, JobRequest, ProgramEngine, walltime

TASK_VARIABLE = {BatchSystem.slurm: "SLURM_ARRAY_TASK_ID", BatchSystem.sge: "SGE_TASK_ID"}
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

    An array has a second script, for a job that waits for its tasks and reports on all of them.
    """
    if job.engine is ProgramEngine.jobqueue:
        return {
            f"{job.name}.sh": _rendered("dask-jobqueue.sh", job),
            "dask/jobqueue.yaml": _rendered("jobqueue.yaml", job),
        }
    if job.engine is ProgramEngine.mpi:
        return {f"{job.name}.sh": _rendered("dask-mpi.sh", job)}
    files = {f"{job.name}.sh": _rendered("sweep.sh", job, restart=True, array=job.tasks > 1)}
    if job.tasks > 1:
        files[f"{job.name}-report.sh"] = _rendered(
            "report.sh",
            job,
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
        "attempts": ATTEMPTS,
        "default_memory": WORKER_MEMORY_BYTES,
        "extra": ["-V"] if job.scheduler is BatchSystem.sge else [],
    }
    return _TEMPLATES.get_template(f"{template}.jinja").render(context | values)
