"""What one traced call gives: the caller's phases, and what became of each task when."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor as Pool
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from harness.running.workloads.stamps import Stamp, read_stamps

if TYPE_CHECKING:
    from harness.running.executors.base import Executor


class Notes:
    """Notes of one call; all times in s of ``perf_counter``.

    Parameters
    ----------
    folder : Path
        Where tasks leave their stamps.

    Attributes
    ----------
    begin, end : float
        The call itself, building its plan included.
    phases : list of tuple
        Name, begin and end of what the caller did.
    ready, sent, received : dict of int to float
        When nothing kept the scheduler from handing a task out any more, when it was handed to a
        worker, or to the engine where that has no scheduler, and when its result was back; by the
        task's index, as far as the engine says so.
    spans : list of tuple
        Name, index of the task, begin and end of what a worker did for a task beside computing it.
    stamps : list of Stamp
        What the tasks noted themselves.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.begin = self.end = 0.0
        self.phases: list[tuple[str, float, float]] = []
        self.ready: dict[int, float] = {}
        self.sent: dict[int, float] = {}
        self.received: dict[int, float] = {}
        self.spans: list[tuple[str, int, float, float]] = []
        self.stamps: list[Stamp] = []
        self._phase: tuple[str, float] | None = None

    def enter(self, phase: str, at: float | None = None) -> None:
        """The caller begins *phase* now, or did *at*, and ends the one before."""
        now = perf_counter()
        self.leave()
        self._phase = (phase, now if at is None else at)

    def leave(self) -> None:
        """The caller ends its phase now; nothing where it is in none."""
        if self._phase is not None:
            self.phases.append((*self._phase, perf_counter()))
            self._phase = None

    @property
    def busy(self) -> bool:
        """Whether the caller is in a phase."""
        return self._phase is not None

    def collect(self) -> None:
        """Read what the tasks have left in the folder."""
        self.stamps += read_stamps(self.folder)


@contextmanager
def replaced(holder: Any, **by: Any) -> Iterator[None]:
    """Attributes of *holder*, replaced for as long as a call is watched."""
    own = vars(holder)
    before = {name: own[name] for name in by if name in own}
    own.update(by)
    try:
        yield
    finally:
        for name in by:
            del own[name]
        own.update(before)


@contextmanager
def pool_watched(pool: Pool, notes: Notes) -> Iterator[None]:
    """Note when each task was submitted to *pool* and when its result was there."""
    submit = pool.submit

    def noting(function: Any, /, *task: Any) -> Future[Any]:
        index = len(notes.sent)  # tasks are submitted in their order, by the pool's own map as well
        notes.sent[index] = perf_counter()
        future = submit(function, *task)
        future.add_done_callback(lambda _: notes.received.__setitem__(index, perf_counter()))
        last[:] = [perf_counter()]
        return future

    last: list[float] = []
    with replaced(pool, submit=noting):
        yield
    if last:
        notes.phases.append(("submit", min(notes.sent.values()), last[0]))


@contextmanager
def actors_watched(executor: Executor, homes: list[Any], notes: Notes) -> Iterator[None]:
    """Note when each call was made; the actors have noted when it ran."""
    call, results = executor.call, executor.results
    made: dict[int, list[int]] = {id(home): [] for home in homes}

    def noting(actor: Any, method: str) -> Any:
        if not notes.busy:
            notes.enter("submit")
        index = len(notes.sent)
        made[id(actor)].append(index)
        notes.sent[index] = perf_counter()
        return call(actor, method)

    def waiting(calls: list[Any]) -> list[Any]:
        notes.leave()
        found = results(calls)
        now = perf_counter()
        notes.received.update((index, now) for index in range(len(notes.received), len(notes.sent)))
        return found

    with replaced(executor, call=noting, results=waiting):
        yield
    for home in homes:
        (stamps,) = results([call(home, "stamps")])
        notes.stamps += [
            Stamp(*stamp)._replace(task=index)
            for stamp, index in zip(stamps, made[id(home)], strict=True)
        ]
