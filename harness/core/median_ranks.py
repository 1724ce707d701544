"""Which of a few values, in their order, bound an exact interval of their median."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy import special


@cache
def median_ranks(n: int, level: float = 0.95) -> tuple[int, int] | None:
    """Say which order statistics, counted from 0, bound the interval of the median of *n* values.

    They are those of ``scipy.stats.quantile_test``, from the same binomial law: at either end the
    outermost value beyond which the median lies with a chance of at most ``(1 - level) / 2``.

    Returns
    -------
    tuple of int or None
        ``None`` where no two of so few values are enough: for 95 %, below 6.
    """
    at_most, tail = special.bdtr(np.arange(n), n, 0.5), (1 - level) / 2
    low = int(np.searchsorted(at_most, tail, side="left")) - 1
    high = n - int(np.searchsorted(at_most, tail, side="right"))
    return (low, high) if low >= 0 and high < n else None
