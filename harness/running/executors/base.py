"""What an executor is: class facts, and start, build a plan, run a plan, stop."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import metadata, util
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

from harness.core.records import Status, WorkerProbe
from harness.running.executors.noting import Notes, actors_watched
from harness.running.host.pins import probe_worker
from harness.running.workloads.base import ActorWorkload, Task, Workload
from harness.running.workloads.stamps import with_stamps

START_LIMIT_SECONDS = 120.0
PROBE_HOLD_SECONDS = 0.02
PROBE_LIMIT_SECONDS = 20.0
PAGES = MappingProxyType(
    {
        "performance report": "only Dask's distributed scheduler makes it",
        "profile": "only Dask's local schedulers make it",
        "task graph": "there is no graph: the tasks are mapped",
        "timeline": "only Ray makes it",
    }
)
"""The pages that engines make of a call, and why an executor that says nothing makes none."""


class Layout(NamedTuple):
    """How ``workers`` is split into processes x threads, and the engine settings that matter."""

    processes: int
    threads_per_process: int
    settings: dict[str, object]


class Plan(NamedTuple):
    """A built computation; ``graph`` is the engine's own form, ``None`` where there is none."""

    workload: Workload
    chunk: int
    tasks: list[Task]
    graph: Any = None


class Page(NamedTuple):
    """A file that an engine made of a call, or the reason why it made none."""

    file: str | None
    reason: str | None = None


def page(make: Callable[[], Page]) -> Page:
    """The page that *make* gives, or why it fails: a page less costs nothing else."""
    try:
        return make()
    except Exception as error:  # noqa: BLE001 - whatever a library raises is the reason
        said = str(error).strip().splitlines() or [""]
        return Page(None, f"{type(error).__name__}: {said[0]}")


