"""Median intervals between two order statistics, for 7 rounds and more: rule 19 (b).

Order statistics alone hold 98 to 99 % at 7, 8, 10, 13 or 16 values, and pay for it in width.
Between two of them lies an interval of any level, interpolated (Hettmansperger and Sheather,
"Confidence intervals based on interpolated order statistics", Stat. Prob. Lett. 4:75, 1986).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

MIN_INTERPOLATED = 7
"""Rounds, fixed beforehand, from which on intervals are interpolated."""

SHARE_OF_ERROR = 0.8
"""An interval of 95 % is interpolated at 96 %: interpolation is good, not exact."""


def held(n: int) -> Floats:
    """The level that the ``k``-th of *n* values from either end hold, ``k = 1 ... n//2``."""
    return np.asarray(1 - 2 * special.bdtr(np.arange(n // 2), n, 0.5), dtype=np.float64)


@cache
def place(n: int, level: float) -> float | None:
    """Where the lower end of the interval of the median lies among *n* sorted values, from 0.

    The fraction of the place is how far the end lies on the way from one value to the next; the
    upper end mirrors it.

    Returns
    -------
    float or None
        ``None`` where the outermost two values do not hold *level*.
    """
    wanted, levels = 1 - SHARE_OF_ERROR * (1 - level), held(n)
    k = int((levels >= wanted).sum())
    if k == 0:
        return 0.0 if levels[0] >= level else None  # exact: there is nothing to interpolate to
    inner = levels[k] if k < levels.size else 0.0
    share = (levels[k - 1] - wanted) / (levels[k - 1] - inner)
    return float(k - 1 + (n - k) * share / (k + (n - 2 * k) * share))


def interpolated_ends(ordered: Floats, level: float) -> tuple[Floats, Floats] | None:
    """Both ends for each row of sorted values, shape (cases, rounds); ``None`` where too few."""
    at = place(ordered.shape[-1], level)
    if at is None:
        return None
    k, share = int(at), at % 1
    low = (1 - share) * ordered[:, k] + share * ordered[:, k + 1]
    high = (1 - share) * ordered[:, -1 - k] + share * ordered[:, -2 - k]
    return low, high


def interpolated_p(d: Floats) -> float:
    """Two-sided p-value that the median of *d*, shape (rounds,), is 0.

    One less than the level of the interval that ends at 0, so that it is at most 5 % exactly where
    the interval of 95 % leaves 0 out. Where all values lie on one side, that of the sign test.
    """
    n = d.size
    ordered = np.sort(d if (d > 0).sum() >= (d < 0).sum() else -d)
    k = int((ordered <= 0).sum())  # values on the other side
    levels = held(n)
    if k == 0:
        return float(1 - levels[0])
    if k > levels.size or ordered[k] <= 0:
        return 1.0
    way = -ordered[k - 1] / (ordered[k] - ordered[k - 1])
    share = way * k / ((n - k) - way * (n - 2 * k))
    inner = levels[k] if k < levels.size else 0.0
    level = levels[k - 1] - share * (levels[k - 1] - inner)
    return float(min(1.0, (1 - level) / SHARE_OF_ERROR))
