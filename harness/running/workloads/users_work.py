"""Works of the user's own as workloads: a function mapped over items, or one that does the whole.

They are known by name, as every workload is (:mod:`harness.running.workloads.kept_works`).
"""

from __future__ import annotations

import pickle
from abc import abstractmethod
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar

from harness.running.workloads import kept_works, same_answers, users_objects
from harness.running.workloads.base import Collections, Task, Workload
from harness.running.workloads.kept_works import WorkSpec

CONTROLLED_SECONDS = 0.1
"""The ceiling and the serial replay are measured beside a work whose whole takes at most so long:
beside a longer one they would take the budget that its rounds need."""
SAME = {"equal": same_answers.equal, "close": same_answers.close, "none": None}
"""Ways to compare answers that have a name."""


def apply(function: Callable[..., Any], items: Sequence[Any]) -> list[Any]:
    """Call *function* of each item: one task."""
    return [function(item) for item in items]


def make_items(place: str) -> list[Any]:
    """The items at *place*, in a list; where a function is there, what it returns."""
    made = users_objects.load(place)
    return list(made() if callable(made) else made)


class UsersWork(Workload):
    """What all works of the user's own have in common: their name, and that only the serial way
    knows the right answer."""

    itemsize: ClassVar[int] = 0
    native_threads: ClassVar[bool] = False
    without_numpy: ClassVar[bool] = True
    """Or so it is taken: a task that needs it fails, with its own message."""

    def __init__(self, spec: WorkSpec, size: int) -> None:
        super().__init__(size)
        self.spec = spec

    @property
    def name(self) -> str:  # type: ignore[override]
        """What the journal calls it."""
        return self.spec.name

    @cached_property
    def function(self) -> Callable[..., Any]:
        """The user's function."""
        return users_objects.function_at(self.spec.task)

    @abstractmethod
    def ready(self) -> None:
        """Find the function, and what it works on."""

    def remember(self, answer: Any) -> None:
        """Keep the answer of the serial way, the first time: every process compares with it."""
        file = self._file
        if "right" in self.__dict__ or (file is not None and file.exists()):
            return
        self.right = answer
        if file is not None:
            try:
                file.write_bytes(pickle.dumps(answer))
            except Exception:  # noqa: BLE001 - other processes make it themselves
                file.unlink(missing_ok=True)

    @property
    def _file(self) -> Path | None:
        home = kept_works.home()
        name = f"right-{self.spec.name.replace('/', '-')}-{self.size}"
        return None if home is None else home / name

    @cached_property
    def right(self) -> Any:
        """The right answer: that of the serial way."""
        file = self._file
        if file is not None and file.exists():
            return pickle.loads(file.read_bytes())  # noqa: S301 - written by this run
        return self.baseline(0)

    @cached_property
    def same(self) -> same_answers.Same | None:
        """Compares an answer with the right one; ``None`` where they are not compared."""
        check = self.spec.check
        return SAME[check] if check in SAME else users_objects.function_at(check)

    def check(self, answer: Any) -> str | None:
        same = self.same
        if same is None or same(answer, self.right):
            return None
        return self.difference(answer, same)

    def difference(self, answer: Any, same: same_answers.Same) -> str:
        """In what *answer* differs from the right one."""
        return (
            f"{same_answers.shortly(answer)} instead of {same_answers.shortly(self.right)}, which "
            "the serial way gives"
        )

    def digest(self, answer: Any) -> str:
        """The same for all answers: they are compared as the user wants, by :meth:`check`."""
        return f"compared: {self.spec.check}"


class MappedWork(UsersWork):
    """A function of the user's own, mapped over items; a chunk is items a task."""

    kernel = staticmethod(apply)

    @property
    def controlled(self) -> bool:
        return self.spec.seconds <= CONTROLLED_SECONDS

    @cached_property
    def items(self) -> list[Any]:
        """The items that are measured: all of them, or evenly spaced ones."""
        made = make_items(self.spec.items or "")
        return [made[number * len(made) // self.size] for number in range(self.size)]

    def ready(self) -> None:
        self.function, self.items  # noqa: B018 - found and made, before anything is timed

    def baseline(self, seed: int) -> list[Any]:
        """The plain loop."""
        function = self.function
        return [function(item) for item in self.items]

    def expression(self, dask: Collections, chunk: int, seed: int) -> Any:
        return dask.bag.from_sequence(self.items, partition_size=chunk).map(self.function)

    def task(self, index: int, start: int, elements: int, seed: int) -> Task:
        return (self.function, self.items[start : start + elements])

    def combine(self, partials: list[list[Any]]) -> list[Any]:
        return list(chain.from_iterable(partials))

    def difference(self, answer: Any, same: same_answers.Same) -> str:
        if self.spec.check not in SAME:
            return "your check says that the answer is not your loop's"
        if len(answer) != len(self.right):
            return f"{len(answer)} answers instead of {len(self.right)}"
        number = next(
            number
            for number, (got, right) in enumerate(zip(answer, self.right, strict=True))
            if not same(got, right)
        )
        got, right = (same_answers.shortly(each[number]) for each in (answer, self.right))
        return f"item {number} gives {got} instead of {right}, which your loop gives"


class WholeWork(UsersWork):
    """A function of the user's own that does the whole and is told how to cut it, beside another
    that does the same serially.

    Where it takes ``npartitions`` the size is a common multiple of the numbers that are tried, and
    a chunk is one part: the function gets ``size / chunk``. Where it takes ``chunks``, it gets the
    chunk, and the size is the largest. Where it takes neither, there is one chunk of size 1.
    """

    way = "whole"
    controlled = False

    def ready(self) -> None:
        self.function, self.serial  # noqa: B018 - found before anything is timed

    @cached_property
    def serial(self) -> Callable[..., Any]:
        """What the user runs today."""
        return users_objects.function_at(self.spec.against or "")

    def baseline(self, seed: int) -> Any:
        return self.serial()

    def task(self, index: int, start: int, elements: int, seed: int) -> Task:
        return (elements,)

    def combine(self, partials: list[Any]) -> Any:
        return partials[0]

    def wrong_chunk(self, chunk: int) -> str | None:
        if self.spec.takes == "npartitions" and self.size % chunk:
            return f"{self.size} parts cannot be cut into parts of {chunk}"
        return None

    def expression(self, dask: Collections, chunk: int, seed: int) -> Any:
        """What the function returns, cut so; a Dask collection, or an answer that it has already
        computed by itself."""
        takes = self.spec.takes
        if takes is None:
            return self.function()
        return self.function(**{takes: chunk if takes == "chunks" else self.size // chunk})
