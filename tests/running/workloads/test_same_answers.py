"""Answers are equal, or close, part by part; what differs is said shortly."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest

from harness.running.workloads.same_answers import close, equal, shortly


class Point:
    """Equal by identity alone, as a class without ``__eq__`` is."""

    def __init__(self, x: float) -> None:
        self.x = x


NAN = float("nan")
FRAME = pd.DataFrame({"a": [1.0, NAN], "b": ["x", "y"]})
SAME: list[tuple[Any, Any]] = [
    (1, 1),
    (NAN, NAN),
    (np.float64(2.0), 2.0),
    ([1, (2.0, "x")], [1, (2.0, "x")]),
    ({"a": np.arange(3)}, {"a": np.arange(3)}),
    (np.array([1.0, NAN]), np.array([1.0, NAN])),
    ({1, 2}, {2, 1}),
    (None, None),
    (FRAME, FRAME.copy()),
    (Point(1.0), pickle.loads(pickle.dumps(Point(1.0)))),
]
OTHER: list[tuple[Any, Any]] = [
    (1, 2),
    (1, "1"),
    ([1], [1, 2]),
    ([1], (2,)),
    ({"a": 1}, {"b": 1}),
    (np.arange(3), np.arange(4)),
    (np.zeros(2), np.zeros((2, 1))),
    (None, 0),
    (FRAME, FRAME.rename(columns={"a": "c"})),
    (Point(1.0), Point(2.0)),
]


@pytest.mark.parametrize(("a", "b"), SAME)
def test_what_is_equal_is_equal_and_close(a: Any, b: Any) -> None:
    assert equal(a, b)
    assert close(a, b)


@pytest.mark.parametrize(("a", "b"), OTHER)
def test_what_differs_is_neither(a: Any, b: Any) -> None:
    assert not equal(a, b)
    assert not close(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (0.1 + 0.2, 0.3),
        (np.array([0.1 + 0.2]), np.array([0.3])),
        ([{"x": 1.0 + 1e-9}], [{"x": 1.0}]),
        (pd.DataFrame({"a": [1.0 + 1e-9]}), pd.DataFrame({"a": [1.0]})),
    ],
)
def test_rounding_is_close_but_not_equal(a: Any, b: Any) -> None:
    assert close(a, b)
    assert not equal(a, b)


def test_a_long_value_is_said_in_one_short_line() -> None:
    assert len(shortly(list(range(1000)))) <= 60
    assert "\n" not in shortly(np.zeros((50, 50)))
