"""What a workload is: one answer, computed whole or from chunks."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

Task = tuple[Any, ...]


class Workload(ABC):
    """A computation of fixed size that can be cut into chunks.

    Parameters
    ----------
    size : int
        Elements of the whole problem; the chunk varies, the size does not.
    """

    name: ClassVar[str]
    itemsize: ClassVar[int] = 8
    native_threads: ClassVar[bool] = True
    """Whether the whole is NumPy's to compute, so that NumPy on all cores is a reference."""
    kernel: ClassVar[Callable[..., Any]]
    """Computes one task: a function of the installed package, so that workers can import it
    (rule 10)."""

    def __init__(self, size: int) -> None:
        self.size = size

    @abstractmethod
    def baseline(self, seed: int) -> Any:
        """The serial way to the same answer, ``T1``: whole-array NumPy or plain Python (rule 1)."""

    def whole(self, seed: int) -> Any:
        """What an executor without chunks runs: the baseline, if the workload says nothing else."""
        return self.baseline(seed)

    @abstractmethod
    def task(self, index: int, elements: int, seed: int) -> Task:
        """The arguments of :attr:`kernel` for chunk *index*, which has *elements* elements."""

    def tasks(self, chunk: int, seed: int) -> list[Task]:
        """One task a chunk, in order; the last chunk may be shorter."""
        return [
            self.task(index, min(chunk, self.size - index * chunk), seed)
            for index in range(self.n_chunks(chunk))
        ]

    @abstractmethod
    def combine(self, partials: list[Any]) -> Any:
        """The answer from the partial results in chunk order."""

    def array_expression(self, xp: Any, chunk: int) -> Any | None:
        """The lesson's own line in a chunked array namespace *xp*, unevaluated; ``None`` if it has
        none and the tasks are to be mapped instead."""
        return None

    @abstractmethod
    def check(self, answer: Any) -> str | None:
        """Why *answer* is wrong, or ``None`` (rule 4)."""

    def n_chunks(self, chunk: int) -> int:
        """Chunks that the problem is cut into."""
        return math.ceil(self.size / chunk)

    def memory_bytes(self, chunk: int, workers: int) -> int:
        """The most memory that arrays need at once: the whole, or a chunk for every worker."""
        return self.itemsize * max(self.size, chunk * workers)
