"""Notes of one traced call: what the caller did, and when each task was handed out and done."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor as Pool
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, time
from typing import Any

from harness.core.errors import MeasureError
from harness.running.executors.actor_host import ActorHost
from harness.running.workloads.stamps import Stamp, read_stamps

SET_SECONDS = 0.001
"""A clock that was set is off by more; one that is slewed takes ``perf_counter`` along."""
READINGS = 5


class Notes:
    """Notes of one call; all times in s of ``perf_counter``.

    Parameters
    ----------
    folder : Path
        Where tasks leave their stamps.

    Attributes
    ----------
    begin, end : float
        Begin and end of the call, building it included.
    phases : list of tuple
        Name, begin and end of what the caller did.
    ready, sent, received : dict of int to float
        Three moments of a task, by its index, as far as the engine tells them: when the scheduler
        could hand it out at the earliest, when it went to a worker (or to the engine where that
        has no scheduler), and when its result was back.
    spans : list of tuple
        What a worker did for a task beside computing it: name, index of the task, begin, end.
    stamps : list of Stamp
        What the tasks themselves noted.
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
        """Begin the caller's *phase*, now or at the moment *at*, and end the one before."""
        now = perf_counter()
        self.leave()
        self._phase = (phase, now if at is None else at)

    def leave(self) -> None:
        """End the caller's phase now, if it is in one."""
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


def clock_ahead() -> float:
    """By how many s the clock on the wall, which some engines note times with, is ahead of
    ``perf_counter``; of several readings the one that was interrupted least."""
    readings = []
    for _ in range(READINGS):
        before, now, after = perf_counter(), time(), perf_counter()
        readings.append((after - before, now - (before + after) / 2))
    return min(readings)[1]


def check_clock(ahead: float) -> None:
    """Refuse what an engine noted by the clock on the wall, which was *ahead* when the call began,
    where that was set since.

    Raises
    ------
    MeasureError
    """
    if abs(clock_ahead() - ahead) > SET_SECONDS:
        raise MeasureError("the clock of this machine was set during the call: trace it again")


@contextmanager
def replaced(holder: Any, **by: Any) -> Iterator[None]:
    """Replace attributes of *holder* inside the ``with`` block, and put the old ones back."""
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
def actors_watched(host: ActorHost, homes: list[Any], notes: Notes) -> Iterator[None]:
    """Note when *host* made each call; the actors at *homes* note themselves when it ran."""
    call, results = host.call, host.results
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
        answers = results(calls)
        now = perf_counter()
        notes.received.update((index, now) for index in range(len(notes.received), len(notes.sent)))
        return answers

    with replaced(host, call=noting, results=waiting):
        yield
    for home in homes:
        (stamps,) = results([call(home, "stamps")])
        notes.stamps += [
            Stamp(*stamp)._replace(task=index)
            for stamp, index in zip(stamps, made[id(home)], strict=True)
        ]
