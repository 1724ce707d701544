"""Whether something else is running is judged by what runs now, not by the load of a minute ago."""

from __future__ import annotations

import pytest

from harness.running.measure import doctor
from harness.running.measure.doctor import Busy, busy_with_others

BEGAN = Busy(100.0, every=50.0, ours=3.0, processors=2)


@pytest.mark.parametrize(
    ("ended", "share"),
    [
        (Busy(101.0, 51.0, 4.0, 2), 0.0),  # our own kernel on one of two cores
        (Busy(101.0, 52.0, 4.0, 2), 0.5),  # and somebody on the other
        (Busy(101.0, 50.9, 4.0, 2), 0.0),  # clocks of two kinds: never less than nothing
        (Busy(101.0, 50.0, 3.0, 2), None),  # a system that does not count
    ],
)
def test_what_others_use_is_all_that_is_busy_without_us(ended, share):
    assert busy_with_others(BEGAN, ended) == share


@pytest.mark.parametrize(
    ("every", "load", "fit"),
    [
        (51.1, 5.0, True),  # its own installation, which has ended
        (52.0, 0.1, False),  # what has only begun
        (50.0, 0.1, True),  # not counted: the load is all there is
        (50.0, 5.0, False),
    ],
)
def test_a_load_that_has_ended_does_not_make_a_machine_unfit(monkeypatch, every, load, fit):
    monkeypatch.setattr("os.getloadavg", lambda: (load, load, load))
    ours = 4.0 if every > 50 else 3.0
    check = doctor._load(BEGAN, Busy(101.0, every, ours, 2), 2.0)
    assert check.fit is fit
    assert f"{load:.2f}" in check.found
