"""Whether two answers are the same: to the last bit, or nearly."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Set
from typing import Any

import numpy as np

RELATIVE, ABSOLUTE = 1e-5, 1e-8
"""How far :func:`close` lets numbers differ; those of ``numpy.allclose``."""

Same = Callable[[Any, Any], Any]
"""Given an answer and the right one; says whether it is right."""


def equal(answer: Any, right: Any) -> bool:
    """Tell whether two answers are equal in every part.

    Lists, tuples, mappings and objects are compared part by part, arrays element by element, and
    NaN is equal to NaN. Frames and what else has a method ``equals`` are asked by it.
    """
    return _quickly(answer, right) or _same(
        answer, right, lambda a, b: bool(np.array_equal(a, b, equal_nan=_floats(a, b)))
    )


def close(answer: Any, right: Any) -> bool:
    """Tell whether two answers are equal but for rounding: numbers and arrays of them may differ
    by a relative 1e-5, or by 1e-8; all else is as for :func:`equal`."""

    def near(a: Any, b: Any) -> bool:
        if not _numbers(a, b):
            return bool(np.array_equal(a, b))
        return bool(np.allclose(a, b, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True))

    return _quickly(answer, right) or _same(answer, right, near)


def _quickly(a: Any, b: Any) -> bool:
    """Whether Python itself finds two answers equal, which is quick for a long list of numbers."""
    try:
        return type(a) is type(b) and (a == b) is True
    except Exception:  # noqa: BLE001 - arrays in a list have no one answer
        return False


def _same(a: Any, b: Any, arrays: Callable[[Any, Any], bool]) -> bool:
    if a is b:
        return True
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.shape(a) == np.shape(b) and arrays(np.asarray(a), np.asarray(b))
    if isinstance(a, int | float | complex | np.number) and isinstance(
        b, int | float | complex | np.number
    ):
        return arrays(np.asarray(a), np.asarray(b))
    if isinstance(a, str | bytes | Set):
        return bool(a == b)
    if isinstance(a, list | tuple):
        return (
            isinstance(b, list | tuple)
            and len(a) == len(b)
            and all(_same(one, other, arrays) for one, other in zip(a, b, strict=True))
        )
    if isinstance(a, Mapping):
        return (
            isinstance(b, Mapping)
            and a.keys() == b.keys()
            and all(_same(value, b[key], arrays) for key, value in a.items())
        )
    return _same_object(a, b, arrays)


def _same_object(a: Any, b: Any, arrays: Callable[[Any, Any], bool]) -> bool:
    if hasattr(a, "equals"):
        if _tabular(a) and _tabular(b):
            return _same_table(a, b, arrays)
        return bool(a.equals(b))
    by_identity: bool = getattr(type(a), "__eq__", None) is getattr(object, "__eq__", None)
    if by_identity and hasattr(a, "__dict__"):
        # Equal by identity alone, which no object keeps on its way from another process.
        return type(a).__qualname__ == type(b).__qualname__ and _same(vars(a), vars(b), arrays)
    return bool(np.all(a == b))


def _tabular(a: Any) -> bool:
    return hasattr(a, "to_numpy") and hasattr(a, "index")


def _same_table(a: Any, b: Any, arrays: Callable[[Any, Any], bool]) -> bool:
    """Frames and series: their labels are equal, and their values the same."""
    if a.shape != b.shape or not a.index.equals(b.index):
        return False
    if not hasattr(a, "columns"):
        return bool(a.equals(b)) or arrays(a.to_numpy(), b.to_numpy())
    return a.columns.equals(b.columns) and (
        bool(a.equals(b))
        or all(arrays(a[name].to_numpy(), b[name].to_numpy()) for name in a.columns)
    )


def _numbers(a: Any, b: Any) -> bool:
    return all(np.issubdtype(each.dtype, np.number) for each in (a, b))


def _floats(a: Any, b: Any) -> bool:
    return all(np.issubdtype(each.dtype, np.inexact) for each in (a, b))


def shortly(value: Any) -> str:
    """*value* in at most 60 characters, for a message."""
    if isinstance(value, float) and math.isfinite(value):
        return f"{value:.17g}"
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


_LONGEST = 60
