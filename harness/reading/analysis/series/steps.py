"""Find where a series of runs changes its level, and confirm each place by a test.

Candidates are those of optimal partitioning with a cost of squares (PELT, Killick, Fearnhead and
Eckley, J. Am. Stat. Assoc. 107, 2012, 1590). Least sure first, those are dropped that Student's t
test between the runs of the two neighbouring stretches does not confirm at 5 % over all places
where a step could be (Bonferroni): so that the spread between runs decides, as it has to.

Where runs hang together from one to the next, that test claims too much: so it counts as many runs
as independent ones would tell as much (``Difference.widened``), by the autocorrelation of what the
stretches leave. Few runs tell little about it, so
that flat series show steps still; how often is in
:mod:`~harness.reading.analysis.series.false_steps`, and is said beside a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from harness.reading.analysis.verdict.estimates import Floats
from harness.reading.analysis.verdict.two_means import difference

MIN_RUNS = 3
"""The fewest runs of a stretch: their spread stands for that between runs."""
LEAST = 2 * MIN_RUNS
LEVEL = 0.95
PLACE = 7.35
MOST_TOGETHER = 0.9
TOGETHER_SPREAD = 0.2
PENALTY = 3.0
"""Cost of a step in units of ``sigma**2 * log(n)``: twice 1.5, as a step has a place and a size."""


def steps(values: Floats) -> list[int]:
    """Find where the level changes: the first index of every stretch but the first, rising.

    Parameters
    ----------
    values : array, shape (n,)
        A number a run, in order of time, none missing; logarithms, where ratios count.

    Returns
    -------
    list of int
        Empty with fewer than :data:`LEAST` runs, and where nothing but noise is there.
    """
    n = values.size
    sigma = _spread(values) if n >= LEAST else 0.0
    if not sigma > 0:
        return []
    import ruptures  # noqa: PLC0415 - takes a second, and most results have no history

    search = ruptures.KernelCPD(kernel="linear", min_size=MIN_RUNS).fit(values[:, None])
    starts = search.predict(pen=PENALTY * sigma**2 * np.log(n))[:-1]
    places = n - LEAST + 1
    while starts:
        parts = np.split(values, starts)
        rho = hanging_together(parts)
        p = [difference(before, after).widened(rho).p for before, after in pairwise(parts)]
        worst = int(np.argmax(p))
        if p[worst] * places <= 1 - LEVEL:
            break
        del starts[worst]
    return [int(place) for place in starts]


def hanging_together(parts: Sequence[Floats]) -> float:
    """How much each run hangs together with the next, from 0 to 0.9, beside the levels of *parts*.

    The lag-1 autocorrelation ``r`` of what the means of the parts leave falls short of the true
    ``rho`` by ``(1 + 3 rho)/n`` for one mean (Marriott and Pope, Biometrika 41, 1954, 390), and by
    as many times that as there are means: solved for ``rho``. Few runs tell little of it, with a
    variance of about ``1/n``: it is drawn to 0 as one that has a spread of 0.2 from series to
    series, since else a step in a dozen runs is hardly ever found. A negative one counts as none.

    Parameters
    ----------
    parts : sequence of ndarray of float, shape (runs,)
        The stretches of a series, in order of time.
    """
    e = np.concatenate([part - part.mean() for part in parts])
    squares, means = float(e @ e), len(parts)
    if not squares > 0:
        return 0.0
    if e.size <= 3 * means + 1:
        return 0.0
    r = float(e[1:] @ e[:-1]) / squares
    rho = (r * e.size + means) / (e.size - 3 * means)
    known = e.size * TOGETHER_SPREAD**2
    return min(max(rho * known / (1 + known), 0.0), MOST_TOGETHER)


def may_start(before: Floats, after: Floats) -> tuple[int, int]:
    """Where the second of two stretches may start, at 95 %.

    These are the places at which the sum of squares around both means is not larger than the least
    by more than 7.35 variances: the likelihood ratio set of a threshold (Hansen, Econometrica 68,
    2000, 575).

    Parameters
    ----------
    before, after : ndarray of float, shape (runs,)
        A number a run, in order of time.

    Returns
    -------
    tuple of int
        First and last place, counted from where *after* starts: the first is 0 or below, the last
        0 or above.
    """
    both = np.concatenate([before, after])
    n = np.arange(1, both.size)
    sums, squares = np.cumsum(both), np.cumsum(both**2)
    left = squares[:-1] - sums[:-1] ** 2 / n
    right = squares[-1] - squares[:-1] - (sums[-1] - sums[:-1]) ** 2 / (both.size - n)
    rest = left + right
    variance = rest[before.size - 1] / (both.size - 2)
    near = np.flatnonzero(rest - rest[before.size - 1] <= PLACE * variance) + 1 - before.size
    return min(0, int(near.min(initial=0))), max(0, int(near.max(initial=0)))


def _spread(values: Floats) -> float:
    """Standard deviation between runs by the differences of neighbours, which steps hardly touch
    (von Neumann, Ann. Math. Stat. 12, 1941, 367)."""
    return float(np.sqrt(np.mean(np.diff(values) ** 2) / 2))
