"""An estimate as three columns, and a column as floats."""

from __future__ import annotations

import numpy as np
import pandas as pd

from harness.core.records import Estimate
from harness.reading.analysis.estimate_columns import estimate_columns, floats


def test_an_estimate_is_three_columns_and_what_it_lacks_is_none():
    columns = estimate_columns("speedup", Estimate(point=0.0, low=None, high=np.log(2.0)), np.exp)
    assert columns == {"speedup": 1.0, "speedup_low": None, "speedup_high": 2.0}


def test_what_is_absent_in_a_column_is_nan():
    rows = pd.DataFrame({"round": pd.array([1, None], dtype="Int64")})
    assert np.array_equal(floats(rows, "round"), [1.0, np.nan], equal_nan=True)
