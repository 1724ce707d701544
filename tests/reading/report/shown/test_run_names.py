"""How long ago a run began, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from harness.reading.report.shown.run_names import age

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(minutes=5), "in the last hour"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=47), "1 day ago"),
        (timedelta(days=3), "3 days ago"),
        (-timedelta(seconds=20), "in the last hour"),  # by another machine's clock
        (-timedelta(hours=5), "ahead of this machine's clock"),
    ],
)
def test_an_age_is_never_one_of_a_clock_that_was_set_back(ago, words):
    assert age(NOW - ago, NOW) == words
