"""How much neighbouring rounds resemble each other, and when to warn of it (rule 19)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.reading.analysis.verdict.estimates import MIN_ROUNDS, Floats

SURE = 1.645
"""Standard errors by which the rounds of a group resemble each other where one warns: 5 % of
groups of independent rounds."""


def lag1_autocorrelation(values: ArrayLike) -> float | None:
    """Correlation of each round with the next (rule 19); ``None`` for fewer than 6 or all equal.

    ``sum(e[i] * e[i + 1]) / sum(e**2)`` with ``e`` the deviations from the mean (Box and Jenkins,
    Time Series Analysis, section 2.1). Its expectation for independent rounds is ``-1/n``.

    Parameters
    ----------
    values : array_like of float, shape (rounds,)
        One value a round, in the order of the rounds.
    """
    rho = float(lag1_autocorrelations(np.asarray(values, dtype=np.float64)[np.newaxis])[0])
    return None if np.isnan(rho) else rho


def lag1_autocorrelations(values: Floats) -> Floats:
    """:func:`lag1_autocorrelation` of each row of *values*, shape (cases, rounds); NaN for none."""
    if values.shape[-1] < MIN_ROUNDS:
        return np.full(len(values), np.nan)
    # A ptp test, not a zero sum of squares: the mean of equal numbers may differ from them.
    equal = np.ptp(values, axis=-1) == 0
    e = values - values.mean(axis=-1, keepdims=True)
    squares = np.where(equal, np.nan, (e * e).sum(axis=-1))
    return np.asarray((e[:, :-1] * e[:, 1:]).sum(axis=-1) / squares, dtype=np.float64)


def corrected(rho: Floats, rounds: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Bias-corrected lag-1 autocorrelations and the variance that independent rounds give them.

    The expectation is ``-1/n`` and the variance ``(n - 2)^2 / (n^2 (n - 1))`` (Moran, Biometrika
    35, 1948, 255).

    Parameters
    ----------
    rho : ndarray of float, shape (cases,)
    rounds : ndarray of int, shape (cases,)
        How many each rests on; at least 3.
    """
    n = rounds.astype(np.float64)
    return rho + 1 / n, (n - 2) ** 2 / (n**2 * (n - 1))


def groups_that_hang_together(
    d: Floats, round_: Floats, case: NDArray[np.int64], group: NDArray[np.int64]
) -> dict[int, float]:
    """The groups whose rounds resemble their neighbours, with their pooled autocorrelation.

    The mean of the bias-corrected autocorrelations of the cases, weighted by what each tells, is
    set against its standard error; a group warns above 1.645 of them. With one case that is rule
    19's ``rho + 1/n > 1.64/sqrt(n)`` with the exact variance of few rounds. Cases of one round may
    share its luck, so that their autocorrelations agree by chance: the covariance of two is the
    square of their correlation (that of the noise in it, ``1/(m - 1)``, taken off) times the
    geometric mean of their variances.

    Parameters
    ----------
    d, round_ : ndarray of float, shape (rounds,)
        ``log(T1/TP)``, and the number of the round; rising within each case.
    case : ndarray of int, shape (rounds,)
        The case of each, rising.
    group : ndarray of int, shape (cases,)

    Returns
    -------
    dict of int to float
        Number of a group to its pooled autocorrelation. Cases of fewer than 6 rounds tell nothing.
    """
    count = np.bincount(case, minlength=group.size)
    start = np.cumsum(count) - count
    rho = np.full(group.size, np.nan)
    for n in np.unique(count[count >= MIN_ROUNDS]):
        rows = np.flatnonzero(count == n)
        rho[rows] = lag1_autocorrelations(d[start[rows][:, np.newaxis] + np.arange(n)])
    known = np.flatnonzero(~np.isnan(rho))
    if not known.size:
        return {}
    off, variance = corrected(rho[known], count[known])
    weight = 1 / variance
    sums = np.bincount(group[known], weights=weight * off)
    total = np.bincount(group[known], weights=weight)
    with np.errstate(invalid="ignore", divide="ignore"):
        candidates = np.flatnonzero(sums / np.sqrt(total) > SURE)
    found = {}
    for number in candidates.tolist():
        cases = known[group[known] == number]
        parts = [slice(start[i], start[i] + count[i]) for i in cases]
        shared = _shared(parts, d, round_, count[cases])
        if sums[number] / np.sqrt(total[number] + shared) > SURE:
            found[number] = float(sums[number] / total[number])
    return found


def _shared(parts: list[slice], d: Floats, round_: Floats, count: NDArray[np.int64]) -> float:
    """What the cases of a group share: the weighted sum of the covariances of their
    autocorrelations, never below 0."""
    rounds = np.unique(np.concatenate([round_[part] for part in parts]))
    e, has = np.zeros((len(parts), rounds.size)), np.zeros((len(parts), rounds.size))
    for row, part in enumerate(parts):
        place = np.searchsorted(rounds, round_[part])
        e[row, place], has[row, place] = d[part] - d[part].mean(), 1.0
    both = has @ has.T
    squares = (e**2) @ has.T  # of the first of two cases, over the rounds that both have
    with np.errstate(invalid="ignore", divide="ignore"):
        r2 = (e @ e.T) ** 2 / (squares * squares.T) - 1 / (both - 1)
    r2[(both < MIN_ROUNDS) | np.isnan(r2)] = 0.0
    np.fill_diagonal(r2, 0.0)
    deviation = np.sqrt(1 / corrected(np.zeros(count.size), count)[1])
    return max(0.0, float(deviation @ r2 @ deviation))


def autocorrelation_warning(pooled: float) -> str:
    """Warn that the neighbouring rounds of a group resemble each other.

    Parameters
    ----------
    pooled : float
        Its pooled autocorrelation at lag 1, of ``log(T1/TP)``.
    """
    return (
        f"neighbouring rounds of this group are correlated ({pooled:.2f} over its cases): "
        "a false verdict is likelier than the level says"
    )
