"""Durations, moments, sizes and counts as people write and read them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core import units
from harness.core.errors import UsageError

UNITS = {"ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("5m", 300),
        ("5 min", 300),
        ("1h", 3600),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        ("0.5h", 1800),
        ("250ms", 0.25),
        ("1d", 86400),
        (" 2 m ", 120),
        ("0", 0),
        ("04:00:00", 4 * 3600),
        ("100:00:30", 100 * 3600 + 30),
        ("1-00:00:00", 86400),
        ("2-12", 60 * 3600),
        ("1-06:30", 30.5 * 3600),
    ],
)
def test_a_duration_is_read(text, seconds):
    assert units.parse_seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "soon",
        "5x",
        "-5m",
        "5m later",
        "m5",
        "1:30",
        "1:60:00",
        "1-",
        "-04:00:00",
        "04:00:",
        "5,5s",
        "1e3",
        "nan",
        "inf",
        "5M",
        ".",
        "9" * 400,
    ],
)
def test_what_is_no_duration_is_refused_with_an_example(text):
    with pytest.raises(UsageError, match="for example 90s, 5m or 1h30m") as caught:
        units.parse_seconds(text)
    assert "\n" not in str(caught.value)


@given(st.one_of(st.text(max_size=30), st.text(alphabet="0123456789. hmsdin\n٣²", max_size=12)))
def test_any_text_is_a_duration_or_a_usage_error(text):
    """Total: a finite number that is not negative, or one line that says what to write."""
    message = ""
    try:
        parsed = units.parse_seconds(text)
    except UsageError as error:
        message = str(error)
    else:
        assert math.isfinite(parsed)
        assert parsed >= 0
    assert "\n" not in message


@given(st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(list(UNITS))), min_size=1))
def test_a_sum_of_parts_is_read_as_their_sum(parts):
    text = "".join(f"{number}{unit}" for number, unit in parts)
    assert units.parse_seconds(text) == pytest.approx(sum(n * UNITS[unit] for n, unit in parts))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (math.nan, "-"),
        (0, "0 s"),
        (1.0, "1.00 s"),
        (0.0432, "43.2 ms"),
        (1.5e-5, "15.0 µs"),
        (2e-8, "20.0 ns"),
        (90.0, "90.0 s"),
        (-0.5, "-500 ms"),
    ],
)
def test_seconds_are_shown_in_a_fitting_unit(value, text):
    assert units.seconds(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (0, "0 B"), (1023, "1023 B"), (8_000_000, "7.63 MiB"), (2**40, "1.00 TiB")],
)
def test_sizes_are_shown_with_a_binary_prefix(value, text):
    assert units.size(value) == text


def test_counts_are_grouped_and_ratios_have_three_digits():
    assert units.count(10_000_000).split() == ["10", "000", "000"]
    assert (units.count(None), units.ratio(None), units.ratio(math.nan)) == ("-", "-", "-")
    assert (units.ratio(1.2345), units.ratio(12.345), units.ratio(0.012345)) == (
        "1.23",
        "12.3",
        "0.0123",
    )


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_any_number_can_be_shown(value):
    for show in (units.seconds, units.size, units.count, units.ratio):
        assert "\n" not in show(value)


def test_a_moment_without_a_zone_is_in_utc():
    assert units.parse_moment("2026-11-25T22:00:00Z") == units.parse_moment("2026-11-25T22:00:00")
    with pytest.raises(UsageError):
        units.parse_moment("yesterday")
