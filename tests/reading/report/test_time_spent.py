"""Where the time of a run went."""

from __future__ import annotations

import pytest

from harness.core.records import End, Machine, RunInfo
from harness.reading.report.time_spent import spent, words
from harness.running.measure.sweep.journal import JournalWriter, begin


def journal(folder, run, **seconds):
    """A journal with a first and a last line."""
    info = RunInfo(run=run, suite="s", profile="laptop", machine=Machine(name="m"))
    written = JournalWriter(begin(folder, info))
    written.append(End(run=run, **seconds))
    written.close()
    return written.path


def test_start_ups_and_what_is_around_the_sweeps_are_told_apart_from_measuring(tmp_path):
    """Two sweeps of 60 s and 40 s in a run of 130 s."""
    first = journal(tmp_path, "a", seconds=60.0, seconds_used=30.0, seconds_starting=15.0)
    second = journal(tmp_path, "b", seconds=40.0, seconds_used=30.0, seconds_starting=10.0)
    time = spent([first, second], 130.0)
    assert (time.measuring, time.starting, time.around) == (75.0, 25.0, 30.0)
    assert time.share == pytest.approx(0.8)
    assert "80 % of it in calls" in words(time)


def test_nothing_measured_says_nothing(tmp_path):
    assert words(spent([], 3.0)) == ""
