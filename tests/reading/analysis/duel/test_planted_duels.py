"""Duels with a planted truth: how often they are wrong, what they find, and what they say of it.

What is promised, with 8 pairs and a start-up spread of 3, 6 and 12 %: at most 0.5, 3.5 and 4.9 %
false alarms, and 20 % found in at least 99, 80 and 70 % of duels.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from harness.reading.analysis.duel.alarm_rates import alarm_rates
from harness.reading.analysis.duel.differences import judge
from tests.repeats import least, most, repeated

PAIRS = 8
MOST = 0.05
ALARMS = ("slower", "faster")


def duels(n: int, spread: float, ratio: float = 1.0, cases: int = 1, seed: int = 1):
    """Differences of *n* duels whose start-ups have this spread, shape (n, cases, pairs)."""
    noise = np.random.default_rng(seed).normal(0, spread * math.sqrt(2), (n, cases, PAIRS))
    noise[:, 0] += math.log(ratio)
    return noise


def hits(drawn, verdicts) -> int:
    """The number of duels in which any case has one of these verdicts."""
    return sum(any(one.verdict in verdicts for one in judge(list(duel), MOST)) for duel in drawn)


@repeated(few=1000, full=10_000)
@pytest.mark.parametrize(
    ("spread", "false", "found"), [(0.03, 0.005, 0.99), (0.06, 0.035, 0.80), (0.12, 0.049, 0.70)]
)
def test_the_rule_keeps_its_rates(repeats, spread, false, found):
    assert hits(duels(repeats, spread), ALARMS) <= most(false, repeats)
    assert hits(duels(repeats, spread, 1.2, seed=2), ("slower",)) >= least(found, repeats)


@repeated(few=500, full=5000)
def test_many_cases_raise_no_more_false_alarms_than_one(repeats):
    assert hits(duels(repeats, 0.12, cases=6), ALARMS) <= most(MOST, repeats)


@repeated(few=100, full=1000)
@pytest.mark.parametrize("spread", [0.03, 0.12])
def test_the_rates_that_a_duel_prints_are_those_of_such_duels(repeats, spread):
    """Measured from its own 8 pairs; over many duels they are the true ones on the average."""
    told = [alarm_rates(list(duel), MOST, duels=500) for duel in duels(repeats, spread)]
    false = np.mean([each.false_alarms for each in told if each])
    found = np.mean([each.found for each in told if each])
    n = 2000
    assert false == pytest.approx(hits(duels(n, spread), ALARMS) / n, abs=0.02)
    assert found == pytest.approx(hits(duels(n, spread, 1.2, seed=2), ("slower",)) / n, abs=0.08)


def test_what_is_sure_and_small_is_no_alarm():
    values = math.log(1.08) + np.tile([0.001, -0.001], 4)
    [judged] = judge([values], MOST)
    assert judged.p < 1e-6
    assert judged.verdict == "undetermined"


def test_what_lies_within_five_percent_is_equal():
    [judged] = judge([np.tile([0.01, -0.01], 4)], MOST)
    assert judged.verdict == "equal"
    assert judged.low < 1 < judged.high


def test_two_pairs_judge_nothing():
    [judged] = judge([np.array([1.0, 1.0])], MOST)
    assert (judged.verdict, judged.n) == ("undetermined", 2)
    assert math.isnan(judged.low)
    assert judged.ratio == pytest.approx(math.e)
    assert alarm_rates([np.array([1.0, 1.0])], MOST) is None


def test_a_case_without_any_pair_costs_the_others_nothing():
    sure = np.log(1.5) + np.tile([0.01, -0.01], 4)
    assert [each.verdict for each in judge([np.array([]), sure], MOST)] == [
        "undetermined",
        "slower",
    ]
