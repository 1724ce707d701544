"""One budget for several suites: by what each needs, and what one leaves goes to the others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.running.plan import shared_budget

NEEDS = {"cheap": 100.0, "middle": 300.0, "dear": 600.0}


def test_each_suite_gets_its_part_of_what_is_left(tmp_path):
    """In whatever order they come; one that took less leaves more, one that took more leaves
    less."""
    path = tmp_path / "budget.json"
    shared_budget.begin(path, 2000.0, NEEDS)
    assert shared_budget.share(path, "dear") == pytest.approx(1200.0)
    shared_budget.spent(path, "dear", 800.0)
    assert shared_budget.share(path, "cheap") == pytest.approx(300.0)
    shared_budget.spent(path, "cheap", 700.0)
    assert shared_budget.share(path, "middle") == pytest.approx(500.0)


def test_nothing_is_left_where_others_took_all(tmp_path):
    path = tmp_path / "budget.json"
    shared_budget.begin(path, 1000.0, NEEDS)
    shared_budget.spent(path, "dear", 1200.0)
    assert shared_budget.share(path, "cheap") == 0.0


@given(
    st.floats(1, 1e6),
    st.dictionaries(st.text("abc", min_size=1), st.floats(1, 1e5), min_size=1, max_size=9),
)
def test_the_shares_are_the_budget(seconds, needs):
    parts = shared_budget.shares(seconds, needs)
    assert sum(parts.values()) == pytest.approx(seconds)
    assert set(parts) == set(needs)
