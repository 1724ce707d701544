"""What a workload is: one answer, computed whole or from chunks."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol

from harness.core.records import WorkerProbe
from harness.running.host.pins import probe_worker

Task = tuple[Any, ...]
Sizes = Mapping[str, int | tuple[int, ...]]
"""Name of a profile to the size under it, or to several that fall: the first is taken that the
machine's memory and cores allow."""


def linked(call: Callable[..., Any], tasks: list[Task]) -> list[Any]:
    """Call every task with the results that it needs, and return those that no other task needs.

    The last argument of a task is a list: the numbers of the earlier tasks that it needs. It is
    called with what their calls returned, which may be results or an engine's promises of them.
    """
    results: list[Any] = []
    needed = set()
    for *arguments, needs in tasks:
        results.append(call(*arguments, *[results[number] for number in needs]))
        needed.update(needs)
    return [result for number, result in enumerate(results) if number not in needed]


def nearest(values: list[int], wanted: float) -> int:
    """The value of *values*, all positive, whose ratio to *wanted* is nearest to 1."""
    return min(values, key=lambda value: abs(math.log(value / wanted)))


class Collections(Protocol):
    """What Dask's executors hand to a workload that is written with Dask's collections."""

    array: Any
    """The module ``dask.array``."""
    bag: Any
    """The module ``dask.bag``."""

    def compute(self, *collections: Any) -> tuple[Any, ...]:
        """Their results, in one go."""

    def persist(self, collection: Any) -> Any:
        """The same collection with its chunks computed and kept where they are."""


class Workload(ABC):
    """A computation of fixed size that can be cut into chunks.

    Parameters
    ----------
    size : int
        Elements of the whole problem; the chunk varies, the size does not.
    """

    name: ClassVar[str]
    family: ClassVar[str | None] = None
    """The workload that does the same without added work, where this one has some."""
    work_per_item_seconds: ClassVar[float] = 0.0
    """Work that is added to each item, as calibrated."""
    sizes: ClassVar[Sizes] = {}
    """Its size under each profile. Workloads that are to be compared with one another have theirs
    from one class."""
    elements_a_core: ClassVar[float] = math.inf
    """Of several sizes none is taken that has more elements than this for each usable core: more
    work than the cores can share takes time from other cases and tells no more."""
    least_rounds: ClassVar[int] = 0
    """No look at fewer rounds ends a case: more than 0 where what a task costs is the question, and
    whether it pays is none."""
    itemsize: ClassVar[int] = 8
    native_threads: ClassVar[bool] = True
    """Whether the whole is NumPy's to compute, so that NumPy on all cores is a reference."""
    without_numpy: ClassVar[bool] = False
    """True: its tasks do without NumPy, so that workers can run them which have none."""
    way: ClassVar[str] = "tasks"
    """How an executor is to be used, one of its
    :attr:`~harness.running.executors.base.Executor.ways`."""
    kernel: Callable[..., Any]
    """Computes one task: a function of the installed package, so that workers can import it
    (rule 10)."""
    coroutine: ClassVar[Callable[..., Any] | None] = None
    """The same as a coroutine function, for a task that waits for something and could let others
    run; ``None`` for one that computes."""

    def __init__(self, size: int) -> None:
        self.size = size

    @property
    def controlled(self) -> bool:
        """Whether the ceiling and the serial replay are measured beside it (rule 3)."""
        return True

    def ready(self) -> None:  # noqa: B027 - most have nothing to make
        """Make what its calls need and is not theirs to make; before anything is timed."""

    def remember(self, answer: Any) -> None:  # noqa: B027 - most know the right answer
        """Be told an answer of the baseline, once it was timed: a workload whose right answer only
        its baseline knows keeps it for :meth:`check`."""

    @abstractmethod
    def baseline(self, seed: int) -> Any:
        """The serial way to the same answer, ``T1``: whole-array NumPy or plain Python (rule 1)."""

    def whole(self, seed: int) -> Any:
        """What an executor without chunks runs: the baseline, if the workload says nothing else."""
        return self.baseline(seed)

    @abstractmethod
    def task(self, index: int, start: int, elements: int, seed: int) -> Task:
        """Arguments of :attr:`kernel` for chunk *index*: *elements* elements from *start* on."""

    def tasks(self, chunk: int, seed: int) -> list[Task]:
        """One task a chunk, in order; the last chunk may be shorter."""
        return [
            self.task(index, start, min(chunk, self.size - start), seed)
            for index, start in enumerate(range(0, self.size, chunk))
        ]

    def part(self, index: int, parts: int, seed: int) -> Task:
        """One of *parts* equal parts of the whole, as arguments of :attr:`kernel`: the ceiling
        control runs all of them at once (rule 3)."""
        start, stop = self.size * index // parts, self.size * (index + 1) // parts
        return self.task(index, start, stop - start, seed)

    def replay(self, tasks: list[Task]) -> list[Any]:
        """The partial results of *tasks*, computed one after the other."""
        return [self.kernel(*task) for task in tasks]

    @abstractmethod
    def combine(self, partials: list[Any]) -> Any:
        """The answer from the partial results in chunk order."""

    def expression(self, dask: Collections, chunk: int, seed: int) -> Any | None:
        """The lesson's own lines in Dask's collections, unevaluated; ``None`` if there are none and
        the tasks are to be mapped instead."""
        return None

    def evaluate(self, dask: Collections, expression: Any) -> Any:
        """The answer of :meth:`expression`."""
        return dask.compute(expression)[0]

    @abstractmethod
    def check(self, answer: Any) -> str | None:
        """Why *answer* is wrong, or ``None`` (rule 4)."""

    def digest(self, answer: Any) -> str:
        """*answer* as a short text that tells any two apart, to the last bit."""
        return repr(answer)

    def n_chunks(self, chunk: int) -> int:
        """Chunks that the problem is cut into."""
        return math.ceil(self.size / chunk)

    def chunk_shape(self, chunk: int) -> str:
        """The shape of a chunk of *chunk* elements."""
        return str(chunk)

    def wrong_chunk(self, chunk: int) -> str | None:
        """Why the problem cannot be cut into chunks of *chunk* elements, or ``None``."""
        return None

    def nearest_chunk(self, chunk: int) -> int:
        """The chunk nearest to *chunk* elements that the problem can be cut into."""
        return chunk

    def whole_bytes(self) -> int:
        """The most memory that the baseline needs at once."""
        return self.itemsize * self.size

    def chunk_bytes(self, chunk: int) -> int:
        """The most memory that one task needs at once."""
        return self.itemsize * chunk


Calls = Callable[..., Any]
"""Calls a method of an actor by name, with arguments; gives something to ask for the result."""
Results = Callable[[list[Any]], list[Any]]
"""Waits for calls; gives their results in order."""


class Actor:
    """Base of the actors' classes."""

    def probe(self) -> WorkerProbe:
        """What the actor's process says of itself (rule 8)."""
        return probe_worker()


class ActorWorkload(Workload):
    """A workload that talks to actors: objects with state, each at home in one worker."""

    way = "actors"
    actor: ClassVar[type[Actor]]
    """The actors' class: of the installed package, so that workers can import it (rule 10)."""
    noting: ClassVar[type[Actor]]
    """The same actors noting when their calls ran, for rounds that are traced (rule 17)."""

    @abstractmethod
    def converse(self, actors: list[Any], call: Calls, results: Results, chunk: int) -> Any:
        """The answer, from *actors* that may have been talked to before."""

    @abstractmethod
    def n_calls(self, n_actors: int) -> int:
        """Calls that :meth:`converse` makes: each is one task of the scheduler."""
