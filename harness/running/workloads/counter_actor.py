"""The lesson's actor: a ``Counter`` that counts how often it was called."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle, islice
from typing import Any, ClassVar

from harness.running.workloads.base import Actor, ActorWorkload, Calls, Results, Sizes, Task
from harness.running.workloads.spin_task import iterate
from harness.running.workloads.stamps import Noting


class Counter(Actor):
    """The lesson's ``Counter``."""

    def __init__(self) -> None:
        self.n = 0

    def increment(self) -> int:
        """Count one call."""
        self.n += 1
        return self.n

    def read(self) -> int:
        """The calls so far."""
        return self.n


class NotingCounter(Noting, Counter):
    """The same counter, noting when its calls ran."""


class WorkingCounter(Actor):
    """A counter whose increments work first; whole in itself, as a program shows it."""

    def __init__(self) -> None:
        self.n = 0

    def increment(self, iterations: int) -> int:
        """Work, count one call, and return what the work came to."""
        self.n += 1
        return iterate(1, iterations)

    def read(self) -> int:
        """The calls so far."""
        return self.n


class NotingWorkingCounter(Noting, WorkingCounter):
    """The same counter, noting when its calls ran."""


def count_worked(calls: int, iterations: int) -> tuple[int, int]:
    """Increment a counter that works *calls* times, without any engine.

    Returns
    -------
    tuple of int
        The sum of what the work of the calls came to, and the calls counted.
    """
    counter = WorkingCounter()
    return sum([counter.increment(iterations) for _ in range(calls)]), counter.read()


def count(calls: int) -> int:
    """Make a counter, increment it *calls* times, and read it: without any engine."""
    counter = Counter()
    for _ in range(calls):
        counter.increment()
    return counter.read()


class CounterActor(ActorWorkload):
    """*size* increments spread over one counter a worker, *chunk* calls in flight at a time, then
    each counter is read back.

    One call in flight gives the latency of a call, all of them the throughput of many.
    """

    name = "counter-actor"
    sizes: ClassVar[Sizes] = {"smoke": 50, "laptop": 200, "nightly": 10_000}
    itemsize: ClassVar[int] = 0
    native_threads: ClassVar[bool] = False
    without_numpy: ClassVar[bool] = True
    kernel: Callable[..., Any] = staticmethod(count)
    actor: ClassVar[type[Actor]] = Counter
    noting: ClassVar[type[Actor]] = NotingCounter

    def baseline(self, seed: int) -> int:
        return count(self.size)

    def task(self, index: int, start: int, elements: int, seed: int) -> Task:
        return (elements,)

    def combine(self, partials: list[int]) -> int:
        return sum(partials)

    def converse(self, actors: list[Any], call: Calls, results: Results, chunk: int) -> int:
        """Count up, and return by how much the counters have risen: they live on from call to call,
        so that what they stood at before is taken off."""
        before = sum(results([call(actor, "read") for actor in actors]))
        turns = cycle(actors)
        for start in range(0, self.size, chunk):
            in_flight = min(chunk, self.size - start)
            results([call(actor, "increment") for actor in islice(turns, in_flight)])
        return sum(results([call(actor, "read") for actor in actors])) - before

    def n_calls(self, n_actors: int) -> int:
        return self.size + 2 * n_actors

    def check(self, answer: int) -> str | None:
        return None if answer == self.size else f"{answer} calls counted instead of {self.size}"
