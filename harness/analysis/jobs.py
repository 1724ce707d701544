"""How well a job used what it was granted: CPU seconds / (elapsed x slots)."""

from __future__ import annotations

from typing import Any

from harness import units
from harness.ingest.accounting.job import Job


def _over(value: float | None, by: float | None) -> float | None:
    return None if value is None or not by else value / by


def efficiency(job: Job) -> dict[str, Any]:
    """The job's fields with its efficiencies, ``cores_used`` and ``findings``."""
    cores = _over(job.cpu_seconds, job.elapsed_seconds)
    findings = []
    if job.source == "sacct" and job.state.startswith("CANCELLED"):
        # sacct books almost no CPU for a SLURMCluster's workers, which end this way.
        cores = None
        findings.append("cancelled: the CPU seconds booked are a lower bound, so no efficiency")
    if cores is not None and job.slots is not None and job.slots > 1 and cores < 1.25:
        text = f"{job.slots} slots granted, {cores:.2f} cores at work"
        switches = job.involuntary_switches
        # More than ten a second: runnable threads were taken off a core that others wanted.
        if switches and job.elapsed_seconds and switches / job.elapsed_seconds > 10:
            text += f", {units.count(switches)} involuntary context switches"
            text += ": all threads shared one core; check pins and mpirun binding"
        findings.append(text)
    return job.model_dump(exclude={"line"}) | {
        "cpu_efficiency": _over(cores, job.slots),
        "cores_used": cores,
        "memory_efficiency": _over(job.max_memory_bytes, job.requested_memory_bytes),
        "findings": findings,
    }
