"""The lesson's items and calls with more work each, from 10 us to 10 ms: where does it pay?

The work is a spin in Python, which holds the GIL, of a number of iterations that is calibrated once
a run (:mod:`harness.running.workloads.calibrated`). There are fewer items where each has more, so
that the whole lasts about as long.
"""

from __future__ import annotations

from functools import cached_property
from itertools import cycle, islice
from typing import Any

from harness.core.work_families import family_of
from harness.running.workloads import counter_actor, items
from harness.running.workloads.bag import BagMap
from harness.running.workloads.base import Calls, Collections, Results, Sizes, Task, Workload
from harness.running.workloads.calibrated import iterations_per_us
from harness.running.workloads.counter_actor import CounterActor
from harness.running.workloads.futures import Futures
from harness.running.workloads.spin_task import iterate

ITEMS: dict[str, Sizes] = {
    "10us": {"smoke": 200, "laptop": 2_000, "nightly": (20_000, 10_000)},
    "100us": {"smoke": 50, "laptop": 400, "nightly": (5_000, 2_000)},
    "1ms": {"smoke": 10, "laptop": 80, "nightly": (1_000, 500)},
    "10ms": {"smoke": 4, "laptop": 8, "nightly": (200, 100)},
}
"""Amount of work an item, as the names have it, to the number of items under each profile."""
CALLS: dict[str, Sizes] = {
    "10us": {"smoke": 100, "laptop": 200, "nightly": (20_000, 10_000)},
    "100us": {"smoke": 50, "laptop": 200, "nightly": (5_000, 2_000)},
    "1ms": {"smoke": 10, "laptop": 80, "nightly": (1_000, 500)},
    "10ms": {"smoke": 4, "laptop": 8, "nightly": (200, 100)},
}
"""The same of calls of an actor: several cannot be handed over as one, so that each of them is
paid for."""
ITEMS_A_CORE = {"10us": 300, "100us": 75, "1ms": 15, "10ms": 3}
"""Of two sizes the larger is for machines with at least some sixty-four cores to share it."""


class Worked(Workload):
    """Mixin, to be named before a workload's class: its items have :attr:`iterations` of work."""

    @cached_property
    def iterations(self) -> int:
        """Iterations of the spin for each item."""
        return round(self.work_per_item_seconds * 1e6 * iterations_per_us())

    def task(self, index: int, start: int, elements: int, seed: int) -> Task:
        return (start, start + elements, self.iterations)


class WorkedBag(Worked, BagMap):
    """``bag.map(double)`` over *size* numbers, each of which is worked on first."""

    kernel = staticmethod(items.doubled_worked)

    def baseline(self, seed: int) -> Any:
        return self.combine([items.doubled_worked(0, self.size, self.iterations)])

    def expression(self, dask: Collections, chunk: int, seed: int) -> Any:
        return self.bag(dask, chunk).map(items.double_worked, self.iterations)

    def expected(self) -> Any:
        return (items.double(x) for x in items.worked_out(self.size, self.iterations))


class WorkedFutures(Worked, Futures):
    """``client.submit(double, x)`` for each chunk of *size* numbers, each worked on first."""

    kernel = staticmethod(items.doubled_worked)

    def baseline(self, seed: int) -> Any:
        return self.combine([items.doubled_worked(0, self.size, self.iterations)])

    def expected(self) -> Any:
        return (items.double(x) for x in items.worked_out(self.size, self.iterations))


class WorkedCounter(Worked, CounterActor):
    """*size* increments that work first, spread over one counter a worker, *chunk* calls in flight
    at a time."""

    kernel = staticmethod(counter_actor.count_worked)
    actor = counter_actor.WorkingCounter
    noting = counter_actor.NotingWorkingCounter

    def baseline(self, seed: int) -> Any:
        return counter_actor.count_worked(self.size, self.iterations)

    def task(self, index: int, start: int, elements: int, seed: int) -> Task:
        return (elements, self.iterations)

    def combine(self, partials: list[Any]) -> Any:
        return sum(done for done, _ in partials), sum(calls for _, calls in partials)

    def converse(self, actors: list[Any], call: Calls, results: Results, chunk: int) -> Any:
        before = sum(results([call(actor, "read") for actor in actors]))
        turns, done = cycle(actors), 0
        for start in range(0, self.size, chunk):
            asked = islice(turns, min(chunk, self.size - start))
            calls = [call(actor, "increment", self.iterations) for actor in asked]
            done += sum(results(calls))
        return done, sum(results([call(actor, "read") for actor in actors])) - before

    def check(self, answer: Any) -> str | None:
        right = (self.size * iterate(1, self.iterations), self.size)
        return None if tuple(answer) == right else f"{answer} instead of {right}"


def _made(base: type[Workload], amount: str, sizes: Sizes) -> type[Workload]:
    name = f"{base.name}-{amount}"
    facts: dict[str, Any] = {
        "__module__": __name__,
        "__doc__": f"{(base.__doc__ or '').strip().rstrip('.')}: {amount} of work each.",
        "name": name,
        "family": base.name,
        "work_per_item_seconds": family_of(name)[1],
        "sizes": sizes,
        "elements_a_core": ITEMS_A_CORE[amount],
    }
    return type(f"{base.__name__}{amount}", (base,), facts)


BASES: dict[type[Workload], dict[str, Sizes]] = {
    WorkedBag: ITEMS,
    WorkedFutures: ITEMS,
    WorkedCounter: CALLS,
}
MADE = {
    f"{base.name}-{amount}": _made(base, amount, sizes)
    for base, by_amount in BASES.items()
    for amount, sizes in by_amount.items()
}
globals().update({made.__name__: made for made in MADE.values()})
OURS = {name: f"worked:{made.__name__}" for name, made in MADE.items()}
"""Name to ``file:Class``, as the registry wants them."""
