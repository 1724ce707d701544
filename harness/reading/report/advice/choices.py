"""What is expected of one way to cut the work, and what was measured of it."""

from __future__ import annotations

from harness.core.records import Estimate, Record, Verdict

Chunks = str | int | list[int] | None
"""What to hand over as chunks or partitions; ``None`` where the work has no such argument."""


class Expectation(Record):
    """What to expect of one chunk size with some workers.

    ``memory_bytes`` is what the workers and the answer fill, beyond what the process fills anyhow.
    """

    workers: int
    seconds: Estimate
    speedup: Estimate
    verdict: Verdict
    memory_bytes: int | None


class Choice(Record):
    """One way to cut the work; ``lines`` has what to expect of it, by number of workers."""

    chunks: Chunks
    n_chunks: int
    n_tasks: int
    chunk_bytes: int | None
    timed: bool
    lines: list[Expectation]


class Checked(Record):
    """A forecast beside what was measured; ``error`` is (forecast - measured) / measured.

    ``measured`` is in the forecast's own seconds: the paired ratio to the serial run beside it,
    times that run's seconds when the forecast was made. ``measured_seconds`` is by the clock.
    """

    chunks: Chunks
    n_chunks: int
    held_out: bool
    forecast: Estimate
    measured: Estimate
    measured_seconds: float
    error: float
