"""Single values as text: an estimate is one number in one unit, with its interval or without."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core import units
from harness.reading.report.shown.cells import interval


@pytest.mark.parametrize(
    ("ends", "show", "says"),
    [
        ((0.98e-3, 0.95e-3, 1.1e-3), units.seconds, "980 µs [950, 1100]"),
        ((1.02, 0.95, 1.1), units.seconds, "1.02 s [0.950, 1.10]"),
        ((3.5e-3, 0.0, 4.0), units.seconds, "3.50 ms [0, 4000]"),
        ((1023.0, 1000.0, 2048.0), units.size, "1023 B [1000, 2048]"),
        ((2.0**20, 2.0**19, 2.0**21), units.size, "1.00 MiB [0.500, 2.00]"),
        ((59_000.0, 9_000.0, 1e6), units.count, "59 000 [9 000, 1 000 000]"),
        ((1.5, 1.2, None), units.ratio, "1.50 [1.20, -]"),
        ((1.5, None, None), units.ratio, "1.50 (no interval)"),
        ((0.0432, None, None), units.seconds, "43.2 ms (no interval)"),
        ((None, None, None), units.seconds, "-"),
    ],
)
def test_both_ends_stand_in_the_unit_of_the_point_and_a_missing_interval_is_said(ends, show, says):
    assert interval(ends, show) == says


POSITIVE = st.floats(1e-9, 1e4)


@given(st.tuples(POSITIVE, POSITIVE, POSITIVE))
def test_ends_read_in_the_unit_of_the_point_are_the_ends(ends):
    """Whatever their sizes, within the three digits that are shown."""
    low, point, high = sorted(ends)
    text = interval((point, low, high), units.seconds)
    shown = re.fullmatch(r"(\S+) (s|ms|µs|ns) \[(\S+), (\S+)\]", text)
    assert shown is not None, text
    scale = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}[shown[2]]
    for number, end in zip(shown.group(1, 3, 4), (point, low, high), strict=True):
        assert float(number) * scale == pytest.approx(end, rel=0.006)
