"""Numbers as people say them: few digits, and nothing slower than "35 000 times as long"."""

from __future__ import annotations

import math

from harness.core import units
from harness.reading.report.shown.cells import ABSENT, interval

_DIGITS = 2
_MILLION = 1e6
_SMALL = 1000.0

NOUNS = {
    "random-sum": "number",
    "random-sum-as-written": "number",
    "random-reduction": "number",
    "ones-sum": "number",
    "blas-product": "number",
    "bag-map": "item",
    "bag-filter": "item",
    "bag-fold": "item",
    "bag-groupby": "item",
    "futures": "item",
    "futures-map": "item",
    "futures-delayed": "item",
    "futures-increment": "item",
    "counter-actor": "call",
}
"""Family of a workload to what one element of it is; any other has elements."""


def noun(family: str) -> str:
    """What one element of *family* is called."""
    return NOUNS.get(family, "element")


def counted_elements(number: float, family: str) -> str:
    """Say how many elements of *family*: ``"59 000 numbers"``, ``"1 call"``."""
    word = noun(family)
    return f"{rounded(number)} {word if number == 1 else f'{word}s'}"


def rounded(number: float) -> str:
    """Say a number from 1 on with two digits that count: ``"59 000"``, ``"8.6 million"``."""
    near = _significant(number)
    if near < _MILLION:
        return units.count(near)
    millions = near / _MILLION
    return f"{millions:.1f} million" if millions % 1 else f"{units.count(millions)} million"


def factor(value: float) -> str:
    """Say a factor: three digits that count below 1 000, two above."""
    return units.ratio(value) if value < _SMALL else units.count(_significant(value))


def speed(point: float, low: float | None, high: float | None) -> str:
    """Say a speed-up with its interval, as a time where it is none.

    >>> speed(2.39, 2.31, 2.46)
    '2.39 [2.31, 2.46] times as fast'
    >>> speed(0.0000288, 0.00002, 0.00004)
    '35 000 [25 000, 50 000] times as long'
    """
    slower = point < 1
    if slower:
        point = 1 / point
        low, high = (None if end is None else 1 / end for end in (high, low))
    shown = interval((point, low, high), lambda value: ABSENT if value is None else factor(value))
    return f"{shown} times as {'long' if slower else 'fast'}"


def speed_in_short(point: float) -> str:
    """Say a speed-up without its interval: ``"2.4 times as fast"``, ``"35 000 times as long"``."""
    slower = point < 1
    value = 1 / point if slower else point
    near = units.count(_significant(value)) if value >= 10 else f"{value:.2g}"
    return f"{near} times as {'long' if slower else 'fast'}"


def _significant(value: float) -> float:
    if value <= 0:
        return value
    power = math.floor(math.log10(value)) - _DIGITS + 1
    return float(round(value / 10**power) * 10**power) if power > 0 else float(round(value))
