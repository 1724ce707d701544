"""Works that ``advise`` is tried on, as a user would write them."""

from __future__ import annotations

from typing import Any

import dask.array as da
import numpy as np
import numpy.typing as npt

WINDOW = 25


def random_reduction(chunks: Any = "auto") -> Any:
    """The workload ``random-reduction``: ``(arcsin(x) + arccos(y)).sum(axis=(1, 2))``."""
    shape = (600, 600, 10)
    x = da.random.random(shape, chunks=chunks)
    y = da.random.random(shape, chunks=chunks)
    return (da.arcsin(x) + da.arccos(y)).sum(axis=(1, 2))


def matrix_product(chunks: Any = "auto") -> Any:
    """The sum of a matrix times its transpose."""
    x = da.random.random((1500, 1500), chunks=chunks)
    return (x @ x.T).sum()


def rolling_mean(chunks: Any = "auto") -> Any:
    """The largest of all means of 25 neighbouring numbers."""
    x = da.random.random(4_000_000, chunks=chunks)
    return x.map_overlap(_mean, depth=WINDOW // 2, boundary="reflect").max()


def standardised(chunks: Any = "auto") -> Any:
    """The mean distance of all numbers from the mean of their column, in standard deviations.

    Every chunk waits for all others of its columns.
    """
    x = da.random.random((4000, 1000), chunks=chunks)
    return abs((x - x.mean(axis=0)) / x.std(axis=0)).mean()


def _mean(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    means: npt.NDArray[np.float64] = np.convolve(values, np.full(WINDOW, 1 / WINDOW), mode="same")
    return means
