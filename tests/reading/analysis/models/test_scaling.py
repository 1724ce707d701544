"""Speed-up over workers against planted laws: rule 25."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from harness.reading.analysis.models.scaling import (
    fit_universal,
    scaling,
    serial_fraction,
    universal,
)
from harness.reading.analysis.verdict.cases import cases as judged
from harness.reading.ingest import validate
from tests.reading.analysis import planted
from tests.repeats import least, repeated

pytestmark = pytest.mark.simulation

CHUNK = 1 << 12


def curve(workers, speedup, seed=0, **changes):
    """Frames of one case at several numbers of workers with planted speed-ups."""
    frames, starts = [], []
    for P, X in zip(workers, speedup, strict=True):
        model = planted.Planted(workers=P, c0=0.0, s=0.0, o=0.0, ceiling=X)
        pairs, blocks, runs = planted.journal(model, [CHUNK], seed=seed + P, **changes)
        frames.append(pairs)
        starts.append(blocks)
    every = planted.obey(pd.concat(frames, ignore_index=True), "pairs")
    blocks = planted.obey(pd.concat(starts, ignore_index=True), "blocks")
    return scaling(judged(every, blocks, runs), every, runs)


def amdahl(serial, workers):
    return 1 / (serial + (1 - serial) / workers)


@given(st.floats(0.001, 0.9), st.integers(2, 4096))
def test_the_serial_fraction_inverts_amdahls_law(serial, workers):
    assert serial_fraction(amdahl(serial, workers), workers) == pytest.approx(serial, abs=1e-9)


def test_a_planted_serial_fraction_is_recovered():
    table = validate("scaling", curve([1, 2, 4, 8], [amdahl(0.1, P) for P in (1, 2, 4, 8)]))
    assert list(table["workers"]) == [1, 2, 4, 8]
    assert pd.isna(table["serial_fraction"].iloc[0])  # nothing runs beside anything
    for _, row in table.iloc[1:].iterrows():
        assert row["serial_fraction_low"] <= 0.1 <= row["serial_fraction_high"]
        assert row["efficiency"] == pytest.approx(row["speedup"] / row["workers"])


@repeated(few=4, full=20)
def test_a_planted_law_and_its_peak_are_recovered(repeats):
    """Of 20 curves at least 16 have each figure in its interval (95 % each); of fewer, what
    :func:`least` says."""
    needed = 16 if repeats == 20 else least(0.95, repeats)
    P = np.array([1, 2, 4, 8, 16, 32])
    law = np.array([1.0, 0.05, 0.002])
    peak = np.sqrt(0.95 / 0.002)
    inside = np.zeros(3)
    for seed in range(repeats):
        row = curve(P, universal(P, law), seed=100 * seed).iloc[0]
        for i, (name, true) in enumerate(
            zip(("contention", "coherency", "peak_workers"), (0.05, 0.002, peak))
        ):
            inside[i] += row[f"{name}_low"] <= true <= row[f"{name}_high"]
    assert inside.min() >= needed


def test_the_fit_is_that_of_a_general_optimiser():
    """An independent oracle: the same loss in its own parameters, without the linear form."""
    P = np.array([1, 2, 4, 8, 16.0])
    noisy = universal(P, np.array([0.9, 0.08, 0.003])) * np.array([1.03, 0.97, 1.02, 0.99, 1.01])

    def loss(law):
        return universal(P, law) ** -1 * noisy - 1

    oracle = optimize.least_squares(loss, [1.0, 0.1, 0.01], xtol=1e-14, ftol=1e-14, gtol=1e-14)
    assert fit_universal(P, noisy) == pytest.approx(oracle.x, rel=1e-5)


def test_laws_that_are_fitted_together_are_those_fitted_one_by_one():
    P = np.array([1, 2, 4, 8.0])
    speedups = universal(P, np.array([1.0, 0.05, 0.002])) * np.array([[1.0], [1.1], [0.9]])
    alone = np.array([fit_universal(P, each) for each in speedups])
    assert fit_universal(P, speedups) == pytest.approx(alone, rel=1e-12)


def test_three_numbers_of_workers_have_no_law():
    table = curve([1, 2, 4], [1.0, 1.9, 3.5])
    assert table[["contention", "coherency", "peak_workers"]].isna().all(axis=None)
    assert table["reason"].str.contains("the law needs 4").all()


def test_without_coherency_there_is_no_peak():
    """Contention alone flattens and never falls: no finite peak is invented."""
    P = [1, 2, 4, 8, 16]
    row = curve(
        P,
        [amdahl(0.3, p) * (1 + 0.01 * p / 16) for p in P],
        noise=planted.Noise(0.001, 0.001, 0, 0),
    ).iloc[0]
    assert pd.isna(row["peak_workers"])
    assert row["reason"] == "the law has no peak"


def test_a_peak_beyond_the_workers_tried_is_called_a_forecast():
    P = np.array([1, 2, 4, 8])
    row = curve(P, universal(P, np.array([1.0, 0.05, 0.002]))).iloc[0]
    assert "8 workers were tried at most" in row["reason"] or row["reason"] == "the law has no peak"


def test_one_number_of_workers_is_no_curve():
    assert curve([2], [1.9]).empty
