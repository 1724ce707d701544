"""Intervals of medians: rules 18 and 19."""

import math
import statistics
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.core.errors import InputError
from harness.reading.analysis.verdict.autocorrelation import lag1_autocorrelation
from harness.reading.analysis.verdict.estimates import (
    EARLY_ERROR,
    EARLY_LOOKS,
    LOOKS,
    equal_interval,
    expanded_tail,
    median_interval,
    rounds_used,
)
from harness.reading.analysis.verdict.moderated import prior_variance

PLANNED = [8, 12, 16, 24, 32]
rounds_of_floats = st.lists(st.floats(-10, 10), min_size=1, max_size=40)


@pytest.mark.parametrize("n", [6, 7, 10, 20, 33])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_equal_is_judged_by_the_interval_of_quantile_test(n, level):
    """Rule 20: exact order statistics, here against SciPy on the values themselves; six rounds
    have no other (rule 19)."""
    values = np.random.default_rng(n).normal(size=n)
    expected: Any = stats.quantile_test(values, q=0, p=0.5).confidence_interval(2 * level - 1)
    got = equal_interval(values, level)
    assert (got.low, got.high) == (expected.low, expected.high)
    if n == 6:
        exact: Any = stats.quantile_test(values, q=0, p=0.5).confidence_interval(level)
        six = median_interval(values, level)
        assert (six.low, six.high, six.interval) == (exact.low, exact.high, "order statistics")


