"""The record that every accounting source is read into."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Job(BaseModel):
    """One accounting record; what the source does not say is None, never 0. Seconds and bytes."""

    model_config = ConfigDict(frozen=True)

    job_id: str
    source: str
    line: int
    state: str
    slots: int | None = None
    elapsed_seconds: float | None = None
    cpu_seconds: float | None = None
    max_memory_bytes: float | None = None
    requested_memory_bytes: float | None = None
    involuntary_switches: int | None = None
