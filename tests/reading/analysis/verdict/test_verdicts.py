"""Verdicts and planned looks: rules 18, 20, 28 and 29, on simulated rounds."""

import numpy as np
import pytest

from harness.core.records import Verdict
from harness.reading.analysis.verdict.verdicts import MARGIN, decided, judge
from tests.reading.analysis.planted import Noise, log_ratios

LOOKS = [8, 12, 16, 24, 32]
FALSE = (Verdict.PAYS, Verdict.OVERHEAD)


def spread(centre, half, n=20):
    return centre + np.linspace(-half, half, n)


@pytest.mark.parametrize(
    ("d", "verdict"),
    [
        (spread(0.3, 0.1), Verdict.PAYS),
        (spread(-0.3, 0.1), Verdict.OVERHEAD),
        (spread(0.0, 0.01), Verdict.EQUAL),
        (spread(0.02, 0.4), Verdict.UNDETERMINED),
        (spread(0.3, 0.1, n=5), Verdict.PAYS),
        (spread(-5.4, 0.1, n=2), Verdict.OVERHEAD),
        (spread(0.1, 0.1, n=3), Verdict.UNDETERMINED),
        (spread(-5.4, 0.1, n=1), Verdict.UNDETERMINED),
    ],
)
def test_each_verdict_is_reached(d, verdict):
    """Rule 20; rule 19: a call 200 times slower needs two rounds, and one round never tells."""
    assert judge(d) is verdict


def test_equal_needs_six_rounds_or_look_8():
    """Rule 20: however alike a few rounds are."""
    alike = np.zeros(8)
    assert [n for n in range(9) if judge(alike[:n]) is Verdict.EQUAL] == [6, 7, 8]
    looks = [2, 3, 4, 6, 8]
    assert [n for n in range(9) if judge(alike[:n], looks=looks) is Verdict.EQUAL] == [8]


def test_other_cases_move_an_early_look():
    """Rules 18 and 19: what is clear beside quiet cases is open beside restless ones."""
    d, looks = [0.5, 0.55], [2, 8]
    quiet, restless = [[0.0, 0.05, -0.05]], [[0.0, 0.5, -0.5]]
    assert decided(d, looks, quiet)
    assert not decided(d, looks, restless)


def test_equal_comes_before_pays():
    """Rule 20: 2 % faster beyond doubt is within +-5 %, and so makes no difference."""
    assert judge(spread(0.02, 0.005)) is Verdict.EQUAL
    assert judge(spread(-0.02, 0.005)) is Verdict.EQUAL
    assert judge(spread(MARGIN, 0.005)) is Verdict.PAYS


def test_before_the_first_look_nothing_is_said():
    """Rule 18: seven clear rounds are undetermined with looks and decided without."""
    assert judge(spread(1.0, 0.1, n=7), looks=LOOKS) is Verdict.UNDETERMINED
    assert judge(spread(1.0, 0.1, n=7)) is Verdict.PAYS


def test_a_look_stops_a_clear_case_and_the_last_look_stops_any():
    """Rule 18: only at a look, and a fixed number of rounds never stops early."""
    clear, open_ = spread(1.0, 0.1, n=40), np.resize([0.5, -0.5], 40)
    assert [n for n in range(41) if decided(clear[:n], LOOKS)] == [8, 12, 16, 24, *range(32, 41)]
    assert [n for n in range(41) if decided(open_[:n], LOOKS)] == list(range(32, 41))
    assert decided(open_[:12], [8, 12])
    assert not decided(clear, None)


def false_rate(noise, rounds=20, cases=3000, fixed_order=False):
    rng = np.random.default_rng(7)
    t1, tp, _ = log_ratios(np.ones(1), rounds, noise, rng, cases)
    shift = 0.03 if fixed_order else 0.0
    return np.mean([judge(d[:, 0] - shift) in FALSE for d in t1 - tp])


@pytest.mark.simulation
def test_at_most_five_percent_of_aa_cases_get_a_false_verdict():
    """Rule 29: 3 000 A/A cases of 20 rounds, with drift common to a pair and random order.

    The noise is large enough that ``equal`` does not hide false verdicts.
    """
    assert 0.01 < false_rate(Noise(own=0.06, drift=0.2)) <= 0.05


@pytest.mark.simulation
def test_a_fixed_order_would_show_in_that_simulation():
    """Rule 12: with the second run of each pair 3 % slower and always the same, A/A fails."""
    assert false_rate(Noise(own=0.03, second=0.0), fixed_order=True) > 0.2


@pytest.mark.simulation
def test_an_unrecorded_start_up_effect_is_more_than_rounds_can_see():
    """Rules 12 and 29: with it, A/A over rounds fails; so the scope must say `these start-ups`."""
    assert false_rate(Noise(startup=0.05)) > 0.1


@pytest.mark.simulation
def test_planned_looks_keep_their_total_error():
    """Rule 18: 4.09 % exactly from look 8 on; of 3 000 cases, within three standard errors.

    Judged with :func:`decided` as the stopping rule, the way a sweep runs.
    """
    rng = np.random.default_rng(11)
    t1, tp, _ = log_ratios(np.ones(1), LOOKS[-1], Noise(own=0.15), rng, 3000)

    def stopped(d):
        n = next(n for n in LOOKS if decided(d[:n], LOOKS))
        return judge(d[:n], looks=LOOKS)

    rate = np.mean([stopped(d[:, 0]) in FALSE for d in t1 - tp])
    assert rate == pytest.approx(0.0409, abs=3 * np.sqrt(0.0409 * 0.9591 / 3000))


@pytest.mark.simulation
def test_a_slowdown_of_ten_percent_is_found():
    """Rule 30: in at least 90 % of cases of 20 rounds with sd(d) of 0.09."""
    rng = np.random.default_rng(3)
    verdicts = [judge(rng.normal(-np.log(1.1), 0.09, 20)) for _ in range(2000)]
    assert np.mean([v is Verdict.OVERHEAD for v in verdicts]) >= 0.9
