"""Nothing to do, in many tasks: what is left is the cost of scheduling alone (rule 3)."""

from __future__ import annotations

from typing import ClassVar

from harness.running.workloads.base import Sizes, Task, Workload


def empty() -> int:
    """Do nothing, and return 1 for the call that was made."""
    return 1


def call_empty(calls: int) -> int:
    """Call :func:`empty` *calls* times, and return the number of calls made."""
    made = 0
    for _ in range(calls):
        made += empty()
    return made


class EmptyTask(Workload):
    """*size* empty calls, *chunk* of them in one task; the answer is the number of calls made."""

    name = "empty-task"
    sizes: ClassVar[Sizes] = {"smoke": 100, "laptop": 400, "nightly": 10_000}
    least_rounds = 8
    itemsize = 0
    native_threads = False
    without_numpy = True
    kernel = staticmethod(call_empty)

    def baseline(self, seed: int) -> int:
        return call_empty(self.size)

    def task(self, index: int, start: int, elements: int, seed: int) -> Task:
        return (elements,)

    def combine(self, partials: list[int]) -> int:
        return sum(partials)

    def check(self, answer: int) -> str | None:
        return None if answer == self.size else f"{answer!r} calls made instead of {self.size}"
