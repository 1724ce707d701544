"""Verdicts from few rounds, by noise and number of rounds: rules 19 and 29."""

import numpy as np
import pytest

from harness.apps.selftest.few_rounds import (
    CASES,
    NOISES,
    PLANNED,
    few_rounds_table,
    prior_of,
    stopped,
)
from harness.reading.analysis.verdict.moderated import DEFAULT_PRIOR

KEPT = [noise for noise in NOISES if noise not in ("AR(1) 0.3", "start-up luck 5 %")]
"""Noises under which rounds are independent; the other two are reported, not promised."""


@pytest.mark.simulation
@pytest.mark.parametrize("noise", KEPT)
def test_at_most_five_percent_of_cases_without_effect_are_called_different(noise):
    """Rule 29: for numbers of rounds from 2 to 32, and for planned looks."""
    for row in few_rounds_table(1600, [2, 3, 4, 5, 6, 7, 8, 13, 32], [noise], seed=4):
        assert row.false <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / row.n), row


@pytest.mark.simulation
def test_two_rounds_find_a_case_200_times_slower_and_old_rules_none():
    """Rule 19: in every noise, without anything known of the spread."""
    rng = np.random.default_rng(6)
    for noise in NOISES.values():
        d = noise(rng, 100, 2) - np.log(200)
        assert np.mean(stopped(d, PLANNED[:1]) == "overhead exceeds gain") > 0.97


def test_the_others_of_a_run_tell_the_spread_and_a_case_itself_does_not():
    d = np.zeros((1, CASES, 3))
    d[0, 0] = [-1.0, 0.0, 1.0]
    prior = prior_of(d)
    assert prior[0] == 0.0
    assert prior[1:] == pytest.approx(1 / (CASES - 1))
    assert (prior_of(d, 2) == DEFAULT_PRIOR).all()
