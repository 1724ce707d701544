"""What is expected of one way to cut the work, and what was measured of it."""

from __future__ import annotations

from harness.core.records import Estimate, Record, Verdict

Chunks = str | int | list[int] | dict[str, int] | None
"""What to hand over as chunks or partitions, lengths by dimension for an array in storage; ``None``
where the work has no such argument."""


class Expectation(Record):
    """What to expect of one chunk size with some workers.

    ``memory_bytes`` is what the workers and the answer fill, beyond what the process fills anyhow.
    What is compared with the serial way on all cores is ``None`` where that was not timed.
    """

    workers: int
    seconds: Estimate
    speedup: Estimate
    verdict: Verdict
    speedup_vs_all_cores: Estimate | None = None
    verdict_vs_all_cores: Verdict | None = None
    memory_bytes: int | None


class Choice(Record):
    """One way to cut the work; ``lines`` has what to expect of it, by number of workers.

    ``worker_memory_bytes`` is what a worker fills. ``storage_reads`` says how many times a chunk of
    the storage is read; ``None`` where the work has none.
    """

    chunks: Chunks
    n_chunks: int
    n_tasks: int
    chunk_bytes: int | None
    timed: bool
    worker_memory_bytes: int | None = None
    storage_reads: int | None = None
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