@pytest.mark.parametrize("n", [7, 8, 11, 20, 33])
def test_seven_rounds_and_more_are_interpolated_at_96_percent(n):
    """Rule 19 (b), by the formula of Hettmansperger and Sheather, written out."""
    values = np.random.default_rng(n).normal(size=n)
    held = [1 - 2 * stats.binom.cdf(k - 1, n, 0.5) for k in range(1, n // 2 + 1)]
    k = max(i for i, level in enumerate(held, 1) if level >= 0.96)
    way = (held[k - 1] - 0.96) / (held[k - 1] - held[k])
    part = (n - k) * way / (k + (n - 2 * k) * way)
    x = np.sort(values)
    got = median_interval(values)
    assert got.low == pytest.approx((1 - part) * x[k - 1] + part * x[k])
    assert got.high == pytest.approx((1 - part) * x[n - k] + part * x[n - k - 1])
    assert (got.point, got.n, got.interval) == (np.median(values), n, "interpolated")


def test_a_few_rounds_have_the_moderated_t_written_out():
    """Rule 19 (a): three rounds, others that spread by 0.2; and the floor under the spread."""
    d, prior = np.array([0.3, 0.5, 0.7]), 0.04
    s = math.sqrt((3 * prior + 2 * 0.04) / 5)
    half = stats.t.ppf(0.975, 5) * s / math.sqrt(3)
    got = median_interval(d, prior=prior)
    assert (got.low, got.high) == pytest.approx((0.5 - half, 0.5 + half))
    assert got.interval == "moderated t"
    still = median_interval([0.5, 0.5], prior=0.0)
    assert still.high - still.low == pytest.approx(2 * stats.t.ppf(0.975, 4) * 0.05 / math.sqrt(2))


def test_other_cases_tell_the_spread_from_three_rounds_on():
    """Rule 19 (a): the mean of their variances; 0.3 where none of them tells it."""
    assert prior_variance([[0, 1, 2], [0, 0, 0], [5, -5]]) == pytest.approx(0.5)
    assert prior_variance([[0, 9]]) == prior_variance([]) == pytest.approx(0.3**2)


def test_an_early_look_is_judged_at_998_per_mille():
    """Rule 18: looks at 2, 3, 4 and 6 may err 0.2 % each; six rounds fixed are order statistics."""
    d = np.linspace(0.4, 0.6, 6)
    looks = [2, 3, 4, 6, 8]
    s = math.sqrt((3 * 0.04 + 5 * d.var(ddof=1)) / 8)
    got = median_interval(d, looks=looks, prior=0.04)
    assert got.high == pytest.approx(0.5 + stats.t.ppf(0.999, 8) * s / math.sqrt(6))
    assert got.interval == "moderated t"
    assert median_interval(d[:1], looks=looks, prior=0.04).low is None


def test_fewer_than_six_values_that_are_no_logarithms_have_a_point_and_no_interval():
    """Rule 19: without a prior; also not the 90 % interval that 5 values would have."""
    assert median_interval([1, 2, 3, 4, 5]).model_dump(include={"point", "low", "high"}) == {
        "point": 3,
        "low": None,
        "high": None,
    }
    assert equal_interval([1, 2, 3, 4, 5]).low is None
    assert median_interval([1, 2, 3, 4, 5, 6]).low == 1
    assert median_interval([]).point is None


@given(rounds_of_floats, st.booleans())
def test_the_point_lies_within_its_interval(values, sequential):
    """Rules 18 and 19: point and interval come from the same rounds."""
    got = median_interval(values, looks=PLANNED if sequential else None)
    if got.low is not None and got.point is not None and got.high is not None:
        assert got.low <= got.point <= got.high


@pytest.mark.parametrize(("n", "rank"), [(8, 1), (12, 2), (16, 3), (24, 7), (32, 10)])
def test_a_look_is_bounded_by_its_own_order_statistics(n, rank):
    """Rule 18: l = 1, 2, 3, 7, 10 from either end."""
    got = median_interval(np.random.default_rng(1).permutation(n) + 1.0, looks=PLANNED)
    assert (got.low, got.high) == (rank, n - rank + 1)


def test_rounds_after_the_latest_look_are_not_used():
    """Rule 18: an interval between looks has no known error."""
    first = list(range(8))
    assert median_interval([*first, 1e9, 1e9, 1e9], looks=PLANNED) == median_interval(
        first, looks=PLANNED
    )
    assert rounds_used(40, PLANNED) == 32
    assert rounds_used(40, None) == 40
    assert median_interval(first[:7], looks=PLANNED).low is None


def total_error(ranks):
    """Exact, from the law of the number of positive rounds look after look."""
    alive, error = np.array([1.0]), 0.0
    for n in range(1, max(ranks) + 1):
        alive = np.convolve(alive, [0.5, 0.5])
        if n in ranks:
            positive = np.arange(n + 1)
            rejected = (positive < ranks[n]) | (n - positive < ranks[n])
            error += alive[rejected].sum()
            alive = np.where(rejected, 0.0, alive)
    return error


def test_the_exact_total_error_of_the_looks_is_below_five_percent():
    """Rule 18: 4.09 % by order statistics, and 0.2 % for each early look by moderated t."""
    assert total_error(LOOKS) == pytest.approx(0.0409, abs=0.00005)
    assert total_error(LOOKS) + EARLY_ERROR * len(EARLY_LOOKS) < 0.05


@pytest.mark.parametrize("looks", [[10, 20], [], [12, 8], [8, 8, 12]])
def test_other_looks_are_refused(looks):
    """Rule 18: nothing is derived from looks whose error is not known."""
    with pytest.raises(InputError, match="looks"):
        median_interval(range(20), looks=looks)


def test_looks_know_no_level_above_theirs():
    """Rule 18: the table keeps 95 %; a lower level gets the same, conservative interval."""
    with pytest.raises(InputError, match=r"0\.99"):
        median_interval(range(20), 0.99, PLANNED)
    assert median_interval(range(20), 0.5, PLANNED) == median_interval(range(20), looks=PLANNED)


def test_a_value_that_is_not_finite_is_refused():
    """Rule 19: a round is never dropped silently."""
    with pytest.raises(InputError, match="finite"):
        median_interval([1.0] * 7 + [np.nan])


def test_autocorrelation_finds_a_planted_one():
    """Rule 19: the lag-1 autocorrelation of an AR(1) series with 0.6, and none of white noise."""
    rng = np.random.default_rng(2)
    white = rng.normal(size=4000)
    series = np.zeros(4000)
    for i in range(1, 4000):
        series[i] = 0.6 * series[i - 1] + white[i]
    assert lag1_autocorrelation(series) == pytest.approx(0.6, abs=0.05)
    assert lag1_autocorrelation(white) == pytest.approx(0.0, abs=0.05)
    assert lag1_autocorrelation([1, 2, 1, 2, 1]) is None
    assert lag1_autocorrelation([0.1] * 7) is None


@pytest.mark.parametrize(("n", "t"), [(5, 2.7764), (10, 2.2622), (20, 2.0930), (100, 1.9842)])
def test_the_tail_of_a_bootstrap_of_few_values_is_that_of_hesterberg(n, t):
    """With Student's t from a printed table and the standard library's normal distribution."""
    expected = statistics.NormalDist().cdf(-math.sqrt(n / (n - 1)) * t)
    assert expanded_tail(n) == pytest.approx(expected, rel=2e-3)


def test_the_tail_of_a_bootstrap_of_many_values_is_the_nominal_one():
    assert expanded_tail(10**6) == pytest.approx(0.025, rel=1e-4)


@pytest.mark.simulation
def test_expanded_intervals_of_few_values_cover_as_often_as_they_say():
    """Means of 10 normal values: 95 % within 1 %, where the plain percentiles have 90 %."""
    rng = np.random.default_rng(0)
    tail, hits = expanded_tail(10), np.zeros(2)
    for _ in range(2000):
        values = rng.normal(size=10)
        means = rng.choice(values, size=(500, 10)).mean(axis=1)
        for i, each in enumerate((tail, 0.025)):
            low, high = np.quantile(means, (each, 1 - each), method="weibull")
            hits[i] += low <= 0 <= high
    assert hits[0] / 2000 > 0.935
    assert hits[1] / 2000 < 0.925
