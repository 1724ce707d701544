"""The lesson's functions as tasks: ``double`` and ``increment``, submitted, mapped and delayed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from harness.running.workloads import items
from harness.running.workloads.base import Sizes
from harness.running.workloads.items import ItemWorkload


class Futures(ItemWorkload):
    """``client.submit(double, x)`` for each chunk of *size* numbers, and the results gathered;
    with Ray ``double.remote(x)``, with the pools ``pool.submit(double, x)``."""

    name = "futures"
    sizes: ClassVar[Sizes] = {"smoke": 100, "laptop": 100, "nightly": 10_000}
    way = "submit"
    kernel: Callable[..., Any] = staticmethod(items.doubled)


class FuturesMap(Futures):
    """``client.map(double, xs)``, or the pools' own map."""

    name = "futures-map"
    way = "map"


class FuturesDelayed(Futures):
    """``dask.delayed(double)(x)`` for each chunk, computed together."""

    name = "futures-delayed"
    way = "delayed"


class FuturesIncrement(Futures):
    """The lesson's task for Ray, ``increment.remote(x)``, on everything that takes futures."""

    name = "futures-increment"
    kernel = staticmethod(items.incremented)

    def expected(self) -> Any:
        return range(1, self.size + 1)
