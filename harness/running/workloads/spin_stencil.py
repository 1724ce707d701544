"""The task grain where tasks depend on one another: Task Bench's stencil of three points."""

from __future__ import annotations

import hashlib
import math
from typing import ClassVar

from harness.running.workloads.base import Sizes, Task, Workload, linked
from harness.running.workloads.spin_task import HASH_ITERATIONS, SPIN_A_CORE, SPIN_SIZES

STEPS = 4
"""Steps of the stencil; within one of them tasks are independent."""


def spin_stencil(seed: int, index: int, elements: int, *before: tuple[int, int]) -> tuple[int, int]:
    """Iterate PBKDF2 in C, which releases the GIL, from what the tasks *before* ended in.

    Returns
    -------
    tuple of int
        Elements worked through, and 64 bits of the key.
    """
    salt = " ".join(str(state) for _, state in before)
    key = hashlib.pbkdf2_hmac(
        "sha256", str(seed).encode(), f"{index} {salt}".encode(), elements * HASH_ITERATIONS, 8
    )
    return elements, int.from_bytes(key, "big")


def stencil(each: int, chunk: int, seed: int) -> list[Task]:
    """The tasks of all steps, step after step; the last argument of a task is a list of the numbers
    of those that it needs.

    Parameters
    ----------
    each : int
        Elements of one step.
    chunk : int
        Elements of one task.
    """
    width = math.ceil(each / chunk)
    tasks: list[Task] = []
    for index in range(STEPS * width):
        step, place = divmod(index, width)
        places = range(max(place - 1, 0), min(place + 2, width)) if step else ()
        needs = [(step - 1) * width + before for before in places]
        tasks.append((seed, index, min(chunk, each - place * chunk), needs))
    return tasks


class SpinStencil(Workload):
    """*size* elements in four steps; in each step ``K = n/4`` tasks of *chunk* elements, each of
    which needs the results of three of the step before: its own place and the two beside it
    (Slaughter et al., Task Bench, SC20, table II, pattern ``stencil``). At an edge it needs two."""

    name = "spin-stencil"
    sizes: ClassVar[Sizes] = {"smoke": 2_000, "laptop": 20_000, "nightly": SPIN_SIZES}
    elements_a_core = SPIN_A_CORE
    itemsize: ClassVar[int] = 0
    native_threads: ClassVar[bool] = False
    way: ClassVar[str] = "dependencies"
    kernel = staticmethod(spin_stencil)

    def baseline(self, seed: int) -> tuple[int, int]:
        """The steps one after the other, each in one task."""
        return self.combine(linked(spin_stencil, self.tasks(self.size // STEPS, seed)))

    def task(self, index: int, start: int, elements: int, seed: int) -> Task:
        return (seed, index, elements)

    def tasks(self, chunk: int, seed: int) -> list[Task]:
        return stencil(self.size // STEPS, chunk, seed)

    def replay(self, tasks: list[Task]) -> list[tuple[int, int]]:
        return linked(spin_stencil, tasks)

    def combine(self, partials: list[tuple[int, int]]) -> tuple[int, int]:
        """Elements and states of the last step, each added up."""
        return sum(worked for worked, _ in partials), sum(state for _, state in partials)

    def check(self, answer: tuple[int, int]) -> str | None:
        worked, right = answer[0], self.size // STEPS
        return None if worked == right else f"{worked} elements worked instead of {right}"

    def n_chunks(self, chunk: int) -> int:
        if chunk == self.size:
            return 1  # the whole, at once
        return STEPS * math.ceil(self.size // STEPS / chunk)

    def wrong_chunk(self, chunk: int) -> str | None:
        if self.size % STEPS:
            return f"{self.size} elements are not {STEPS} equal steps"
        if self.size // STEPS < chunk != self.size:
            return f"a chunk is at most a step, {self.size // STEPS} elements"
        return None
