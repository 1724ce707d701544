"""Tasks that do nothing but a fixed number of iterations: task grain, threads against processes."""

from __future__ import annotations

import hashlib
from typing import ClassVar

from harness.running.workloads.base import Sizes, Task, Workload

PYTHON_ITERATIONS = 16
HASH_ITERATIONS = 2
"""Iterations in one element: calibrated so that an element of either kind takes about 1 us on a
processor of 2022. They are numbers, never a wait for the clock: two such waits end together, side
by side on one core, without having worked."""
FACTOR = 6364136223846793005
SUMMAND = 1442695040888963407
MASK = (1 << 64) - 1
"""Of Knuth's linear congruential generator (MMIX)."""


def iterate(state: int, iterations: int) -> int:
    """Iterate Knuth's linear congruential generator in Python, which holds the GIL."""
    for _ in range(iterations):
        state = (state * FACTOR + SUMMAND) & MASK
    return state


def spin_python(seed: int, index: int, elements: int) -> tuple[int, int]:
    """Iterate in Python, which holds the GIL.

    Returns
    -------
    tuple of int
        Elements worked through, and the last state.
    """
    return elements, iterate(seed * 2 + index + 1, elements * PYTHON_ITERATIONS)


def spin_hash(seed: int, index: int, elements: int) -> tuple[int, int]:
    """Iterate PBKDF2 in C, which releases the GIL.

    Returns
    -------
    tuple of int
        Elements worked through, and 64 bits of the key.
    """
    key = hashlib.pbkdf2_hmac(
        "sha256", str(seed).encode(), str(index).encode(), elements * HASH_ITERATIONS, 8
    )
    return elements, int.from_bytes(key, "big")


SPIN_SIZES = (4_000_000, 2_000_000, 1_000_000)
SPIN_A_CORE = 62_500


class SpinTask(Workload):
    """*size* elements of pure Python, which holds the GIL, *chunk* of them in one task."""

    name = "spin-task"
    sizes: ClassVar[Sizes] = {"smoke": 2_000, "laptop": 20_000, "nightly": SPIN_SIZES}
    elements_a_core = SPIN_A_CORE
    itemsize: ClassVar[int] = 0
    native_threads: ClassVar[bool] = False
    without_numpy: ClassVar[bool] = True
    kernel = staticmethod(spin_python)

    def baseline(self, seed: int) -> tuple[int, int]:
        return type(self).kernel(seed, 0, self.size)

    def task(self, index: int, start: int, elements: int, seed: int) -> Task:
        return (seed, index, elements)

    def combine(self, partials: list[tuple[int, int]]) -> tuple[int, int]:
        """All elements, and the states combined by exclusive or."""
        elements = state = 0
        for worked, last in partials:
            elements, state = elements + worked, state ^ last
        return elements, state

    def check(self, answer: tuple[int, int]) -> str | None:
        worked = answer[0]
        return None if worked == self.size else f"{worked} elements worked instead of {self.size}"


class SpinTaskNoGil(SpinTask):
    """*size* elements of a hash in C, which releases the GIL, *chunk* of them in one task."""

    name = "spin-task-nogil"
    kernel = staticmethod(spin_hash)
