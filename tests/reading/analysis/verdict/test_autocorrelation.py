"""Rule 19: a group whose rounds hang together is warned of, and one whose rounds do not seldom."""

from __future__ import annotations

import numpy as np
import pytest

from harness.reading.analysis.verdict.autocorrelation import (
    corrected,
    groups_that_hang_together,
    lag1_autocorrelations,
)
from tests.repeats import least, most, repeated


def warned(groups, cases, rounds, rho=0.0, common=0.0, seed=0):
    """How many of *groups* are warned of: AR(1) rounds, of whose variance the cases of a group
    share the part *common*."""
    rng = np.random.default_rng(seed)

    def series(*shape):
        e = rng.normal(size=(*shape, rounds))
        e[..., 0] /= np.sqrt(1 - rho**2)
        for turn in range(1, rounds):
            e[..., turn] += rho * e[..., turn - 1]
        return e

    d = np.sqrt(common) * series(groups, 1) + np.sqrt(1 - common) * series(groups, cases)
    of_case = np.repeat(np.arange(groups * cases), rounds)
    turn = np.tile(np.arange(rounds, dtype=float), groups * cases)
    group = np.repeat(np.arange(groups), cases)
    return len(groups_that_hang_together(d.ravel(), turn, of_case, group))


@repeated(few=400, full=3000)
@pytest.mark.parametrize("rounds", [6, 12, 20])
@pytest.mark.parametrize("cases", [1, 8])
def test_at_most_one_in_twenty_independent_groups_is_warned_of(cases, rounds, repeats):
    assert warned(repeats, cases, rounds, seed=11) <= most(0.05, repeats)


@repeated(few=400, full=3000)
def test_cases_that_share_the_luck_of_a_round_are_no_independent_witnesses(repeats):
    """Taken as independent, 20 cases that share 90 % of their noise warn in one group of three."""
    assert warned(repeats, 20, 20, common=0.9, seed=12) <= most(0.06, repeats)


@repeated(few=100, full=1000)
def test_most_groups_that_hang_together_are_found(repeats):
    assert warned(repeats, 8, 12, rho=0.5, common=0.3, seed=13) >= least(0.85, repeats)


def test_the_correction_leaves_independent_rounds_at_zero_with_the_variance_it_says():
    rng = np.random.default_rng(3)
    for n in (6, 10, 30):
        rho = lag1_autocorrelations(rng.normal(size=(40_000, n)))
        off, variance = corrected(rho, np.full(rho.size, n))
        assert off.mean() == pytest.approx(0, abs=0.006)
        assert off.var() == pytest.approx(variance[0], rel=0.05)


def test_cases_of_fewer_than_six_rounds_tell_nothing():
    assert warned(50, 8, 5, rho=0.9) == 0


def test_cases_with_different_numbers_of_rounds_are_pooled():
    """Of three cases that rise, one was stopped early and one lacks a round."""
    turns = [np.arange(12.0), np.arange(8.0), np.delete(np.arange(12.0), 4)]
    d = np.concatenate([turn + noise for turn, noise in zip(turns, (0.1, 0.2, 0.3))])
    case = np.repeat([0, 1, 2], list(map(len, turns)))
    found = groups_that_hang_together(d, np.concatenate(turns), case, np.array([4, 4, 4]))
    assert list(found) == [4]
    assert 0.6 < found[4] < 1.0
