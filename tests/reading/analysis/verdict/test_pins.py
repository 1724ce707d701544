"""Workers by pins, with the truth planted."""

from __future__ import annotations

import pandas as pd
import pytest

from harness.reading.analysis.verdict.cases import cases
from harness.reading.analysis.verdict.contrasts import contrasts
from harness.reading.analysis.verdict.pin_costs import pins
from tests.reading.analysis.verdict.test_contrasts import run_of


def table(planted):
    pairs, blocks, runs = run_of(planted, noise=0.01)
    judged = cases(pairs, blocks, runs)
    return pins(judged, contrasts(judged, pairs, blocks, runs), runs)


def test_each_pin_has_its_verified_threads_its_time_and_its_cost_over_pin_1():
    """Two usable cores: the pin "cores" reads back as 2 native threads, "default" as 4."""
    planted = {("blas-product", "dask-threads", 2, "1", 100): 0.1}
    planted[("blas-product", "dask-threads", 2, "cores", 100)] = 0.15
    planted[("blas-product", "dask-threads", 2, "default", 100)] = 0.05
    by_pin = table(planted).set_index("pin")
    assert by_pin["native_threads"].to_dict() == {"1": 1, "cores": 2, "default": 4}
    assert by_pin["threads_wanted"].to_dict() == {"1": 2, "cores": 4, "default": 8}
    assert by_pin["too_many_threads"].to_dict() == {"1": False, "cores": True, "default": True}
    assert by_pin.loc["cores", "over_pin_1"] == pytest.approx(1.5, rel=0.03)
    assert by_pin.loc["cores", "over_pin_1_low"] <= 1.5 <= by_pin.loc["cores", "over_pin_1_high"]
    assert by_pin["verdict"].drop("1").to_dict() == {"cores": "slower", "default": "faster"}
    assert pd.isna(by_pin.loc["1", "over_pin_1"])
    assert pd.isna(by_pin.loc["1", "verdict"])


def test_a_set_up_with_one_pin_is_no_row():
    planted = {
        ("blas-product", "dask-threads", 2, "1", 100): 0.1,
        ("blas-product", "dask-threads", 1, "cores", 100): 0.1,
        ("blas-product", "dask-threads", 2, "cores", 50): 0.1,
    }
    assert table(planted).empty
