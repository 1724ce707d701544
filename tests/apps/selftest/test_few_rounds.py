"""Verdicts from few rounds, by noise and number of rounds: rules 19 and 29."""

import numpy as np
import pytest

from harness.apps.selftest.few_round_checks import NOT_PROMISED, few_round_checks
from harness.apps.selftest.few_rounds import (
    CASES,
    NOISES,
    PLANNED,
    FewRounds,
    few_rounds_table,
    prior_of,
    stopped,
)
from harness.reading.analysis.verdict.moderated import DEFAULT_PRIOR

KEPT = [noise for noise in NOISES if noise not in NOT_PROMISED]
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


def false_verdicts(noise, rounds, false):
    return FewRounds(noise, rounds, false, None, None, None, None, 0.0, 0.0, 100)


def test_a_noise_with_too_many_false_verdicts_at_some_rounds_meets_no_rule():
    """Few rounds, more of them and looks are held apart; what ties rounds together is told."""
    stalls = "stalls 5 % x3"
    rows = [false_verdicts(stalls, n, false) for n, false in ((2, 0.2), (6, 0.02), (7, 0.05))]
    rows += [false_verdicts(stalls, "looks", 0.04), false_verdicts("AR(1) 0.3", 2, 0.12)]
    checks = {check.claim: check for check in few_round_checks(rows, 0.05)}
    few = checks[f"false verdicts, {stalls}, 2 to 6 rounds"]
    assert few.value == pytest.approx(0.11)
    assert (few.n, few.met) == (200, False)
    assert checks[f"false verdicts, {stalls}, more, up to 32"].met
    assert checks[f"false verdicts, {stalls}, planned looks"].met
    assert checks["false verdicts, AR(1) 0.3, 2 to 6 rounds"].needed is None
