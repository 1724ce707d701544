"""Solve very many small least squares at once."""

from __future__ import annotations

import numpy as np

from harness.reading.analysis.verdict.estimates import Floats

RCOND = 1e-10
"""Directions in which columns vary by less than this part of the most are not told."""

FEW = 64
"""Fewer problems are solved by singular values, all of them."""

_DOUBTFUL, _SMALL = 1e-3, 1e-8
"""A column of which less than this part is its own, or is left beside the largest column, is a case
for singular values."""


def least_squares(columns: Floats, right: Floats) -> Floats:
    """Find the coefficients of *columns* whose sums are nearest to *right*.

    Where the columns do not determine them, the smallest coefficients are taken: those of
    ``numpy.linalg.pinv`` with :data:`RCOND`, which takes seven times as long. Most problems are
    solved by the modified Gram-Schmidt method on columns and right-hand side together, which is as
    exact as Householder's (Björck, BIT 7, 1967, 1).

    Parameters
    ----------
    columns : ndarray of float, shape (..., points, coefficients)
    right : ndarray of float, shape (..., points)

    Returns
    -------
    ndarray of float, shape (..., coefficients)
    """
    shape, n = columns.shape[:-2], columns.shape[-1]
    if np.prod(shape, dtype=int) < FEW:
        return _smallest(columns, right)
    # Points first: what is summed over them then lies side by side for all problems.
    left = [np.array(columns[..., i].reshape(-1, columns.shape[-2]).T, order="C") for i in range(n)]
    rest = np.array(
        np.broadcast_to(right, columns.shape[:-1]).reshape(-1, len(left[0])).T, order="C"
    )
    norms = [_dot(each, each) for each in left]  # of the squares
    least = _SMALL**2 * np.maximum.reduce(norms)
    told = np.ones(rest.shape[1], dtype=bool)
    upper: dict[tuple[int, int], Floats] = {}
    onto: list[Floats] = []
    for i, column in enumerate(left):
        squares = _dot(column, column)
        told &= (squares > np.maximum(least, _DOUBTFUL**2 * norms[i])) | (norms[i] == 0)
        inverse = np.divide(1.0, squares, out=np.zeros_like(squares), where=squares > 0)
        for j in range(i + 1, n):
            upper[i, j] = _dot(column, left[j]) * inverse
            left[j] -= upper[i, j] * column
        onto.append(_dot(column, rest) * inverse)
        rest -= onto[i] * column
    found = np.empty((told.size, n))
    for i in range(n - 1, -1, -1):
        found[:, i] = onto[i] - sum(upper[i, j] * found[:, j] for j in range(i + 1, n))
    found = found.reshape(*shape, n)
    if not told.all():
        doubtful = ~told.reshape(shape)
        of_doubtful = np.broadcast_to(right, columns.shape[:-1])[doubtful]
        found[doubtful] = _smallest(columns[doubtful], of_doubtful)
    return found


def _smallest(columns: Floats, right: Floats) -> Floats:
    inverse = np.linalg.pinv(columns, rcond=RCOND)
    every = np.broadcast_to(right, columns.shape[:-1])
    found: Floats = np.matmul(inverse, every[..., None])[..., 0]
    return found


def _dot(a: Floats, b: Floats) -> Floats:
    products: Floats = (a * b).sum(axis=0)
    return products
