"""What engines with frames have in common: they keep a table, and run queries of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from harness.core.records import WorkerProbe
from harness.running.executors.base import Executor
from harness.running.executors.built_call import BuiltCall, Layout
from harness.running.host.pins import probe_worker
from harness.running.workloads.base import Task, Workload
from harness.running.workloads.frame_groupby import FrameGroupby, factor_of, table

if TYPE_CHECKING:
    import pandas as pd


class FrameQuery(NamedTuple):
    """One call: a frame in the engine's own form, and what its values are multiplied with."""

    frame: Any
    factor: float


class FrameExecutor(Executor):
    """Base of the engines with frames.

    A new one defines :meth:`load` and :meth:`grouped`, in the engine's own idiom: their lines are
    those that a user writes.
    """

    ways: ClassVar[Mapping[str, str]] = {"frame": "map"}
    named_only = True  # no suite has a frame
    in_suites = False
    pins = ("1",)  # of a query; the engine's own threads are its workers

    @abstractmethod
    def load(self, rows: pd.DataFrame, chunk: int) -> Any:
        """*rows* in the engine's own form, *chunk* of them in a partition where it has any."""

    @abstractmethod
    def grouped(self, frame: Any, factor: float) -> Any:
        """Sum and mean by key of the values times *factor*: columns ``key``, ``total``, ``mean``,
        in any order of rows."""

    @classmethod
    def native(cls, workload: Workload) -> bool:
        return isinstance(workload, FrameGroupby) or super().native(workload)

    def build(self, workload: Workload, chunk: int, seed: int) -> BuiltCall:
        """Build one call; the frame is loaded for the first one of its kind alone."""
        if not isinstance(workload, FrameGroupby):
            return super().build(workload, chunk, seed)
        kept = self.__dict__.setdefault("frames", {})
        if (workload.size, chunk) not in kept:
            kept[workload.size, chunk] = self.load(table(workload.size), chunk)
        query = FrameQuery(kept[workload.size, chunk], factor_of(seed))
        return BuiltCall(workload, chunk, [], query)

    def run(self, built: BuiltCall) -> Any:
        workload, query = built.workload, built.graph
        if not isinstance(workload, FrameGroupby):
            return super().run(built)
        found = self.grouped(*query)
        return workload.answer(query.factor, found["key"], found["total"], found["mean"])

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        """Call *function* here: most such engines run queries, and no functions."""
        return [function(*task) for task in tasks]

    def probe(self, layout: Layout, workloads: Sequence[Workload]) -> list[WorkerProbe]:
        return [probe_worker()]

    def unmeasured_parts(self, workload: Workload) -> dict[str, str]:
        parts = ("optimise", "serialise", "submit", "schedule", "transfer")
        return dict.fromkeys(parts, "in unexplained")

    def n_tasks(self, built: BuiltCall) -> int:
        """Count a task for each partition: what engines make of them is their own."""
        if isinstance(built.workload, FrameGroupby):
            return self.n_chunks(built)
        return super().n_tasks(built)


class InProcessFrames(FrameExecutor):
    """Base of the engines whose threads are in the caller's process, and cut the rows themselves,
    so that the only chunk is the size."""

    kind = "local threads"
    chunked = False

    def layout(self, **settings: object) -> Layout:
        """The layout: one process, whose threads are the engine's own."""
        return Layout(1, self.workers, settings)
