"""One traced call cut into parts: each moment of each worker is given to one of them (rule 26)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.core.trace_format import TracedCall
from harness.reading.analysis.verdict.estimates import Floats

CALLER = ("build", "optimise", "submit")
"""What the caller does while workers wait for tasks."""
PARTS = (
    "build",
    "optimise",
    "serialise",
    "submit",
    "schedule",
    "transfer",
    "compute",
    "gather",
    "idle",
)
"""The parts of the time budget beside what is unexplained."""

Spans = list[tuple[float, float]]
Flags = NDArray[np.bool_]


def parts(call: TracedCall, lanes: int) -> dict[str, float]:
    """Give each moment of each worker to a part of the call.

    A worker that computes a task is computing. Any other moment of it is given to the first of
    these that holds: it serialises or fetches, as the engine says; the last task of the call has
    ended (``gather``); the caller serialises; a task is on its way to it, or its result on the way
    back (``transfer``); the caller is in a phase of its own (``build``, ``optimise``, ``submit``);
    the scheduler has a task that is ready and not handed out (``schedule``); its next task is not
    handed out yet, or there is none (``idle``). What is left is unexplained: it is the difference,
    so that it is negative where more workers computed at once than there are lanes.

    Parameters
    ----------
    call : TracedCall
    lanes : int
        How many tasks can run at once, P.

    Returns
    -------
    dict of str to float
        Part of :data:`PARTS`, or ``unexplained``, to worker seconds; they sum to
        ``lanes * call.seconds``.
    """
    rows = _Rows(call)
    seconds_of = dict.fromkeys(PARTS, 0.0)
    packed = by_lane(call, lanes)
    for place, tasks in enumerate(packed):
        if place < lanes:
            for part, seconds in rows.lane(tasks).items():
                seconds_of[part] += seconds
        else:
            seconds_of["compute"] += rows.useful(tasks)
    seconds_of["unexplained"] = lanes * call.seconds - sum(seconds_of.values())
    return seconds_of


def useful(call: TracedCall, lanes: int) -> Floats:
    """Seconds that each lane computed.

    Parameters
    ----------
    call : TracedCall
    lanes : int
        How many tasks can run at once, P.

    Returns
    -------
    ndarray of float, shape (lanes or more,)
        The most first.
    """
    rows = _Rows(call)
    return np.array([rows.useful(tasks) for tasks in by_lane(call, lanes)])


def by_lane(call: TracedCall, lanes: int) -> list[list[int]]:
    """Part the tasks of a call by the lane that computed them.

    A lane is a thread. Where an engine used more threads than can run at once, a thread that began
    after another had ended goes on in the lane of that one.

    Parameters
    ----------
    call : TracedCall
    lanes : int
        How many tasks can run at once, P.

    Returns
    -------
    list of list of int
        Places in the lists of ``call.tasks``, in the order of the tasks; the busiest lane first,
        and empty lists where fewer threads than lanes had a task.
    """
    tasks = call.tasks
    own: list[list[int]] = [[] for _ in call.workers]
    for place, worker in enumerate(tasks.worker):
        own[worker].append(place)
    packed: list[list[int]] = []
    for thread in sorted(filter(None, own), key=lambda thread: tasks.start[thread[0]]):
        free = [lane for lane in packed if tasks.end[lane[-1]] <= tasks.start[thread[0]]]
        if len(own) > lanes and free:
            free[0].extend(thread)
        else:
            packed.append(list(thread))
    packed.sort(key=lambda lane: -sum(tasks.end[i] - tasks.start[i] for i in lane))
    return packed + [[] for _ in range(lanes - len(packed))]


class _Rows:
    """The times of a call as arrays, which all of its lanes use."""

    def __init__(self, call: TracedCall) -> None:
        self.call, tasks = call, call.tasks
        self.start, self.end = np.array(tasks.start), np.array(tasks.end)
        self.sent = np.array(tasks.sent, dtype=np.float64)
        self.ready = np.array(tasks.ready, dtype=np.float64)
        self.received = np.array(tasks.received, dtype=np.float64)
        self.worker = np.array(tasks.worker)
        self.last = float(self.end.max())
        self.of_caller = {
            part: [(s.start, s.end) for s in call.spans if s.worker is None and s.part == part]
            for part in (*CALLER, "serialise")
        }

    def useful(self, tasks: list[int]) -> float:
        """Seconds in *tasks*."""
        return float((self.end[tasks] - self.start[tasks]).sum())

    def lane(self, tasks: list[int]) -> dict[str, float]:
        """Seconds of each part in the lane of *tasks*."""
        claims = self._claims(tasks)
        kept = [(part, _merged(spans, self.call.seconds)) for part, spans in claims]
        edges = np.unique(np.concatenate([[0.0, self.call.seconds], *(s.ravel() for _, s in kept)]))
        lengths, middles = np.diff(edges), (edges[1:] + edges[:-1]) / 2
        free = np.ones(middles.size, dtype=bool)
        seconds_of = dict.fromkeys(PARTS, 0.0)
        for part, spans in kept:
            mine = free & _inside(spans, middles)
            seconds_of[part] += float(lengths[mine].sum())
            free &= ~mine
        return seconds_of

    def _claims(self, tasks: list[int]) -> list[tuple[str, Spans]]:
        """The times that each part claims; where claims overlap, the first in the list holds."""
        start, end = self.start[tasks], self.end[tasks]
        sent, received = self.sent[tasks], self.received[tasks]
        before = np.concatenate([[0.0], end[:-1]]) if tasks else start
        after = float(end[-1]) if tasks else 0.0
        own = set(self.worker[tasks].tolist())
        of_workers = [span for span in self.call.spans if span.worker in own]
        on_the_way = [*zip(sent, start, strict=True), *zip(end, received, strict=True)]
        return [
            ("compute", list(zip(start, end, strict=True))),
            ("serialise", [(s.start, s.end) for s in of_workers if s.part == "serialise"]),
            ("transfer", [(s.start, s.end) for s in of_workers if s.part == "transfer"]),
            ("gather", [(self.last, self.call.seconds)]),
            ("serialise", self.of_caller["serialise"]),
            ("transfer", on_the_way),
            *((part, self.of_caller[part]) for part in CALLER),
            ("schedule", list(zip(self.ready, self.sent, strict=True))),
            ("idle", [*zip(before, sent, strict=True), (after, self.last)]),
        ]


def _merged(spans: Iterable[tuple[float, float]], wall: float) -> Floats:
    """Cut *spans* to the call, join those that overlap, and leave out those that are not known.

    Returns
    -------
    ndarray of float, shape (spans, 2)
    """
    times = np.array(list(spans), dtype=np.float64).reshape(-1, 2).clip(0.0, wall)
    times = times[times[:, 0] < times[:, 1]]  # false for what is not known
    times = times[np.argsort(times[:, 0], kind="stable")]
    if not times.size:
        return times
    reach = np.maximum.accumulate(times[:, 1])
    first = np.concatenate([[True], times[1:, 0] > reach[:-1]])
    last = np.concatenate([first[1:], [True]])
    return np.stack([times[first, 0], reach[last]], axis=1)


def _inside(spans: Floats, points: ArrayLike) -> Flags:
    """Whether each of *points* lies in one of the disjoint *spans*."""
    at = np.asarray(points, dtype=np.float64)
    if not spans.size:
        return np.zeros(at.size, dtype=bool)
    place = np.searchsorted(spans[:, 0], at, side="right") - 1
    inside: Flags = (place >= 0) & (at < spans[np.maximum(place, 0), 1])
    return inside
