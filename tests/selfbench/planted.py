"""Two sides and trials with known figures."""

from __future__ import annotations

from harness.core.records import Verdict
from selfbench.sides import CASES, CLUSTER_CHUNKS, MANY_CHUNKS, SAME, Side
from selfbench.trials import ASV_ALONE, ASV_COMPARE, OURS, OURS_SHORT, FalseVerdicts

PLAIN = Side(
    wall_seconds=200.0,
    kept_seconds=20.0,
    called_seconds=None,
    verdicts={MANY_CHUNKS: Verdict.OVERHEAD, SAME: Verdict.PAYS},
    counts={MANY_CHUNKS: 3, SAME: 10},
    cluster_seconds=dict.fromkeys(CLUSTER_CHUNKS, 0.4),
    first_over_warm=None,
)
OURS_SIDE = Side(
    wall_seconds=100.0,
    kept_seconds=40.0,
    called_seconds=60.0,
    verdicts=dict.fromkeys(CASES, Verdict.OVERHEAD) | {SAME: Verdict.EQUAL},
    counts=dict.fromkeys(CASES, 20),
    cluster_seconds=dict.fromkeys(CLUSTER_CHUNKS, 0.1),
    first_over_warm=3.0,
)
TRIALS = FalseVerdicts(100, {ASV_ALONE: 14, ASV_COMPARE: 10, OURS_SHORT: 3, OURS: 0})
