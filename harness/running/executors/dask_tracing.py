"""Note when Dask's tasks are handed out, run and done, on its local schedulers and on a cluster."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import dask
from dask._task_spec import Task as Node
from dask.callbacks import Callback
from dask.multiprocessing import _dumps
from distributed.diagnostics.plugin import SchedulerPlugin

from harness.running.executors.dask_collections import DaskCollections
from harness.running.executors.dask_graph import needed_by, with_nodes
from harness.running.executors.noting import Notes, check_clock, clock_ahead
from harness.running.workloads.stamps import SERIALISE, note, stamped

SPANS = {"transfer": "transfer", "deserialize": "transfer"}
"""What a worker of the distributed scheduler says it did for a task, and the part of the time
budget that this belongs to."""

Key = Hashable


class NotingCollections(DaskCollections):
    """Collections whose tasks note when they ran.

    Parameters
    ----------
    options : mapping
        Arguments of every ``compute``.
    notes : Notes
    index : dict
        Key of a task to its index. If it has tasks, these note by themselves. If it is empty, every
        task of the optimised graph is wrapped so that it notes, and entered here.
    """

    def __init__(self, options: Mapping[str, Any], notes: Notes, index: dict[Key, int]) -> None:
        super().__init__(options)
        self.notes, self.index = notes, index
        self.prepared = bool(index)
        self.entered = 0
        self.needs: dict[Key, set[Key]] = {}
        """Key of each node to the keys of the nodes that it needs."""

    def compute(self, *collections: Any) -> tuple[Any, ...]:
        self.notes.enter("optimise")
        if self.prepared:
            return super().compute(*collections)
        return tuple(dask.compute(*self._noting(collections), optimize_graph=False, **self.options))

    def persist(self, collection: Any) -> Any:
        self.notes.enter("optimise")
        (noting,) = self._noting((collection,))
        return super().persist(noting)

    def _noting(self, collections: tuple[Any, ...]) -> list[Any]:
        """Optimise *collections* and wrap each of their tasks."""
        self.index.clear()
        return with_nodes(dask.optimize(*collections), self._wrapped)

    def _wrapped(self, key: Key, node: Any) -> Any:
        self.needs[key] = set(needed_by(node))
        if type(node) is not Node:  # data, or a name for another task, or a container
            return node
        index = self.index[key] = self.entered
        self.entered += 1
        arguments = (str(self.notes.folder), index, node.func, *node.args)
        return Node(key, stamped, *arguments, **node.kwargs)


class LocalWatch(Callback):  # type: ignore[misc]
    """Notes when a local scheduler could hand a task out, when it did, and when its result came."""

    def __init__(self, notes: Notes, index: dict[Key, int], needs: dict[Key, set[Key]]) -> None:
        self.notes, self.index, self.needs = notes, index, needs
        self.back: dict[Key, float] = {}
        self.begun = 0.0
        super().__init__(start=self._begun, pretask=self._handed_out, posttask=self._came_back)

    def _begun(self, _graph: Any) -> None:
        self.notes.leave()
        self.back.clear()
        self.begun = perf_counter()

    def _handed_out(self, key: Key, _graph: Any, _state: Any) -> None:
        if key in self.index:
            index, now = self.index[key], perf_counter()
            came = (self.back.get(need, self.begun) for need in self.needs.get(key, ()))
            self.notes.ready[index] = max(came, default=self.begun)
            self.notes.sent[index] = now

    def _came_back(self, key: Key, *_: Any) -> None:
        self.back[key] = now = perf_counter()
        if key in self.index:
            self.notes.received[self.index[key]] = now


class NotingDumps:
    """Serialises tasks and results as Dask does, and notes how long that takes."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)

    def __call__(self, value: Any) -> bytes:
        """Return *value* as bytes."""
        start = perf_counter()
        serialised: bytes = _dumps(value)
        end = perf_counter()
        note(self.folder, SERIALISE, int(start * 1e9), int(end * 1e9), 0)
        return serialised


class ClusterWatch(SchedulerPlugin):  # type: ignore[misc]
    """Notes the transitions of tasks, inside a scheduler that is in the client's process."""

    name = "chunkbench-trace"

    def __init__(self, notes: Notes, index: dict[Key, int]) -> None:
        self.notes, self.index = notes, index
        self.unknown: list[tuple[str, Key, float, float]] = []
        self.ahead = clock_ahead()

    def update_graph(self, *_: Any, **__: Any) -> None:
        """Note that the scheduler has the graph."""
        self.notes.leave()

    def transition(self, key: Key, start: str, finish: str, *_: Any, **more: Any) -> None:
        """Note that the task *key* goes from state *start* to *finish*."""
        now = perf_counter()
        if finish in ("queued", "processing"):
            self._enter("ready", key, now, now)
        if finish == "processing":
            self._enter("sent", key, now, now)
        elif (start, finish) == ("processing", "memory"):
            self._enter("received", key, now, now)
            for span in more.get("startstops", ()):
                if span["action"] in SPANS:
                    times = (span["start"] - self.ahead, span["stop"] - self.ahead)
                    self._enter(SPANS[span["action"]], key, *times)

    def _enter(self, what: str, key: Key, start: float, end: float) -> None:
        """Enter what was seen of a task into the notes.

        This happens at once, since the next ``compute`` may use the same key. Only what was seen
        of a future whose key the client does not know yet is kept for :meth:`enter_late`.
        """
        index = self.index.get(key)
        if index is None:
            self.unknown.append((what, key, start, end))
        elif what == "ready":
            self.notes.ready[index] = min(start, self.notes.ready.get(index, start))
        elif what == "sent":
            self.notes.sent[index] = start
        elif what == "received":
            self.notes.received[index] = start
        else:
            self.notes.spans.append((what, index, start, end))

    def enter_late(self) -> None:
        """Enter what was seen of tasks whose keys have become known since."""
        late, self.unknown = self.unknown, []
        for seen in late:
            self._enter(*seen)


@contextmanager
def cluster_watched(
    scheduler: Any, client: Any, notes: Notes, index: dict[Key, int]
) -> Iterator[None]:
    """Watch a cluster inside the ``with`` block; its *scheduler* is in this process."""
    get = client.get

    def noting(*arguments: Any, **options: Any) -> Any:
        notes.enter("submit")
        return get(*arguments, **options)

    watch = ClusterWatch(notes, index)
    scheduler.add_plugin(watch)
    client.get = noting
    try:
        yield
    finally:
        del client.get
        scheduler.remove_plugin(watch.name)
    check_clock(watch.ahead)
    watch.enter_late()
