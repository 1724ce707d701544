"""What fewer runs of the baseline cost is told by sweeps that know the truth."""

from __future__ import annotations

import pytest

from selfbench import baselines


@pytest.fixture
def still(monkeypatch):
    """A machine without drift or noise, on which nothing passes between calls."""
    monkeypatch.setattr(baselines, "recorded_drift", lambda seed: lambda seconds: 1.0)
    monkeypatch.setattr(baselines, "NOISE", 0.0)
    monkeypatch.setattr(baselines, "AROUND_SECONDS", 0.0)


@pytest.mark.parametrize("way", [baselines.pairs, *baselines.WAYS.values()])
@pytest.mark.parametrize("cases", [(0.1,), (0.1, 0.3, 0.02)])
def test_every_way_finds_the_truth_of_every_case_on_a_still_machine(still, way, cases):
    """Also of the one that is left over where cases go by twos."""
    errors, _ = baselines.sweep(way, 0.2, cases, 1)
    assert errors == pytest.approx([0.0] * len(cases))


@pytest.mark.parametrize(
    ("way", "runs"), [(baselines.pairs, 4), (baselines.one_a_round, 1), (baselines.between_two, 2)]
)
def test_a_round_runs_the_baseline_as_often_as_its_way_says(still, way, runs):
    _, seconds = baselines.sweep(way, 0.5, (0.1,) * 4, 1)
    assert seconds == pytest.approx(baselines.ROUNDS * (4 * 0.1 + runs * 0.5))
