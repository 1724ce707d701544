"""A workload of another distribution: its one file."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from harness import Task, Workload


def heads(seed: int, index: int, elements: int) -> int:
    """Heads among *elements* tosses."""
    return int(np.random.default_rng([seed, index]).integers(2, size=elements).sum())


class CoinFlips(Workload):
    """Count heads among *size* tosses."""

    name = "coin-flips"
    sizes: ClassVar = {"smoke": 20_000, "laptop": 2_000_000, "nightly": 20_000_000}
    kernel = staticmethod(heads)

    def baseline(self, seed: int) -> int:
        return heads(seed, 0, self.size)

    def task(self, index: int, start: int, elements: int, seed: int) -> Task:
        return (seed, index, elements)

    def combine(self, partials: list[int]) -> int:
        return sum(partials)

    def check(self, answer: int) -> str | None:
        """Within six standard errors of ``size / 2``."""
        return None if abs(answer - self.size / 2) <= 3 * self.size**0.5 else f"{answer} heads"
