"""The crossing of a convex curve inside a bracket: rule 21 (b)."""

import numpy as np
import pytest

from harness.reading.analysis.crossover.crossing import convex_bounds, crossing


def bounds(n, curve, target=1.0):
    n = np.asarray(n, dtype=float)
    return [float(n[2] + t * (n[1] - n[2])) for t in convex_bounds(n, curve(n), target)]


@pytest.mark.parametrize("n", [[40, 20, 10, 5], [40, 20, 10, np.nan], [np.nan, 20, 10, 5]])
def test_a_straight_line_is_crossed_where_it_crosses(n):
    """Rule 21: chord and extensions agree, with either neighbour alone."""
    assert bounds(n, lambda n: 0.25 + n * 0.05) == pytest.approx([15, 15])


@pytest.mark.parametrize("kink", [6.0, 10.5, 12.0, 14.0, 19.0])
@pytest.mark.parametrize("mirror", [False, True])
def test_a_kink_leaves_the_truth_between_the_bounds(kink, mirror):
    """Rules 21 and 24: max(flat, rising) crosses between them on either side of the best chunk."""

    def curve(n):
        n = 50 - n if mirror else n
        return np.maximum(0.7 + 0.01 * n, 0.7 + 0.01 * kink + 0.2 * (n - kink))

    n = np.array([40.0, 20, 10, 5])
    n = 50 - n if mirror else n
    dense = np.linspace(min(n[1:3]), max(n[1:3]), 200_001)
    truth = dense[np.argmin(np.abs(curve(dense) - 1))]
    ends = sorted(bounds(n, curve))
    assert ends[0] - 1e-3 <= truth <= ends[1] + 1e-3
    assert min(n[1:3]) <= ends[0] <= ends[1] <= max(n[1:3])


def test_without_neighbours_the_far_end_is_the_bracket():
    """Rule 21: nothing is known beyond the chord, and nothing is said outside the bracket."""
    assert bounds([np.nan, 20, 10, np.nan], lambda n: n / 15) == pytest.approx([15, 20])


def test_the_interval_shrinks_with_rounds_and_keeps_the_point():
    """Rule 21: low <= n <= high inside the bracket; rounds may differ between chunks."""
    n = np.array([40.0, 20, 10, 5])
    widths = []
    for rounds in (8, 400):
        noise = np.random.default_rng(4).normal(0, 0.05, (rounds, 4))
        d = -np.log(0.25 + n * 0.05) + noise
        d[6:, 0] = np.nan
        got = crossing(n, d, 1, 2)
        assert 10 <= got.low <= got.n <= got.high <= 20
        assert got.low <= 15 <= got.high
        widths.append(got.high / got.low)
    assert widths[1] < widths[0]
    assert crossing(n, d, 1, 2, seed=3) == crossing(n, d, 1, 2, seed=3)
    assert crossing(n, d, 1, 2, seed=3) != crossing(n, d, 1, 2, seed=4)


def test_an_undecided_chunk_in_the_bracket_narrows_it():
    """Rule 21: what was measured inside the bracket counts."""
    n = np.array([40.0, 20, 16, 10, 5])
    curve = np.maximum(0.7, 0.06 * n)  # kink at 11.7, crossing at 16.7
    d = np.repeat(-np.log(curve)[None], 8, axis=0)
    with_it = crossing(n, d, 1, 3)
    without = crossing(n[[0, 1, 3, 4]], d[:, [0, 1, 3, 4]], 1, 2)
    assert with_it.low <= 1 / 0.06 <= with_it.high
    assert without.low <= 1 / 0.06 <= without.high
    assert with_it.high / with_it.low < without.high / without.low
