"""Fill templates of job scripts: plain shell that a user can read, keep and change by hand."""

from __future__ import annotations

import math
import re
import shlex
from dataclasses import replace
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from harness.apps.hpc.batch_systems import BatchSystem
from harness.apps.hpc.job_request import (
    ATTEMPTS,
    NIGHT_HOURS,
    JobRequest,
    ProgramEngine,
    walltime,
)

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
    "minutes": lambda seconds: math.ceil(seconds / 60),
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
    if job.dialect and job.has_report_job:
        alone = re.compile(job.dialect.alone)  # a report of one core needs no node for itself
        files[f"{job.name}-report.sh"] = _rendered(
            "report.sh",
            replace(job, lines=tuple(line for line in job.lines if not alone.search(line))),
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
        "dialect": job.dialect,
        "command": f"{job.container} chunkbench".strip(),
        "prologue": _prologue(job),
        "night_hours": NIGHT_HOURS,
        "attempts": ATTEMPTS,
        "default_memory": WORKER_MEMORY_BYTES,
        "extra": ["-V"] if job.scheduler is BatchSystem.sge else [],
    }
    return _TEMPLATES.get_template(f"{template}.jinja").render(context | values)


def _prologue(job: JobRequest) -> list[str]:
    """Shell lines that a worker's job begins with: those of a sweep, without comments."""
    lines = _TEMPLATES.get_template("prepared.jinja").render(job=job).splitlines()
    return [line for line in lines if line and not line.startswith("#")]
