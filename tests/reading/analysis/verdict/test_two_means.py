"""Student's t of two stretches against SciPy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from harness.reading.analysis.verdict.two_means import difference


@pytest.mark.parametrize(("first", "second"), [(2, 2), (3, 20), (150, 4)])
@pytest.mark.parametrize("step", [0.0, 0.2, 30.0])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_it_is_that_of_scipy(first, second, step, level):
    rng = np.random.default_rng(first)
    before, after = rng.normal(3, 0.1, first), rng.normal(3 + step, 0.2, second)
    ours, theirs = difference(before, after), stats.ttest_ind(after, before)
    ends = theirs.confidence_interval(level)
    assert ours.p == pytest.approx(theirs.pvalue, rel=1e-9)
    assert ours.interval(level) == pytest.approx((ends.low, ends.high), rel=1e-12)


def test_without_a_spread_a_difference_is_sure_and_none_is_not_told():
    ones = np.ones(4)
    assert difference(ones, 2 * ones).p == 0.0
    assert difference(ones, 2 * ones).interval(0.95) == (1.0, 1.0)
    assert np.isnan(difference(ones, ones).p)
