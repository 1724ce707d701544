from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import quantile_test

from harness.core.median_ranks import median_ranks


@pytest.mark.parametrize("level", [0.5, 0.8, 0.875, 0.9, 0.95, 0.96875, 0.99, 0.9999])
def test_ranks_are_those_of_the_test_of_a_quantile(level):
    """At 0.875 and 0.96875 some numbers of values have the level to the last bit."""
    for n in range(1, 301):
        interval: Any = quantile_test(np.arange(n, dtype=float), q=0.0, p=0.5).confidence_interval(
            level
        )
        ends = (
            None if np.isnan([interval.low, interval.high]).any() else (interval.low, interval.high)
        )
        assert median_ranks(n, level) == ends


def test_fewer_than_six_values_have_no_interval():
    assert [median_ranks(n) for n in range(7)] == [None] * 6 + [(0, 5)]
