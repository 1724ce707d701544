"""The geometric mean of what was measured again and again, with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from harness.core.records import Estimate
from harness.reading.analysis.verdict.t_intervals import mean_intervals

LEVEL = 0.95


def geometric_mean(values: Sequence[float]) -> Estimate:
    """The geometric mean of *values* with its 95 % t interval, from two of them on."""
    known = np.log([value for value in values if value > 0])
    if known.size == 0:
        return Estimate(point=None, low=None, high=None, n=0)
    point = math.exp(known.mean())
    if known.size < 2:
        return Estimate(point=point, low=None, high=None, n=1)
    [low], [high] = mean_intervals(known[None, :], LEVEL)
    return Estimate(point=point, low=math.exp(low), high=math.exp(high), n=known.size)
