"""NumPy without chunks, and the chunks without a scheduler: the controls (rule 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from harness.running.executors.base import Executor, Layout, Plan
from harness.running.workloads.base import Task, Workload, linked

EVERY_WAY = (
    "tasks",
    "submit",
    "one-by-one",
    "map",
    "delayed",
    "collections",
    "actors",
    "dependencies",
)


class SerialReplay(Executor):
    """The same chunks, one after the other: the cost of chunking without that of scheduling."""

    name = "serial-replay"
    kind = "control"
    ways = dict.fromkeys(EVERY_WAY, "map") | {"dependencies": "dependent"}
    max_workers: ClassVar[int | None] = 1

    def start(self) -> Layout:
        return Layout(1, 1, {})

    def stop(self) -> None:
        """Nothing was started."""

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        return [function(*task) for task in tasks]

    def dependent(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        """In their order: each task comes after those that it needs."""
        return linked(function, tasks)

    def build(self, workload: Workload, chunk: int, seed: int) -> Plan:
        return Plan(workload, chunk, workload.tasks(chunk, seed))

    def run(self, plan: Plan) -> Any:
        each = getattr(self, self.ways[plan.workload.way])
        return plan.workload.combine(each(plan.workload.kernel, plan.tasks))

    def n_tasks(self, plan: Plan) -> int:
        return len(plan.tasks)

    def untold(self, workload: Workload) -> dict[str, str]:
        none = ("optimise", "serialise", "submit", "schedule", "transfer")
        return dict.fromkeys(none, "nothing of the kind happens")


class Numpy(SerialReplay):
    """The whole array at once on one thread: against the baseline it is the A/A control."""

    name = "numpy"
    kind = "baseline"
    chunked = False

    def build(self, workload: Workload, chunk: int, seed: int) -> Plan:
        return Plan(workload, chunk, [(seed,)])

    def run(self, plan: Plan) -> Any:
        ((seed,),) = plan.tasks
        return plan.workload.whole(seed)


class NumpyThreads(Numpy):
    """The whole array at once with native threads on all cores, which ``verdict_vs_all_cores``
    judges against (rule 1)."""

    name = "numpy-threads"
    max_workers = None
    pins = ("cores",)
