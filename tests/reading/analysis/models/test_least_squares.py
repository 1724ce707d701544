"""Many least squares at once are those of singular values, one by one."""

from __future__ import annotations

import numpy as np
import pytest

from harness.reading.analysis.models.least_squares import FEW, RCOND, least_squares

PROBLEMS, POINTS = 4 * FEW, 9


def by_singular_values(columns, right):
    inverse = np.linalg.pinv(columns, rcond=RCOND)
    return np.matmul(inverse, right[..., None])[..., 0]


@pytest.fixture
def problems():
    """Columns of very different sizes, as those of costs are, and a right-hand side."""
    rng = np.random.default_rng(5)
    columns = rng.uniform(0.5, 2, (PROBLEMS, POINTS, 3)) * np.array([1.0, 1e-3, 1e2])
    return columns, rng.uniform(0.5, 2, (PROBLEMS, POINTS))


def test_coefficients_are_those_of_singular_values(problems):
    found = least_squares(*problems)
    np.testing.assert_allclose(found, by_singular_values(*problems), rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("like", [None, 0])
def test_what_the_columns_do_not_tell_is_as_small_as_can_be(problems, like):
    """A column of zeros, as where no point is on a branch, has none; two that are alike share."""
    columns, right = problems
    columns[::2, :, 1] = 0.0 if like is None else columns[::2, :, like]
    found = least_squares(columns, right)
    np.testing.assert_allclose(found, by_singular_values(columns, right), rtol=1e-8, atol=1e-10)
    if like is None:
        assert not found[::2, 1].any()


def test_shapes_in_front_are_kept(problems):
    columns, right = problems
    parted = columns.reshape(2, -1, POINTS, 3), right.reshape(2, -1, POINTS)
    np.testing.assert_array_equal(
        least_squares(*parted), least_squares(columns, right).reshape(2, -1, 3)
    )
