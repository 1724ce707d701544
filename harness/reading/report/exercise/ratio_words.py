"""A measured ratio in plain words, whether or not it has an interval."""

from __future__ import annotations

from harness.core import units


def measured_ratio(least: float | None, most: float | None, rounds: int) -> str:
    """What the single rounds gave: ``"185 times slower in both rounds"``.

    Parameters
    ----------
    least, most : float or None
        The smallest and the largest speed-up of a round.
    rounds : int
        How many there are.
    """
    if least is None or most is None or not rounds:
        return "no round measured"
    if most < 1:
        return f"{_span(1 / most, 1 / least)} times slower {_in_rounds(rounds)}"
    if least > 1:
        return f"{_span(least, most)} times faster {_in_rounds(rounds)}"
    span = _span(1 / most, 1 / least)
    return f"{span} times NumPy's time over {rounds} rounds"


def _span(low: float, high: float) -> str:
    ends = units.ratio(low), units.ratio(high)
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


def _in_rounds(rounds: int) -> str:
    if rounds == 1:
        return "in the one round measured"
    return "in both rounds" if rounds == 2 else f"in all {rounds} rounds"
