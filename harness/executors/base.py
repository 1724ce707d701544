"""What an executor is: class facts, and start, build a plan, run a plan, stop."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from importlib import metadata, util
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from harness.pins import probe_worker
from harness.records import Status, WorkerProbe
from harness.workloads.base import Task, Workload

PROBE_HOLD_SECONDS = 0.02
PROBE_LIMIT_SECONDS = 20.0


class Layout(NamedTuple):
    """How ``workers`` is split into processes x threads, and the engine settings that matter."""

    processes: int
    threads_per_process: int
    settings: dict[str, object]


class Plan(NamedTuple):
    """A built computation; ``graph`` is the engine's own form, ``None`` where tasks are mapped."""

    workload: Workload
    tasks: list[Task]
    graph: Any = None


class Executor(ABC):
    """Runs the tasks of a workload.

    Class facts say what it is without importing its engine; modules import engines inside methods.

    Parameters
    ----------
    workers : int
        How many tasks can run at once.
    scratch : Path
        A folder for whatever the engine writes; removed after the block.
    """

    name: ClassVar[str]
    kind: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()
    """Modules that the engine needs; the first is the distribution whose version counts."""
    chunked: ClassVar[bool] = True
    """False: computes the whole at once, so that its only chunk is the size."""
    max_workers: ClassVar[int | None] = None
    pins: ClassVar[tuple[str, ...]] = ("1", "cores", "default")
    spans_machines: ClassVar[bool] = False
    install: ClassVar[str] = "pip install chunkbench"

    def __init__(self, workers: int, scratch: Path) -> None:
        self.workers = workers
        self.scratch = scratch

    @classmethod
    def missing(cls) -> str | None:
        """Why this executor cannot run here and how to get it, or ``None``."""
        absent = [name for name in cls.needs if util.find_spec(name) is None]
        if not absent:
            return None
        return f"{', '.join(absent)} not installed: {cls.install}"

    @classmethod
    def version(cls) -> str | None:
        """The engine's version, or ``None`` for those that come with Python."""
        return metadata.version(cls.needs[0]) if cls.needs and not cls.missing() else None

    @classmethod
    def environment(cls, scratch: Path, pins: dict[str, str]) -> dict[str, str]:
        """Variables that the engine must find when its process starts; *pins* are set already."""
        return {}

    @abstractmethod
    def start(self) -> Layout:
        """Bring the engine up, ready for its first call."""

    @abstractmethod
    def stop(self) -> None:
        """Take the engine down; nothing may be left running."""

    @abstractmethod
    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        """Run *function* on each task's arguments; the results in order."""

    def native(self, workload: Workload) -> bool:
        """Whether the timed call is the engine's own expression rather than mapped tasks."""
        return False

    def build(self, workload: Workload, chunk: int, seed: int) -> Plan:
        """The plan for one call; *seed* is new for every call, so nothing is cached (rule 5)."""
        return Plan(workload, workload.tasks(chunk, seed))

    def run(self, plan: Plan) -> Any:
        """The answer."""
        return plan.workload.combine(self.map(plan.workload.kernel, plan.tasks))

    def n_tasks(self, plan: Plan) -> int:
        """Tasks that the scheduler handles for *plan*; counted outside the timed region."""
        return len(plan.tasks)

    def probe(self, layout: Layout) -> list[WorkerProbe]:
        """One probe from inside every worker process, taken in tasks (rule 8).

        Fewer than ``layout.processes`` come back where a worker took no task in 20 s.
        """
        found: dict[int, WorkerProbe] = {}
        deadline = time.monotonic() + PROBE_LIMIT_SECONDS
        hold = PROBE_HOLD_SECONDS
        while len(found) < layout.processes and time.monotonic() < deadline:
            for probe in self.map(probe_worker, [(hold,)] * (2 * self.workers)):
                found[probe.pid] = probe
            hold *= 2
        return list(found.values())

    def cause(self, error: BaseException) -> BaseException:
        """What a task raised, out of the *error* that the engine makes of it."""
        return error

    def status_of(self, error: BaseException) -> Status:
        """The status that *error*, raised by a call, gives the case."""
        return Status.OUT_OF_MEMORY if isinstance(error, MemoryError) else Status.FAILED
