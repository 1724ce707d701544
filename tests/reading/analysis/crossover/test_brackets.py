"""Where verdicts change sign along a chain of chunks: rule 21 (a)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.records import Verdict
from harness.reading.analysis.crossover.brackets import no_sign_change, sign_change
from harness.reading.analysis.verdict.p_values import holm, sign_p
from harness.reading.analysis.verdict.verdicts import judge

LETTERS = {
    "P": Verdict.PAYS,
    "O": Verdict.OVERHEAD,
    "E": Verdict.EQUAL,
    "U": Verdict.UNDETERMINED,
}


def change(text, sure=True):
    verdicts = [LETTERS[letter] for letter in text]
    return sign_change(range(10, 10 + len(text)), verdicts, [sure] * len(text))


@pytest.mark.parametrize(
    ("verdicts", "status", "outer", "inner"),
    [
        ("OOPP", "found", 1, 2),
        ("OUEP", "found", 0, 3),
        ("OOPUP", "found", 1, 4),  # a sequence does not jump over a chunk that failed
        ("OUOPP", "found", 0, 3),
        ("P", "always pays", None, None),
        ("PPP", "always pays", None, None),
        ("PUP", "always pays", None, None),
        ("UOPP", "undetermined", None, 2),
        ("EPPP", "undetermined", None, 1),
        ("EOPP", "undetermined", None, 2),
        ("OPOP", "not monotone", None, None),
        ("POP", "not monotone", None, None),
        ("UPOP", "not monotone", None, None),
    ],
)
def test_fixed_sequences_from_both_ends(verdicts, status, outer, inner):
    """Rule 21: outermost chunk first, best chunk last."""
    assert change(verdicts)[:3] == (status, outer, inner)


def test_several_changes_must_hold_after_holm():
    """Rule 21: one that does not leaves the side undetermined, never silently monotone."""
    assert change("OPOP", sure=False).status == "undetermined"
    assert "10" in change("OPOP").reason


@given(st.text("POEU", min_size=0, max_size=8))
def test_a_bracket_has_cost_outside_and_gain_inside(text):
    """Rule 21: never a bracket whose ends were not both shown."""
    got = change(text + "P")
    if got.status == "found":
        assert set(text[: got.outer + 1]) == {"O"}
        assert set((text + "P")[got.inner :]) == {"P"}
        assert got.outer < got.inner


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [("OOO", "never pays"), ("OEO", "never pays"), ("EE", "never pays"), ("OUO", "undetermined")],
)
def test_never_pays_needs_every_chunk_shown(verdicts, status):
    """Rule 21: one chunk that might pay keeps it open."""
    got = no_sign_change(range(len(verdicts)), [LETTERS[letter] for letter in verdicts])
    assert got.status == status


def test_holm_steps_down():
    """Rule 21: the textbook example at 5 %: 0.01 and 0.013 hold of four, 0.03 does not."""
    assert holm([0.01, 0.04, 0.03, 0.013]) == [True, False, False, True]
    assert holm([0.02, 0.02, 0.02]) == [False] * 3
    assert holm([]) == []


@pytest.mark.parametrize("n", [6, 20, 31])
def test_the_sign_test_is_the_test_behind_the_interval(n):
    """Rules 19 and 21: p <= 5 % exactly where the 95 % interval excludes 0."""
    for negative in range(n // 2 + 1):
        d = np.r_[-np.ones(negative), np.ones(n - negative)]
        assert (sign_p(d) <= 0.05) is (judge(d) is Verdict.PAYS)
        assert sign_p(d, [8, 12, 16, 24, 32]) >= sign_p(d[: {6: 6, 20: 16, 31: 24}[n]])
