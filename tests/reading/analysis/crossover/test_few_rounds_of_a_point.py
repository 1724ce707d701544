"""Points of a few rounds in the bootstrap of a crossing: rule 21."""

import numpy as np

from harness.reading.analysis.crossover.crossing import crossing

N = np.array([64.0, 32.0, 16.0, 8.0])


def test_two_rounds_are_drawn_from_their_t_and_not_resampled():
    """Two rounds that happen to agree do not make the interval narrower than others spread."""
    d = np.log([0.25, 0.6, 1.6, 2.0]) + np.zeros((2, 4))
    narrow = crossing(N, d, 1, 2, prior=np.full(4, 0.0))
    wide = crossing(N, d, 1, 2, prior=np.full(4, 0.04))
    assert 16 < narrow.low < narrow.high < 32
    assert wide.low < narrow.low
    assert wide.high > narrow.high


def test_what_others_spread_does_not_touch_points_of_many_rounds():
    rng = np.random.default_rng(3)
    d = np.log([0.25, 0.6, 1.6, 2.0]) + rng.normal(0, 0.05, (8, 4))
    assert crossing(N, d, 1, 2, prior=np.full(4, 0.0)) == crossing(N, d, 1, 2)
