"""An estimate as text: never a bare number."""

from __future__ import annotations

from collections.abc import Callable

from harness.records import Estimate
from harness.units import ratio


def interval(
    estimate: Estimate, show: Callable[[float | None], str] = ratio, scale: float = 1.0
) -> str:
    """``"1.31 [1.25, 1.38]"``: an estimate times *scale*, each number shown by *show*; without
    brackets where there are too few rounds for an interval."""
    point, low, high = (
        None if value is None else value * scale
        for value in (estimate.point, estimate.low, estimate.high)
    )
    if low is None or high is None:
        return show(point)
    return f"{show(point)} [{show(low)}, {show(high)}]"
