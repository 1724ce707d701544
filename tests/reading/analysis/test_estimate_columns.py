"""An estimate as three columns, and a column as floats."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from harness.core.records import Estimate
from harness.reading.analysis.estimate_columns import estimate_columns, floats, interval_columns


def test_an_estimate_is_three_columns_and_what_it_lacks_is_none():
    columns = estimate_columns("speedup", Estimate(point=0.0, low=None, high=np.log(2.0)), np.exp)
    assert columns == {"speedup": 1.0, "speedup_low": None, "speedup_high": 2.0}


def test_what_is_absent_in_a_column_is_nan():
    rows = pd.DataFrame({"round": pd.array([1, None], dtype="Int64")})
    assert np.array_equal(floats(rows, "round"), [1.0, np.nan], equal_nan=True)


def test_many_estimates_are_three_columns_too():
    """An array for each end, converted as one estimate is; what is absent stays absent."""
    ends = (np.array([0.0, 1.0]), np.array([np.nan, 0.5]), np.array([np.log(2.0), np.nan]))
    columns = interval_columns("speedup", ends, np.exp)
    assert list(columns) == ["speedup", "speedup_low", "speedup_high"]
    one = estimate_columns("speedup", Estimate(point=0.0, low=None, high=np.log(2.0)), np.exp)
    assert [columns[name][0] for name in one] == [1.0, pytest.approx(np.nan, nan_ok=True), 2.0]
