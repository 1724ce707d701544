"""How often verdicts from few rounds are false, by noise and by number of rounds: rules 19 and 29.

Simulated at the level of ``log(T1/TP)``, whole tables at once, judged by the functions that judge
real runs. :func:`few_rounds_table` gives the figures; :data:`NOISES` names the noise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.apps.selftest.drift import recording
from harness.core.records import Verdict
from harness.reading.analysis.verdict.estimates import (
    EARLY_LOOKS,
    LOOKS,
    equal_intervals,
    median_intervals,
)
from harness.reading.analysis.verdict.moderated import MIN_PRIOR_ROUNDS
from harness.reading.analysis.verdict.moderated_cases import prior_variances
from harness.reading.analysis.verdict.ragged import Ragged
from harness.reading.analysis.verdict.verdicts import MARGIN, judged

Floats = NDArray[np.float64]
Noise = Callable[[np.random.Generator, int, int], Floats]
"""Draws ``log(T1/TP)`` without effect: runs, rounds -> shape (runs, CASES, rounds)."""

CASES = 8
"""Cases on one set-up."""
PLANNED = (*EARLY_LOOKS, *LOOKS)
SECOND_RUN = 0.03
"""The second of a pair takes so much longer, in logarithms; which is second is random."""


def drift_only(rng: np.random.Generator, runs: int, rounds: int, own: float = 0.03) -> Floats:
    """Both of a pair at places of the recorded drift, 0.1 s each and next to each other."""
    times, factors = recording()
    cost = np.concatenate(([0.0], np.cumsum(factors)))
    calls, at = np.array(times), np.array(factors).size
    step = max(1, round(0.1 / (calls[-1] / at)))
    start = rng.integers(0, at - 2 * step * CASES * rounds % at, (runs, 1, 1))
    turn = rng.permuted(np.tile(np.arange(CASES)[None, :, None], (runs, 1, rounds)), axis=1)
    first = (start + 2 * step * (turn + CASES * np.arange(rounds))) % (at - 2 * step)
    one = np.log((cost[first + step] - cost[first]) / step)
    two = np.log((cost[first + 2 * step] - cost[first + step]) / step) + SECOND_RUN
    sign = rng.choice([-1.0, 1.0], first.shape)
    return np.asarray(sign * (two - one) + rng.normal(0, own * np.sqrt(2), first.shape))


def normal(rng: np.random.Generator, runs: int, rounds: int, sd: float = 0.1) -> Floats:
    """Independent normal rounds."""
    return rng.normal(0, sd, (runs, CASES, rounds))


def quiet(rng: np.random.Generator, runs: int, rounds: int) -> Floats:
    """The same on a quiet machine: 1 %."""
    return normal(rng, runs, rounds, 0.01)


def differing(rng: np.random.Generator, runs: int, rounds: int) -> Floats:
    """Cases whose standard deviations differ, from 0.01 to 0.3."""
    sd = np.exp(rng.uniform(np.log(0.01), np.log(0.3), (runs, CASES, 1)))
    return np.asarray(sd * rng.normal(size=(runs, CASES, rounds)))


def stalls(rng: np.random.Generator, runs: int, rounds: int) -> Floats:
    """One call in twenty takes three times as long."""
    shape = (runs, CASES, rounds)
    late = np.log(3) * (rng.random((2, *shape)) < 0.05)
    return np.asarray(late[0] - late[1] + rng.normal(0, 0.05, shape))


def two_levels(rng: np.random.Generator, runs: int, rounds: int) -> Floats:
    """Either call of a pair runs on a machine that is 1.5 times slower half of the time."""
    shape = (runs, CASES, rounds)
    slow = np.log(1.5) * (rng.random((2, *shape)) < 0.5)
    return np.asarray(slow[0] - slow[1] + rng.normal(0, 0.03, shape))


def correlated(rng: np.random.Generator, runs: int, rounds: int) -> Floats:
    """AR(1) with 0.3 from round to round."""
    d = rng.normal(0, 0.1, (runs, CASES, rounds))
    for i in range(1, rounds):
        d[..., i] = 0.3 * d[..., i - 1] + np.sqrt(1 - 0.3**2) * d[..., i]
    return d


def start_up_luck(rng: np.random.Generator, runs: int, rounds: int) -> Floats:
    """Two start-ups that each shift all cases by some 5 %: rounds cannot see that (rule 12)."""
    luck = rng.normal(0, 0.05, (runs, 1, 2))[..., np.arange(rounds) % 2]
    return np.asarray(luck + rng.normal(0, 0.06, (runs, CASES, rounds)))


NOISES: dict[str, Noise] = {
    "recorded drift": drift_only,
    "normal 0.1": normal,
    "quiet 0.01": quiet,
    "sd 0.01 to 0.3": differing,
    "stalls 5 % x3": stalls,
    "two levels": two_levels,
    "AR(1) 0.3": correlated,
    "start-up luck 5 %": start_up_luck,
}
"""The last is for information: no rule over rounds can hold there."""


class FewRounds(NamedTuple):
    """What verdicts at one number of rounds are worth under one noise.

    Attributes
    ----------
    noise : str
    rounds : int or str
        Fixed beforehand, or ``looks``: stopped at the first planned look that decides.
    false : float
        Share of cases without effect that are said to pay or to cost.
    false_plain, found_plain : float or None
        The same, and the share of cases 10 % slower that is found, by the exact order statistics
        alone that the rules improve on; ``None`` for looks.
    covered : float or None
        Share of intervals that hold the truth; ``None`` for looks.
    width : float or None
        Median of high over low of the speed-up.
    found : float
        Share of cases 10 % slower that are said to cost.
    found_double : float
        The same of cases that take twice as long.
    n : int
        Cases simulated.
    """

    noise: str
    rounds: int | str
    false: float
    false_plain: float | None
    found_plain: float | None
    covered: float | None
    width: float | None
    found: float
    found_double: float
    n: int


def few_rounds_table(
    cases: int = 3000,
    rounds: Sequence[int] = range(2, 33),
    noises: Sequence[str] = tuple(NOISES),
    seed: int = 0,
) -> list[FewRounds]:
    """Judge cases without effect, 10 % slower and twice as slow, by noise and number of rounds.

    Parameters
    ----------
    cases : int
        Cases simulated for each row, rounded up to whole runs of :data:`CASES`.
    rounds : sequence of int
        Numbers of rounds fixed beforehand; planned looks come after them.
    noises : sequence of str
        Keys of :data:`NOISES`.
    seed : int
        Of all random numbers.
    """
    rows = []
    runs = -(-cases // CASES)
    for number, noise in enumerate(noises):
        for n in (*rounds, 0):
            rng = np.random.default_rng((seed, number, n))
            d = NOISES[noise](rng, runs, n or max(PLANNED))
            rows.append(_fixed(noise, d) if n else _looks(noise, d))
    return rows


def prior_of(d: Floats, own: int | None = None) -> Floats:
    """Variance of a round by the other cases of each run, shape (runs * CASES,).

    Parameters
    ----------
    d : ndarray of float, shape (runs, CASES, rounds)
    own : int, optional
        Rounds of each case that count; all by default.
    """
    d = d[..., :own]
    runs, count, n = d.shape
    if n < MIN_PRIOR_ROUNDS:
        n, d = 0, d[..., :0]
    case = np.repeat(np.arange(runs * count), n)
    return prior_variances(Ragged(d.ravel(), case, runs * count), np.repeat(np.arange(runs), count))


def _fixed(noise: str, d: Floats) -> FewRounds:
    prior, rows = prior_of(d), d.reshape(-1, d.shape[-1])
    ends = median_intervals(rows, prior=prior)
    # The interval that ``equal`` takes at 97.5 % is that of order statistics at 95 %.
    plain = equal_intervals(rows, 0.975)
    near = equal_intervals(rows)
    alike = (near.low > -MARGIN) & (near.high < MARGIN)
    return FewRounds(
        noise,
        d.shape[-1],
        _signed(judged(rows, prior=prior)),
        float(np.mean(((plain.low > 0) | (plain.high < 0)) & ~alike)),
        float(np.mean(plain.high < np.log(1.1))),
        float(np.mean((ends.low <= 0) & (ends.high >= 0))),
        float(np.exp(np.median(ends.high - ends.low))),
        _costs(judged(rows - np.log(1.1), prior=prior)),
        _costs(judged(rows - np.log(2.0), prior=prior)),
        len(rows),
    )


def _looks(noise: str, d: Floats) -> FewRounds:
    rows = d.reshape(-1, d.shape[-1])
    false, *found = (stopped(d - shift) for shift in (0.0, np.log(1.1), np.log(2.0)))
    return FewRounds(
        noise,
        "looks",
        _signed(false),
        None,
        None,
        None,
        None,
        _costs(found[0]),
        _costs(found[1]),
        len(rows),
    )


def stopped(d: Floats, looks: Sequence[int] = PLANNED) -> NDArray[np.object_]:
    """The verdict at the first look that decides, shape (runs * CASES,); *d* as in
    :func:`prior_of`: at each look the others have as many rounds."""
    rows = d.reshape(-1, d.shape[-1])
    verdicts = np.full(len(rows), Verdict.UNDETERMINED.value, dtype=object)
    for look in looks:
        open_ = verdicts == Verdict.UNDETERMINED
        prior = prior_of(d, look)
        verdicts[open_] = judged(rows[open_, :look], looks=looks, prior=prior[open_])
    return verdicts


def _signed(verdicts: NDArray[np.object_]) -> float:
    return float(np.mean((verdicts == Verdict.PAYS) | (verdicts == Verdict.OVERHEAD)))


def _costs(verdicts: NDArray[np.object_]) -> float:
    return float(np.mean(verdicts == Verdict.OVERHEAD))
