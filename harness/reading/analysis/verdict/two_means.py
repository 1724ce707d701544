"""Student's t of two means, with one spread or two: the chance of their difference, its interval.

They are those of ``scipy.stats.ttest_ind``, from the distribution in ``scipy.special``, which takes
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
    freedom: float

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

    def widened(self, rho: float) -> Difference:
        """The same where each value hangs together with the next by *rho*: so many values of an
        AR(1) process tell as much about a mean as ``(1 + rho)/(1 - rho)`` times fewer independent
        ones (Bayley and Hammersley, J. R. Stat. Soc. Suppl. 8, 1946, 184)."""
        fewer = (1 + rho) / (1 - rho)
        freedom = max(1.0, (self.freedom + 2) / fewer - 2)
        return Difference(self.point, self.error * float(np.sqrt(fewer)), freedom)


def difference(before: Floats, after: Floats) -> Difference:
    """Compare the means of two stretches with one spread: *after* less *before*.

    Parameters
    ----------
    before, after : ndarray of float, shape (runs,)
        At least one run each, and 3 together.
    """
    freedom = before.size + after.size - 2
    squares = sum(float(((part - part.mean()) ** 2).sum()) for part in (before, after))
    error = np.sqrt(squares / freedom * (1 / before.size + 1 / after.size))
    return Difference(float(after.mean() - before.mean()), float(error), freedom)


def welch(x: Floats, y: Floats) -> Difference:
    """Compare two means whose spreads may differ: *y* less *x* (Welch, Biometrika 34, 1947, 28).

    Parameters
    ----------
    x, y : ndarray of float, shape (replicates,)
        At least 2 each.
    """
    by_side = [float(side.var(ddof=1)) / side.size for side in (x, y)]
    squares = sum(v**2 / (side.size - 1) for v, side in zip(by_side, (x, y), strict=True))
    variance = sum(by_side)
    freedom = variance**2 / squares if squares > 0 else 1.0  # no spread: any will do
    return Difference(float(y.mean() - x.mean()), float(np.sqrt(variance)), freedom)
