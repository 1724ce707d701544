"""Write an estimate as three columns of a row, and read a column of a frame as floats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from harness.core.records import Estimate
from harness.reading.analysis.by_group import Row

Floats = NDArray[np.float64]

ENDS = ("", "_low", "_high")
"""What the names of the three columns of an estimate end with: point, low, high."""


def estimate_columns(name: str, estimate: Estimate, convert: Callable[[float], Any] = float) -> Row:
    """The three columns of *estimate*: *name*, its low and its high end.

    Parameters
    ----------
    name : str
        Begins the names of the columns.
    estimate : Estimate
    convert : callable
        Rising function of a value, such as ``np.exp`` where the estimate is of logarithms.

    Returns
    -------
    dict
        An end that the estimate lacks is ``None``.
    """
    ends = zip(ENDS, (estimate.point, estimate.low, estimate.high), strict=True)
    return {f"{name}{end}": None if x is None else float(convert(x)) for end, x in ends}


def interval_columns(
    name: str,
    ends: tuple[Floats, Floats, Floats],
    convert: Callable[[Floats], Any] = np.asarray,
) -> dict[str, Floats]:
    """The three columns of :func:`estimate_columns` for many estimates at once.

    Parameters
    ----------
    name : str
        Begins the names of the columns.
    ends : tuple of ndarray of float, each of shape (rows,)
        Points, low and high ends; NaN where an estimate lacks one.
    convert : callable
        Rising function of an array of values.
    """
    return {f"{name}{end}": convert(values) for end, values in zip(ENDS, ends, strict=True)}


def floats(rows: pd.DataFrame, name: str) -> Floats:
    """The column *name* of *rows* as floats, NaN where it is absent, shape (rows,)."""
    return rows[name].to_numpy(dtype=np.float64, na_value=np.nan)
