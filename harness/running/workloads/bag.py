"""The lesson's bag: map, filter, fold and groupby over a sequence of Python objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from harness.running.workloads import items
from harness.running.workloads.base import Collections, Sizes
from harness.running.workloads.items import ItemWorkload


class BagMap(ItemWorkload):
    """``bag.map(double)`` over *size* numbers, *chunk* of them in a partition."""

    name = "bag-map"
    sizes: ClassVar[Sizes] = {"smoke": 1_000, "laptop": 10_000, "nightly": 1_000_000}
    kernel: Callable[..., Any] = staticmethod(items.doubled)

    def expression(self, dask: Collections, chunk: int, seed: int) -> Any:
        return self.bag(dask, chunk).map(items.double)

    def bag(self, dask: Collections, chunk: int) -> Any:
        """The numbers as a bag, *chunk* of them in a partition."""
        return dask.bag.from_sequence(range(self.size), partition_size=chunk)


class BagFilter(BagMap):
    """``bag.filter(is_even)`` over *size* numbers."""

    name = "bag-filter"
    kernel = staticmethod(items.evens)

    def expression(self, dask: Collections, chunk: int, seed: int) -> Any:
        return self.bag(dask, chunk).filter(items.is_even)

    def expected(self) -> Any:
        return range(0, self.size, 2)


class BagFold(BagMap):
    """``bag.fold(add)`` over *size* numbers: nothing but one number comes back."""

    name = "bag-fold"
    kernel: Callable[..., Any] = staticmethod(items.total)

    def combine(self, partials: list[int]) -> int:
        return sum(partials)

    def expression(self, dask: Collections, chunk: int, seed: int) -> Any:
        return self.bag(dask, chunk).fold(items.add, initial=0)

    def expected(self) -> int:
        return self.size * (self.size - 1) // 2

    def summary(self, answer: int) -> int:
        return int(answer)


class BagGroupby(BagMap):
    """``bag.groupby(last digit)`` over *size* numbers: every partition has to meet every other."""

    name = "bag-groupby"
    kernel: Callable[..., Any] = staticmethod(items.grouped)

    def combine(self, partials: list[dict[int, list[int]]]) -> dict[int, list[int]]:
        groups: dict[int, list[int]] = {}
        for partial in partials:
            for key, members in partial.items():
                groups.setdefault(key, []).extend(members)
        return groups

    def expression(self, dask: Collections, chunk: int, seed: int) -> Any:
        return self.bag(dask, chunk).groupby(items.group_of)

    def evaluate(self, dask: Collections, expression: Any) -> dict[int, list[int]]:
        return dict(dask.compute(expression)[0])

    def expected(self) -> dict[int, Any]:
        return {key: range(key, self.size, items.GROUPS) for key in range(items.GROUPS)}

    def summary(self, answer: dict[int, Any]) -> Any:
        return sorted((key, *items.checksum(members)) for key, members in answer.items())