class Executor(ABC):
    """Runs the tasks of a workload.

    Class facts say what it is without importing its engine; modules import engines inside methods.

    Parameters
    ----------
    workers : int
        How many tasks can run at once.
    scratch : Path
        A folder for whatever the engine writes; removed after the block.
    dashboard : bool
        Whether to open the engine's dashboard, on the loopback, where it has one.
    """

    name: ClassVar[str]
    kind: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()
    """Modules that the engine needs; the first is the distribution whose version counts."""
    ways: ClassVar[Mapping[str, str]] = MappingProxyType({"tasks": "map"})
    """How it can be used, and the method that does it: ``tasks`` (however it runs many of them),
    ``submit`` (one by one, as futures), ``one-by-one`` (each waited for before the next),
    ``map`` (the engine's own map), ``delayed``, ``collections`` (Dask's array and bag),
    ``actors``, ``dependencies`` (tasks that need the results of others)."""
    chunked: ClassVar[bool] = True
    """False: computes the whole at once, so that its only chunk is the size."""
    max_workers: ClassVar[int | None] = None
    pins: ClassVar[tuple[str, ...]] = ("1", "cores", "default")
    bundle: ClassVar[int] = 1
    """Tasks that the engine hands to a worker at a time."""
    spans_machines: ClassVar[bool] = False
    """Whether its workers may be on other machines; each then says on which it is."""
    named_only: ClassVar[bool] = False
    """True: it needs more than packages, such as a batch system; it is swept only where a user
    names it."""
    install: ClassVar[str] = "pip install chunkbench"

    def __init__(self, workers: int, scratch: Path, *, dashboard: bool = False) -> None:
        self.workers = workers
        self.scratch = scratch
        self.dashboard = dashboard
        self.hosted: dict[type, list[Any]] = {}

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

    @classmethod
    def start_limit_seconds(cls) -> float:
        """How long it may take to bring the engine up."""
        return START_LIMIT_SECONDS

    @classmethod
    def launcher(cls, workers: int) -> list[str]:
        """The command in front of the engine's program, such as ``mpirun -n 4``; mostly none."""
        return []

    @classmethod
    def takes_part(cls, scratch: Path) -> bool:
        """What a process of :meth:`launcher` does: whether it was one of the engine's own, which
        returns when the engine is down, and not the client."""
        return False

    @classmethod
    def cancellation(cls, scratch: Path) -> list[str]:
        """The command that cancels what was submitted elsewhere from *scratch*; mostly none."""
        return []

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
        if isinstance(workload, ActorWorkload):
            return Plan(workload, chunk, [], self.actors(workload.actor))
        return Plan(workload, chunk, workload.tasks(chunk, seed))

    def run(self, plan: Plan) -> Any:
        """The answer."""
        workload = plan.workload
        if isinstance(workload, ActorWorkload):
            return workload.converse(plan.graph, self.call, self.results, plan.chunk)
        each = getattr(self, self.ways[workload.way])
        return workload.combine(each(workload.kernel, plan.tasks))

    def traced(self, workload: Workload, chunk: int, seed: int, notes: Notes) -> Any:
        """The answer of one call whose tasks note when they ran, watched as it goes (rules 17 and
        26); *notes* takes in what was seen."""
        noting = with_stamps(workload, notes.folder)
        began = time.perf_counter()
        plan = self.build(noting, chunk, seed)
        building = time.perf_counter() - began
        with self.watched(plan, notes):
            begin = time.perf_counter()
            answer = self.run(plan)
            notes.end = time.perf_counter()
        notes.begin = begin - building
        notes.phases.append(("build", notes.begin, begin))
        notes.collect()
        return answer

    @contextmanager
    def watched(self, plan: Plan, notes: Notes) -> Iterator[None]:
        """Listen to the engine while *plan* runs inside; what comes after counts no longer."""
        if isinstance(plan.workload, ActorWorkload) and plan.graph is not None:
            with actors_watched(self, plan.graph, notes):
                yield
        else:
            yield

    def untold(self, workload: Workload) -> dict[str, str]:
        """The parts of the time budget that cannot be told apart here: why, or in which other part
        their time is."""
        if isinstance(workload, ActorWorkload):
            return {"optimise": "no graph", "serialise": "in submit", "schedule": "in transfer"}
        parts = ("optimise", "serialise", "submit", "schedule", "transfer")
        return dict.fromkeys(parts, "in unexplained")

    def pages(self, workload: Workload, chunk: int, seed: int, folder: Path) -> dict[str, Page]:
        """Have the engine make its own pages of a call in *folder*, each of a call of its own."""
        return {name: Page(None, reason) for name, reason in PAGES.items()}

    def n_tasks(self, plan: Plan) -> int:
        """Tasks that the scheduler handles for *plan*; counted outside the timed region."""
        if isinstance(plan.workload, ActorWorkload):
            return plan.workload.n_calls(len(plan.graph))
        return len(plan.tasks)

    def actors(self, actor: type) -> list[Any]:
        """One actor of the class *actor* a worker; made once and kept for every later call.

        Raises
        ------
        NotImplementedError
            Where ``actors`` is none of this executor's :attr:`ways`.
        """
        if actor not in self.hosted:
            self.hosted[actor] = self.host(actor)
        return self.hosted[actor]

    def host(self, actor: type) -> list[Any]:
        """Make one actor of the class *actor* a worker."""
        raise NotImplementedError(f"{self.name} has no actors")

    def call(self, actor: Any, method: str) -> Any:
        """Call a method of an actor; gives something for :meth:`results`."""
        raise NotImplementedError(f"{self.name} has no actors")

    def results(self, calls: list[Any]) -> list[Any]:
        """Wait for *calls*; their results in order."""
        raise NotImplementedError(f"{self.name} has no actors")

    def probe(self, layout: Layout, workloads: Sequence[Workload]) -> list[WorkerProbe]:
        """One probe from inside every worker process, taken in tasks, or in calls of the actors
        where *workloads* only talk to actors (rule 8).

        Fewer than ``layout.processes`` come back where a worker took no task in 20 s.
        """
        hosted = [workload for workload in workloads if isinstance(workload, ActorWorkload)]
        if hosted and len(hosted) == len(workloads) and self.ways.get("actors") == "actors":
            homes = [home for workload in hosted for home in self.actors(workload.actor)]
            return self.results([self.call(home, "probe") for home in homes])
        found: dict[tuple[str | None, int], WorkerProbe] = {}
        deadline = time.monotonic() + PROBE_LIMIT_SECONDS
        hold = PROBE_HOLD_SECONDS
        while len(found) < layout.processes and time.monotonic() < deadline:
            tasks = [(hold, self.spans_machines)] * (2 * self.workers * self.bundle)
            for probe in self.map(probe_worker, tasks):
                found[probe.host, probe.pid] = probe
            hold *= 2
        return list(found.values())

    def usage(self) -> list[tuple[str, int, float]] | None:
        """Node, process and CPU seconds of every worker, asked of themselves where they may be on
        other machines; ``None`` where they cannot be asked."""
        return None

    def cause(self, error: BaseException) -> BaseException:
        """What a task raised, out of the *error* that the engine makes of it."""
        return error

    def status_of(self, error: BaseException) -> Status:
        """The status that *error*, raised by a call, gives the case."""
        return Status.OUT_OF_MEMORY if isinstance(error, MemoryError) else Status.FAILED
