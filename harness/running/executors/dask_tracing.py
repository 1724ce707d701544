"""What Dask says of its tasks: noting graphs, callbacks, transitions, and its own pages."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from importlib import util
from pathlib import Path
from time import perf_counter, time
from typing import Any

import dask
from dask._task_spec import Task as Node
from dask.base import collections_to_expr
from dask.callbacks import Callback
from dask.multiprocessing import _dumps
from distributed.diagnostics.plugin import SchedulerPlugin

from harness.running.executors.base import Page
from harness.running.executors.dask_local import DaskCollections
from harness.running.executors.noting import Notes
from harness.running.workloads.stamps import SERIALISE, note, stamped

MOST_NODES = 2_000
"""A larger graph is no picture that anybody can read, and takes Graphviz minutes."""
SPANS = {"transfer": "transfer", "deserialize": "transfer"}
"""What a worker of the distributed scheduler says it did for a task, and the part of the time
budget that it is."""

Key = Hashable


class NotingCollections(DaskCollections):
    """Collections whose tasks note when they ran.

    Parameters
    ----------
    options : mapping
        Arguments of every ``compute``.
    notes : Notes
    index : dict
        Key of a task to its index. Tasks that note by themselves are in it; where it is empty, the
        optimised graph's tasks are made to, and entered.
    """

    def __init__(self, options: Mapping[str, Any], notes: Notes, index: dict[Key, int]) -> None:
        super().__init__(options)
        self.notes, self.index = notes, index
        self.prepared = bool(index)
        self.entered = 0
        self.needs: dict[Key, set[Key]] = {}
        """Of each node, the nodes that it needs."""

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
        """The *collections* optimised, with every task of theirs wrapped."""
        made: dict[Key, Any] = {}
        self.index.clear()
        return [self._wrapped(one, made) for one in dask.optimize(*collections)]

    def _wrapped(self, collection: Any, made: dict[Key, Any]) -> Any:
        for key, node in collection.__dask_graph__().items():
            if key in made:
                continue
            self.needs[key] = set(node.dependencies)
            if type(node) is Node:  # neither data, nor a name for another task, nor a container
                index = self.index[key] = self.entered
                self.entered += 1
                arguments = (str(self.notes.folder), index, node.func, *node.args)
                made[key] = Node(key, stamped, *arguments, **node.kwargs)
            else:
                made[key] = node
        graph = {key: made[key] for key in collection.__dask_graph__()}
        rebuild, arguments = collection.__dask_postpersist__()
        return rebuild(graph, *arguments)


class LocalWatch(Callback):  # type: ignore[misc]
    """Notes when a local scheduler can hand a task out, does so, and has its result."""

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
    """Dask's own serialising of tasks and results, noted."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)

    def __call__(self, value: Any) -> bytes:
        """*value* as bytes."""
        start = perf_counter()
        found: bytes = _dumps(value)
        end = perf_counter()
        note(self.folder, SERIALISE, int(start * 1e9), int(end * 1e9), 0)
        return found


class ClusterWatch(SchedulerPlugin):  # type: ignore[misc]
    """Notes the transitions of tasks, in the scheduler, which is in the client's process."""

    name = "chunkbench-trace"

    def __init__(self, notes: Notes, index: dict[Key, int]) -> None:
        self.notes, self.index = notes, index
        self.unknown: list[tuple[str, Key, float, float]] = []
        self.ahead = time() - perf_counter()

    def update_graph(self, *_: Any, **__: Any) -> None:
        """The scheduler has the graph."""
        self.notes.leave()

    def transition(self, key: Key, start: str, finish: str, *_: Any, **more: Any) -> None:
        """One task goes from state *start* to *finish*."""
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
        """Into the notes: now, since a key may come back in the next ``compute``; or, for a future
        whose key the client does not know yet, later."""
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

    def tell(self) -> None:
        """Enter what was seen of tasks whose keys have become known since."""
        late, self.unknown = self.unknown, []
        for what in late:
            self._enter(*what)


@contextmanager
def cluster_watched(
    scheduler: Any, client: Any, notes: Notes, index: dict[Key, int]
) -> Iterator[None]:
    """Watch a cluster whose *scheduler* is in this process."""
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
    watch.tell()


def profile_page(run: Callable[[], Any], folder: Path) -> Page:
    """Dask's page of its Profiler, ResourceProfiler and CacheProfiler over *run*."""
    from dask.diagnostics import (  # noqa: PLC0415
        CacheProfiler,
        Profiler,
        ResourceProfiler,
        visualize,
    )

    path = folder / "dask-profile.html"
    with Profiler() as tasks, ResourceProfiler(dt=0.05) as resources, CacheProfiler() as cache:
        run()
    visualize([tasks, resources, cache], str(path), show=False, save=True, mode="inline")
    return Page(path.name)


def performance_report(run: Callable[[], Any], folder: Path) -> Page:
    """The lesson's ``performance_report`` over *run*."""
    from distributed import performance_report as report  # noqa: PLC0415

    path = folder / "performance-report.html"
    with report(filename=str(path), mode="inline"):
        run()
    # All but its icon is in the page: it is to be read without a network.
    page = re.sub(r'<link rel="shortcut icon"[^>]*>', "", path.read_text("utf-8"))
    path.write_text(page, encoding="utf-8")
    return Page(path.name)


def graph_picture(collections: tuple[Any, ...], folder: Path) -> Page:
    """The optimised graph of *collections*, drawn by Graphviz."""
    if util.find_spec("graphviz") is None:
        return Page(None, "the package graphviz is not installed: pip install graphviz")
    if shutil.which("dot") is None:
        return Page(None, "Graphviz's dot is not installed: apt install graphviz")
    nodes = len(collections)  # at least; putting so many together to count takes Dask minutes
    if nodes <= MOST_NODES:
        nodes = len(collections_to_expr(collections).optimize().__dask_graph__())
    if nodes > MOST_NODES:
        return Page(
            None,
            f"{nodes} nodes make no readable picture, {MOST_NODES} do: take larger chunks",
        )
    path = folder / "task-graph.svg"
    dask.visualize(*collections, filename=str(path), optimize_graph=True, engine="graphviz")
    return Page(path.name)
