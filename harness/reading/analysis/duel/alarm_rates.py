"""How often the rule of a duel is wrong with the noise of this one, and what it would find."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from harness.reading.analysis.duel.differences import LEAST_PAIRS, LEAST_RATIO
from harness.reading.analysis.verdict.estimates import Floats

DUELS = 20_000
"""Simulated: a rate of 5 % is then known to 0.3 %."""


class Rates(NamedTuple):
    """Shares of simulated duels.

    Attributes
    ----------
    false_alarms : float
        Of duels of two equal sides, those with an alarm in any case.
    found : float
        Of duels in which B takes :func:`difference_sought` times as long, those that find it: in
        the case where that is least often.
    duels : int
        How many were simulated.
    """

    false_alarms: float
    found: float
    duels: int


def alarm_rates(
    differences: Sequence[Floats],
    most_false_alarms: float,
    least_ratio: float = LEAST_RATIO,
    seed: int = 0,
    duels: int = DUELS,
) -> Rates | None:
    """Simulate duels of as many pairs, with the spread that the pairs of this one have.

    Each simulated pair is one of this duel, less the mean of its case, with a random sign: A and B
    are equal then, and which of the two is which is as good as drawn (Wu, Ann. Statist. 14, 1986,
    1261). The cases of a pair stay together, since they share its luck; what was taken away with
    the mean is put back by a factor of ``sqrt(n/(n-1))``.

    Parameters
    ----------
    differences : sequence of ndarray of float, shape (pairs,)
        As :func:`.differences.judge` takes them.
    most_false_alarms, least_ratio : float
        As :func:`.differences.judge` takes them.
    seed, duels : int

    Returns
    -------
    Rates or None
        ``None`` for fewer than 3 pairs.
    """
    n = min((values.size for values in differences), default=0)
    if n < LEAST_PAIRS:
        return None
    noise = np.stack([values[:n] for values in differences], axis=1)
    noise = (noise - noise.mean(axis=0)) * math.sqrt(n / (n - 1))
    random = np.random.default_rng(seed)
    drawn = noise[random.integers(n, size=(duels, n))]
    drawn *= random.choice([-1.0, 1.0], size=(duels, n, 1))
    rule = (most_false_alarms, least_ratio)
    false = _alarms(drawn, *rule).any(axis=1).mean()
    found = [_with_difference(drawn, case, *rule) for case in range(noise.shape[1])]
    return Rates(float(false), min(found), duels)


def difference_sought(least_ratio: float) -> float:
    """The ratio whose chance to be found is told: twice as far from 1 as *least_ratio*, since one
    at that limit itself is found in half of all duels at the most."""
    return 1 + 2 * (least_ratio - 1)


def _with_difference(
    drawn: NDArray[np.float64], case: int, most_false_alarms: float, least_ratio: float
) -> float:
    shifted = drawn.copy()
    shifted[:, :, case] += math.log(difference_sought(least_ratio))
    return float(_alarms(shifted, most_false_alarms, least_ratio)[:, case].mean())


def _alarms(
    drawn: NDArray[np.float64], most_false_alarms: float, least_ratio: float
) -> NDArray[np.bool_]:
    """Which cases of which duels raise an alarm, as :func:`.differences.judge` says it of one.

    Parameters
    ----------
    drawn : ndarray of float, shape (duels, pairs, cases)
    most_false_alarms, least_ratio : float

    Returns
    -------
    ndarray of bool, shape (duels, cases)
    """
    n, cases = drawn.shape[1:]
    middle, error = drawn.mean(axis=1), drawn.std(axis=1, ddof=1) / math.sqrt(n)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * special.stdtr(n - 1, -np.abs(middle) / error)
    order = np.argsort(p, axis=1, kind="stable")
    allowed = most_false_alarms / (cases - np.arange(cases))
    stepped = np.logical_and.accumulate(np.take_along_axis(p, order, axis=1) <= allowed, axis=1)
    sure = np.zeros_like(stepped)
    np.put_along_axis(sure, order, stepped, axis=1)
    return np.asarray(sure & (np.abs(middle) > math.log(least_ratio)), dtype=np.bool_)
