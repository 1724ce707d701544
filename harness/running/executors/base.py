"""What an executor does: start its engine, build a call, run it, stop."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from harness.core.records import Status, WorkerProbe
from harness.running.executors.built_call import BuiltCall, Layout
from harness.running.executors.engine_facts import EngineFacts
from harness.running.executors.watchable import Watchable
from harness.running.host.pins import probe_worker
from harness.running.workloads.base import ActorWorkload, Task, Workload

PROBE_HOLD_SECONDS = 0.02
PROBE_LIMIT_SECONDS = 20.0


class Executor(EngineFacts, Watchable, ABC):
    """Runs the tasks of a workload.

    A new one defines ``name``, ``kind``, :meth:`start`, :meth:`stop` and :meth:`map`, and imports
    its engine inside methods, so that looking it up costs nothing.

    Parameters
    ----------
    workers : int
        How many tasks can run at once.
    scratch : Path
        A folder for whatever the engine writes; removed after the block.
    dashboard : bool
        Whether to open the engine's dashboard, on the loopback, where it has one.
    """

    def __init__(self, workers: int, scratch: Path, *, dashboard: bool = False) -> None:
        super().__init__()
        self.workers = workers
        self.scratch = scratch
        self.dashboard = dashboard

    @abstractmethod
    def start(self) -> Layout:
        """Bring the engine up, ready for its first call."""

    @abstractmethod
    def stop(self) -> None:
        """Take the engine down; nothing may be left running."""

    @abstractmethod
    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        """Run *function* on each task's arguments; return the results in order."""

    @classmethod
    def refuses(cls, workload: Workload) -> str | None:
        """Say why it cannot run *workload*; ``None`` if it can."""
        return None if workload.way in cls.ways else f"{cls.name} has no {workload.way}"

    @classmethod
    def native(cls, workload: Workload) -> bool:
        """Whether the timed call is the engine's own expression rather than mapped tasks."""
        return False

    def build(self, workload: Workload, chunk: int, seed: int) -> BuiltCall:
        """Build one call of *workload*, ready for :meth:`run`.

        *seed* is new for every call, so that nothing can be cached (rule 5).
        """
        if isinstance(workload, ActorWorkload):
            return BuiltCall(workload, chunk, [], self.actors(workload.actor))
        return BuiltCall(workload, chunk, workload.tasks(chunk, seed))

    def run(self, built: BuiltCall) -> Any:
        """Run a built call and return its answer."""
        workload = built.workload
        if isinstance(workload, ActorWorkload):
            return workload.converse(built.graph, self.call, self.results, built.chunk)
        run_tasks = getattr(self, self.ways[workload.way])
        function = workload.coroutine if self.awaits and workload.coroutine else workload.kernel
        return workload.combine(run_tasks(function, built.tasks))

    def n_tasks(self, built: BuiltCall) -> int:
        """Count the tasks that the scheduler handles for *built*, outside the timed region."""
        if isinstance(built.workload, ActorWorkload):
            return built.workload.n_calls(len(built.graph))
        return len(built.tasks)

    def n_chunks(self, built: BuiltCall) -> int:
        """Count the chunks that *built* is cut into, outside the timed region."""
        return built.workload.n_chunks(built.chunk)

    def probe(self, layout: Layout, workloads: Sequence[Workload]) -> list[WorkerProbe]:
        """Take one probe inside every worker process (rule 8).

        The probes run as tasks, or as calls of the actors where all *workloads* talk to actors.
        Fewer than ``layout.processes`` come back where a worker took no task within 20 s.
        """
        hosted = [workload for workload in workloads if isinstance(workload, ActorWorkload)]
        if hosted and len(hosted) == len(workloads) and self.ways.get("actors") == "actors":
            homes = [home for workload in hosted for home in self.actors(workload.actor)]
            return self.results([self.call(home, "probe") for home in homes])
        probes: dict[tuple[str | None, int], WorkerProbe] = {}
        deadline = time.monotonic() + PROBE_LIMIT_SECONDS
        hold = PROBE_HOLD_SECONDS
        while len(probes) < layout.processes and time.monotonic() < deadline:
            tasks = [(hold, self.spans_machines)] * (2 * self.workers * self.bundle)
            for probe in self.map(probe_worker, tasks):
                probes[probe.host, probe.pid] = probe
            hold *= 2
        return list(probes.values())

    def usage(self) -> list[tuple[str, int, float]] | None:
        """Ask every worker for its node, process id and CPU seconds.

        Returns ``None`` where the workers are on this machine, or cannot be asked.
        """
        return None

    def cause(self, error: BaseException) -> BaseException:
        """Return what a task raised, taken out of the *error* that the engine makes of it."""
        return error

    def status_of(self, error: BaseException) -> Status:
        """Return the status that a case gets when one of its calls raises *error*."""
        return Status.OUT_OF_MEMORY if isinstance(error, MemoryError) else Status.FAILED
