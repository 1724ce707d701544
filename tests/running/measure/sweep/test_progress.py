"""What a sweep shows of itself while it runs."""

from __future__ import annotations

import io

from harness.running.measure.sweep.ports import Progress
from harness.running.measure.sweep.progress import Remaining, shown


def test_each_dashboard_is_told_once_when_it_opens():
    stream = io.StringIO()
    with shown(stream) as report:
        for link in (None, "http://127.0.0.1:1", "http://127.0.0.1:1", None, "http://127.0.0.1:2"):
            report(Progress(1, 9, "a case", link))
    told = [line for line in stream.getvalue().splitlines() if "dashboard" in line]
    assert told == ["dashboard: http://127.0.0.1:1", "dashboard: http://127.0.0.1:2"]


def test_what_there_is_to_say_is_told_whenever_it_comes():
    """Also right after a line of progress, of which there is one every few seconds."""
    stream = io.StringIO()
    with shown(stream) as report:
        report(Progress(1, 9, "a case"))
        report(Progress(1, 9, "", news="planned by cost: 2 to 8 rounds"))
        report(Progress(2, 9, "a case"))
    assert stream.getvalue().splitlines()[1:] == ["planned by cost: 2 to 8 rounds"]


def test_what_is_left_is_never_more_than_the_budget_has():
    """A long night plans more rounds than it may come to."""
    left = Remaining()
    left(Progress(0, 3_000_000_000, "a case", budget_left=700))
    assert left(Progress(1, 3_000_000_000, "a case", budget_left=640)) == 640
    without = left(Progress(2, 3_000_000_000, "a case"))
    assert without is not None
    assert without > 640
