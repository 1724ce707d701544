"""The hardware ceiling S(P): P independent kernels at once, with no scheduler (rule 3)."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

from harness.running.measure.process.channel import Channel
from harness.running.measure.process.timing import batch

REPEATS = 5
LEAST_SECONDS = 0.030
"""A batch lasts at least this long, so that a ragged start of the parts does not matter."""
HEAD_START_SECONDS = 0.005


def ceiling_samples(
    processes: Sequence[Channel],
    workload: tuple[str, int],
    baseline_seconds: float,
    limit_seconds: float,
) -> list[float]:
    """Speed-ups of the whole, cut into as many parts as there are *processes* without an engine.

    Each is the time of the whole in the first process over that of all parts at once, from their
    common start to the last one's end.

    Parameters
    ----------
    processes : sequence of Channel
        Started without an engine; the first is the baseline's.
    workload : tuple of str and int
        Its name and size.
    baseline_seconds : float
        What the whole takes, in s.
    limit_seconds : float
        For one part.

    Raises
    ------
    CaseError
        Where a process fails.
    """
    calls = batch(baseline_seconds, LEAST_SECONDS)
    samples = []
    for repeat in range(REPEATS + 1):
        same = {"workload": workload, "seed": repeat, "calls": calls}
        alone = processes[0].ask("baseline", limit_seconds, **same)
        at = perf_counter() + HEAD_START_SECONDS
        for index, process in enumerate(processes):
            process.send("share", index=index, of=len(processes), at=at, **same)
        ends = [process.receive("share", limit_seconds)["end"] for process in processes]
        samples.append(float(alone["seconds"]) * calls / (max(ends) - at))
    return samples[1:]  # the first finds the helpers cold
