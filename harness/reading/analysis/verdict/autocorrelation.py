"""How much neighbouring rounds resemble each other, and when to warn of it (rule 19)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from harness.reading.analysis.verdict.estimates import MIN_ROUNDS, Floats

AUTOCORRELATION_LIMIT = 0.2


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


def autocorrelation_warning(autocorrelation: float | None) -> str | None:
    """A warning where neighbouring rounds resemble each other (rule 19: above 0.2), else ``None``.

    Parameters
    ----------
    autocorrelation : float or None
        None or NaN where it is not known; at lag 1, of ``log(T1/TP)`` over the rounds.
    """
    if autocorrelation is None or not autocorrelation > AUTOCORRELATION_LIMIT:
        return None
    return (
        f"neighbouring rounds are correlated ({autocorrelation:.2f}): "
        "a false verdict is likelier than the level says"
    )
