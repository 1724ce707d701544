"""Tails and quantiles are those of scipy.stats, which is too slow to import."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import harness.reading.analysis.verdict as package
from harness.reading.analysis.verdict.estimates import MIN_ROUNDS, expanded_tail, median_interval
from harness.reading.analysis.verdict.p_values import sign_p
from harness.reading.analysis.verdict.t_intervals import mean_intervals, t_quantile
from harness.reading.analysis.verdict.two_means import welch

LEVELS = [0.5, 0.8, 0.9, 0.95, 0.96875, 0.99, 0.9999]
NUMBERS = range(MIN_ROUNDS, 301)


def test_six_rounds_have_the_p_value_of_the_binomial_law():
    for positive in range(4):
        d = np.where(np.arange(6) < positive, 1.0, -1.0)
        expected = min(1.0, 2 * stats.binom.cdf(positive, 6, 0.5))
        assert sign_p(d) == pytest.approx(expected, rel=1e-12)


def test_rounds_that_all_agree_have_the_p_value_of_the_sign_test():
    for n in NUMBERS:
        d = np.random.default_rng(n).uniform(0.1, 1, n)
        assert sign_p(d) == pytest.approx(2 * 0.5**n, rel=1e-9)


@pytest.mark.parametrize("looks", [None, (8, 12, 16, 24, 32), (2, 3, 4, 6, 8, 12, 16, 24, 32)])
def test_a_p_value_is_at_most_5_percent_exactly_where_the_interval_leaves_0_out(looks):
    """Rules 19 and 21: whatever rule gave the interval, Holm's correction takes its p-value."""
    rng = np.random.default_rng(5)
    seen = set()
    for _ in range(1500):
        d = rng.normal(rng.choice([0.0, 0.1, 0.3]), 0.15, rng.integers(1, 34))
        one = median_interval(d, looks=looks, prior=0.02)
        outside = one.low is not None and (one.low > 0 or one.high < 0)
        assert outside is (sign_p(d, looks, 0.02) <= 0.05)
        seen.add((one.interval, outside))
    assert len(seen) >= 3


@pytest.mark.simulation
def test_p_values_at_planned_looks_are_those_of_a_whole_search():
    """Rule 18: over looks that stop where the p-value is at most p, no more than p of null cases
    stop; here with normal rounds, for p far below 5 % as Holm's correction needs it."""
    looks, rng = (2, 3, 4, 6, 8, 12, 16, 24, 32), np.random.default_rng(8)
    d = rng.normal(0, 0.15, (3000, 32))
    least = np.array([min(sign_p(row[:n], looks) for n in looks) for row in d])
    for p in (0.01, 0.02, 0.05):
        assert np.mean(least <= p) <= p + 3 * np.sqrt(p * (1 - p) / len(d))


@pytest.mark.parametrize("level", LEVELS)
def test_quantiles_of_t_are_those_of_scipy(level):
    freedom = np.arange(1, 301)
    expected = stats.t.ppf((1 + level) / 2, freedom)
    assert [t_quantile(level, n) for n in freedom.tolist()] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("level", LEVELS)
def test_a_tail_is_that_of_t_and_the_normal_law(level):
    for n in range(2, 301):
        t = stats.t.ppf((1 + level) / 2, n - 1)
        expected = stats.norm.cdf(-np.sqrt(n / (n - 1)) * t)
        assert expanded_tail(n, level) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("n", "m"), [(2, 2), (5, 9), (300, 40)])
def test_intervals_of_means_are_those_of_scipy(level, n, m):
    rng = np.random.default_rng(n)
    x, y = rng.normal(0, 1, n), rng.normal(0.3, 3, m)
    of_mean = stats.ttest_1samp(x, 0).confidence_interval(level)
    assert np.ravel(mean_intervals(x[np.newaxis], level)) == pytest.approx(of_mean, rel=1e-12)
    of_two = stats.ttest_ind(y, x, equal_var=False)
    ends = of_two.confidence_interval(level)
    assert welch(x, y).interval(level) == pytest.approx(ends, rel=1e-12)
    assert welch(x, y).p == pytest.approx(of_two.pvalue, rel=1e-9)


def test_values_without_a_spread_have_an_interval_without_a_width():
    assert welch(np.ones(5), np.full(5, 3.0)).interval(0.95) == (2.0, 2.0)


def test_nothing_here_imports_scipy_stats():
    """It takes longer to import than a results folder takes to judge."""
    names = [each.stem for each in Path(package.__path__[0]).glob("*.py")]
    imports = "".join(f"import {package.__name__}.{name}\n" for name in names if name[0] != "_")
    code = f"{imports}import sys\nsys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
