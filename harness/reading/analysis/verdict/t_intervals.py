"""Student's t: its quantiles, and the intervals of means.

The quantiles are those of ``scipy.special``: ``scipy.stats`` gives the same ones, and takes longer
to import than everything else here takes to run.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special


def t_quantile(level: float, freedom: float) -> float:
    """Half the length of a two-sided interval, in standard errors.

    Parameters
    ----------
    level : float
        Of the interval.
    freedom : float
        Degrees of freedom.
    """
    return float(special.stdtrit(freedom, (1 + level) / 2))


def mean_intervals(
    values: NDArray[np.float64], level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The t interval of the mean of each row.

    Parameters
    ----------
    values : ndarray of float, shape (rows, replicates)
        At least 2 replicates.
    level : float
        Of each interval.

    Returns
    -------
    tuple of ndarray of float, shape (rows,)
        The low and the high ends.
    """
    n = values.shape[-1]
    half = t_quantile(level, n - 1) * values.std(axis=-1, ddof=1) / np.sqrt(n)
    middle = values.mean(axis=-1)
    return middle - half, middle + half
