"""Workloads over single Python objects, and the lesson's functions of one object."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import chain
from typing import Any, ClassVar

from harness.running.workloads.base import Task, Workload
from harness.running.workloads.spin_task import FACTOR, MASK, SUMMAND, iterate

GROUPS = 10
KEPT_BITS = 40
"""An item that was worked on is the number's last state without so many of its low bits."""


def double(x: int) -> int:
    """The lesson's ``double``."""
    return x * 2


def increment(x: int) -> int:
    """The lesson's ``increment``."""
    return x + 1


def worked(x: int, iterations: int) -> int:
    """Work on *x* in Python, holding the GIL; a number of 24 bits that depends on all of it."""
    return iterate(x, iterations) >> KEPT_BITS


def double_worked(x: int, iterations: int) -> int:
    """The lesson's ``double``, after work on *x*."""
    return double(worked(x, iterations))


def is_even(x: int) -> bool:
    """Whether *x* is even: what the filter keeps."""
    return x % 2 == 0


def add(x: int, y: int) -> int:
    """The fold's binary operation."""
    return x + y


def group_of(x: int) -> int:
    """The key that a grouping sorts by: the last digit."""
    return x % GROUPS


def doubled(start: int, stop: int) -> list[int]:
    """``double`` of each item from *start* to *stop*."""
    return [double(x) for x in range(start, stop)]


def doubled_worked(start: int, stop: int, iterations: int) -> list[int]:
    """``double`` of each item from *start* to *stop*, after work on it."""
    return [double_worked(x, iterations) for x in range(start, stop)]


def incremented(start: int, stop: int) -> list[int]:
    """``increment`` of each item from *start* to *stop*."""
    return [increment(x) for x in range(start, stop)]


def evens(start: int, stop: int) -> list[int]:
    """The even items from *start* to *stop*."""
    return [x for x in range(start, stop) if is_even(x)]


def total(start: int, stop: int) -> int:
    """The items from *start* to *stop* folded into their sum, one by one."""
    value = 0
    for x in range(start, stop):
        value = add(value, x)
    return value


def grouped(start: int, stop: int) -> dict[int, list[int]]:
    """The items from *start* to *stop* by their last digit."""
    groups: dict[int, list[int]] = {}
    for x in range(start, stop):
        groups.setdefault(group_of(x), []).append(x)
    return groups


def worked_out(stop: int, iterations: int) -> list[int]:
    """``worked`` of each item from 0 to *stop* without the work: a linear congruential generator
    can jump (Brown, Trans. Am. Nucl. Soc. 71:202, 1994), *iterations* steps in their logarithm."""
    factor, summand = FACTOR, SUMMAND
    scale, shift = 1, 0
    while iterations:
        if iterations & 1:
            scale, shift = scale * factor & MASK, (shift * factor + summand) & MASK
        summand = (factor + 1) * summand & MASK
        factor = factor * factor & MASK
        iterations >>= 1
    return [((x * scale + shift) & MASK) >> KEPT_BITS for x in range(stop)]


def checksum(items: Iterable[int]) -> tuple[int, int, int]:
    """How many *items* there are, their sum, and the sum of their squares, modulo 2**64: small, and
    in any order the same."""
    import numpy as np  # noqa: PLC0415 - workers that have none run the tasks above

    array = np.fromiter(items, dtype=np.uint64)
    return array.size, int(array.sum()), int((array * array).sum())


class ItemWorkload(Workload):
    """Something done to each of the numbers from 0 to *size*, *chunk* of them in one task.

    The answer is what was made of the numbers, brought back to the caller.
    """

    itemsize: ClassVar[int] = 0
    native_threads: ClassVar[bool] = False
    without_numpy: ClassVar[bool] = True

    def baseline(self, seed: int) -> Any:
        return self.combine([type(self).kernel(0, self.size)])

    def task(self, index: int, start: int, elements: int, seed: int) -> Task:
        return (start, start + elements)

    def combine(self, partials: list[Any]) -> Any:
        return list(chain.from_iterable(partials))

    def check(self, answer: Any) -> str | None:
        summary = self.summary(answer)
        return None if summary == self.right else f"{summary} instead of {self.right}"

    def digest(self, answer: Any) -> str:
        return repr(self.summary(answer))

    @cached_property
    def right(self) -> Any:
        """The summary of the right answer."""
        return self.summary(self.expected())

    def expected(self) -> Any:
        """The right answer."""
        return (double(x) for x in range(self.size))

    def summary(self, answer: Any) -> Any:
        """What is compared: the same in whatever order the engine gives the items back."""
        return checksum(answer)
