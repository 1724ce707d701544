"""Student's t of two stretches with one spread: the chance of their difference, and its interval.

Both are those of ``scipy.stats.ttest_ind``, from the distribution in ``scipy.special``, which takes
far less time to import.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from harness.reading.analysis.verdict.estimates import Floats
from harness.reading.analysis.verdict.t_intervals import t_quantile


class Difference(NamedTuple):
    """The difference of two means: its point, standard error and degrees of freedom."""

    point: float
    error: float
    freedom: int

    @property
    def p(self) -> float:
        """The two-sided p-value of no difference; NaN where there is none, nor any spread."""
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.abs(np.divide(self.point, self.error))
        return float(2 * special.stdtr(self.freedom, -t))

    def interval(self, level: float) -> tuple[float, float]:
        """Both ends of the interval at this *level*."""
        half = t_quantile(level, self.freedom) * self.error
        return self.point - half, self.point + half


def difference(before: Floats, after: Floats) -> Difference:
    """Compare the means of two stretches: *after* less *before*.

    Parameters
    ----------
    before, after : ndarray of float, shape (runs,)
        At least one run each, and 3 together.
    """
    freedom = before.size + after.size - 2
    squares = sum(float(((part - part.mean()) ** 2).sum()) for part in (before, after))
    error = np.sqrt(squares / freedom * (1 / before.size + 1 / after.size))
    return Difference(float(after.mean() - before.mean()), float(error), freedom)
