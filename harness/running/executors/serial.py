"""The controls (rule 3): NumPy without chunks, and the chunks without a scheduler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from harness.running.executors.base import Executor
from harness.running.executors.built_call import BuiltCall, Layout
from harness.running.executors.program import Program
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
_EACH_TASK = "[KERNEL(*task) for task in tasks]"
_SCRIPT = Program(
    dict.fromkeys(EVERY_WAY, _EACH_TASK) | {"dependencies": "linked(KERNEL, tasks)"},
)


class SerialReplay(Executor):
    """Runs the same chunks one after the other: the cost of chunking without scheduling."""

    name = "serial-replay"
    kind = "control"
    ways = dict.fromkeys(EVERY_WAY, "map") | {"dependencies": "dependent"}
    max_workers: ClassVar[int | None] = 1
    program: ClassVar[Program | None] = _SCRIPT

    def start(self) -> Layout:
        return Layout(1, 1, {})

    def stop(self) -> None:
        """Nothing was started."""

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        return [function(*task) for task in tasks]

    def dependent(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        """Call the tasks in their order: each comes after those that it needs."""
        return linked(function, tasks)

    def build(self, workload: Workload, chunk: int, seed: int) -> BuiltCall:
        return BuiltCall(workload, chunk, workload.tasks(chunk, seed))

    def run(self, built: BuiltCall) -> Any:
        run_tasks = getattr(self, self.ways[built.workload.way])
        return built.workload.combine(run_tasks(built.workload.kernel, built.tasks))

    def n_tasks(self, built: BuiltCall) -> int:
        return len(built.tasks)

    def unmeasured_parts(self, workload: Workload) -> dict[str, str]:
        parts = ("optimise", "serialise", "submit", "schedule", "transfer")
        return dict.fromkeys(parts, "nothing of the kind happens")


class Numpy(SerialReplay):
    """Computes the whole array at once on one thread.

    It does what the baseline does, so their ratio shows what the measurement itself adds.
    """

    name = "numpy"
    kind = "baseline"
    chunked = False
    program = _SCRIPT

    def build(self, workload: Workload, chunk: int, seed: int) -> BuiltCall:
        return BuiltCall(workload, chunk, [(seed,)])

    def run(self, built: BuiltCall) -> Any:
        ((seed,),) = built.tasks
        return built.workload.whole(seed)


class Serial(Numpy):
    """Computes the whole in one process as its user does without an engine: the plain loop of a
    work of one's own. Under the pin ``default`` its libraries take the threads that they like.
    """

    name = "serial"
    ways = SerialReplay.ways | {"whole": "map"}
    program = _SCRIPT


class NumpyThreads(Numpy):
    """Computes the whole array at once with native threads on all cores.

    ``verdict_vs_all_cores`` compares every other case with it (rule 1).
    """

    name = "numpy-threads"
    max_workers = None
    program = _SCRIPT
    pins = ("cores",)
