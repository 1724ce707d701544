"""Describe in the same words what the plain suite gives and what we give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.core import units
from harness.core.records import Verdict

SIZE = 10_000_000
MANY, FEW = 1_000, 100_000
CLUSTER_CHUNKS = (100_000, 1_000_000, 10_000_000)

MANY_CHUNKS = f"dask-threads, chunks of {units.count(MANY)}"
FEW_CHUNKS = f"dask-threads, chunks of {units.count(FEW)}"
AS_WRITTEN = "np.random.random"
SAME = "NumPy beside itself (A/A)"


def cluster_case(chunk: int) -> str:
    """Name the cluster's case with *chunk* elements a task."""
    return f"LocalCluster, chunks of {units.count(chunk)}"


CASES = (MANY_CHUNKS, FEW_CHUNKS, AS_WRITTEN, *map(cluster_case, CLUSTER_CHUNKS), SAME)
"""Each is judged against the same sum by NumPy with Dask's generator."""


@dataclass(frozen=True)
class Side:
    """What one of the two, plain or ours, gave in its run.

    Attributes
    ----------
    wall_seconds : float
        From the start until the verdicts exist.
    kept_seconds : float
        In calls whose time was kept as a sample.
    called_seconds : float or None
        In all timed calls, those that warm up included; ``None`` where that is not recorded.
    verdicts : mapping of str to Verdict
        By case; a case without a result has none.
    counts : mapping of str to int
        By case, how many samples or rounds the verdict rests on.
    cluster_seconds : mapping of int to float
        Median time of a call on the cluster by chunk, as given.
    first_over_warm : float or None
        First call after a start of the cluster over a warm call of the same chunk; ``None`` where
        it is not measured.
    """

    wall_seconds: float
    kept_seconds: float
    called_seconds: float | None
    verdicts: Mapping[str, Verdict]
    counts: Mapping[str, int]
    cluster_seconds: Mapping[int, float]
    first_over_warm: float | None
