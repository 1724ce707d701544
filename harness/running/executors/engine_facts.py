"""What an executor's class says of its engine before the engine is started, or even imported."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import metadata, util
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

from harness.core.errors import UsageError
from harness.running.executors.program import Program

START_LIMIT_SECONDS = 120.0
SECONDS_FOR_EACH_WORKER = 1.0
"""Workers start side by side, and all read their modules from one file system: each adds so much
to what a start-up, or one answer of all, may take."""


class EngineFacts:
    """Class attributes and class methods that describe an engine; none of them imports it."""

    name: ClassVar[str]
    kind: ClassVar[str]
    """``control``, ``baseline``, ``local threads``, ``local interpreters`` (threads of one process,
    with nothing in common), ``local processes``, ``cluster`` (it starts servers) or ``running
    cluster`` (somebody else started it)."""
    needs_python: ClassVar[tuple[int, int]] = (3, 10)
    """The oldest Python that has it."""
    needs: ClassVar[tuple[str, ...]] = ()
    """Modules that the engine needs; ``chunkbench systems`` shows the version of the first."""
    packages: ClassVar[tuple[str, ...]] = ()
    """Distributions whose versions a run line records, since they can move a result."""
    install: ClassVar[str] = "pip install chunkbench"
    """The command that installs what :attr:`needs` names."""
    lives_in: ClassVar[str | None] = None
    """The environment that is built for it, where its packages do not go with others' or are many:
    a name of ``chunkbench systems --install``. It runs there where that is built, its baseline as
    well; else here, where its packages are installed. ``None``: it runs here."""
    ways: ClassVar[Mapping[str, str]] = MappingProxyType({"tasks": "map"})
    """How it can be used, and the method that does it: ``tasks`` (however it runs many of them),
    ``submit`` (one by one, as futures), ``one-by-one`` (each waited for before the next),
    ``map`` (the engine's own map), ``delayed``, ``collections`` (Dask's array and bag),
    ``actors``, ``dependencies`` (tasks that need the results of others), ``frame`` (a query of a
    table), ``whole`` (a user's function that does the whole by itself, or returns a Dask collection
    that does)."""
    chunked: ClassVar[bool] = True
    """False: computes the whole at once, so that its only chunk is the size."""
    max_workers: ClassVar[int | None] = None
    """The most workers that it can have; ``None`` for any number."""
    pins: ClassVar[tuple[str, ...]] = ("1", "cores", "default")
    """The thread pins that it can run under."""
    awaits: ClassVar[bool] = False
    """True: it is handed the coroutine function of a workload that has one."""
    bundle: ClassVar[int] = 1
    """Tasks that the engine hands to a worker at a time."""
    fresh_processes: ClassVar[bool] = False
    """True: each task has a process of its own, which ends with it, so that a probe is a sample."""
    heard_beyond: ClassVar[str | None] = None
    """What keeps others out of an engine that listens on all networks of the machine, and cannot be
    told otherwise: it runs only where the user names a network."""
    spans_machines: ClassVar[bool] = False
    """True: its workers may be on other machines, and each says on which one it is."""
    central_scheduler: ClassVar[str | None] = None
    """The scheduler that hands every task to workers which may be on many machines, such as
    ``"Ray"``: its costs are forecast for more workers. ``None`` where all workers share one
    machine, or where calls pass the scheduler by."""
    certified: ClassVar[bool] = False
    """True: its processes connect by certificates where other users are to be kept out; see
    :func:`harness.running.executors.options.secured`."""
    among_jobs: ClassVar[bool] = False
    """True: its workers are jobs of a batch system, on nodes that run those of others as well."""
    named_only: ClassVar[bool] = False
    """True: it needs more than packages, such as a batch system; it is swept only where a user
    names it."""
    in_suites: ClassVar[bool] = True
    """False: no suite of ours sweeps it; it is one more of its kind, measured where a user names
    it, and only then is its package asked for and its version recorded."""
    scheme: ClassVar[str] = ""
    """What a user writes before the address of a running cluster that it joins: ``"dask"`` of
    ``dask:tcp://node7:8786``. Empty: it joins none."""
    address: ClassVar[str] = ""
    """The environment variable that has this address."""
    plain_pickle: ClassVar[bool] = False
    """True: what goes to its workers goes through pickle, which needs a name in a module for every
    function and class; other processes get theirs through cloudpickle, which does not."""
    tried: ClassVar[str] = ""
    """The idiom that it stands for where a work of a user's own is tried and no executor is named:
    ``threads``, ``processes``, ``dask`` (as Dask runs it by itself) or ``cluster``. One of each is
    tried first, the others of an idiom while the time lasts. Empty: only by name. Each class says
    it for itself alone: see :meth:`is_tried`."""
    longest_socket: ClassVar[str] = "pymp-12345678/listener-12345678"
    """The longest path of a socket that it makes, from its own folder on; by default that of
    multiprocessing. A whole path may have 107 bytes, so a sweep chooses its folder by it."""
    program: ClassVar[Program | None] = None
    """How a program of one's own uses this engine, for ``chunkbench show --script``."""
    actor_program: ClassVar[Program | None] = None
    """The same for workloads that talk to actors, where that is another program."""

    @classmethod
    def own_program(cls, *, actors: bool) -> Program | None:
        """Return the program that this class itself gives, for *actors* or for tasks.

        A parent's program is never returned: a subclass starts its engine in another way, and a
        script of the parent would show something that was not measured.
        """
        own = vars(cls)
        program: Program | None = own.get("program")
        return own.get("actor_program", program) if actors else program

    @classmethod
    def is_tried(cls, missing: Callable[[Any], str | None] | None = None) -> bool:
        """Say whether this class itself, and not a parent, is :attr:`tried` and can run here, or
        where *missing* says why a class cannot run."""
        if not vars(cls).get("tried"):
            return False
        return (missing(cls) if missing else cls.missing()) is None

    @classmethod
    def shares_items(cls) -> bool:
        """Say whether its workers are threads of its own process, so that nothing is pickled."""
        return cls.kind in ("control", "baseline", "local threads")

    @classmethod
    def missing(cls) -> str | None:
        """Say why this executor cannot run here and how to get it; ``None`` if it can."""
        if sys.version_info < cls.needs_python:
            oldest = ".".join(map(str, cls.needs_python))
            return (
                f"needs Python {oldest} or later: "
                f"chunkbench run --executor {cls.name} --python PATH"
            )
        absent = [name for name in cls.needs if util.find_spec(name) is None]
        if not absent:
            return None
        return f"{', '.join(absent)} not installed: {cls.install}"

    @classmethod
    def version(cls) -> str | None:
        """Return the engine's version, or ``None`` for those that come with Python."""
        return metadata.version(cls.needs[0]) if cls.needs and not cls.missing() else None

    @classmethod
    def environment(cls, scratch: Path, pins: dict[str, str]) -> dict[str, str]:
        """Return variables that the engine must find when its process starts.

        The variables in *pins* are set already.
        """
        return {}

    @classmethod
    def start_limit_seconds(cls, workers: int) -> float:
        """Return how many seconds the engine may take to come up with *workers*."""
        return START_LIMIT_SECONDS + SECONDS_FOR_EACH_WORKER * workers

    @classmethod
    def workers_there(cls) -> int:
        """Return how many workers a running cluster has; of no other engine can that be said."""
        raise UsageError(f"{cls.name} starts its workers itself: choose how many")

    @classmethod
    def launcher(cls, workers: int) -> list[str]:
        """Return the command to put before the engine's program, such as ``mpirun -n 4``; most
        engines need none."""
        return []

    @classmethod
    def takes_part(cls, scratch: Path) -> bool:
        """Serve as one of the engine's own processes, in each process that :meth:`launcher`
        started.

        Returns True when the engine is down, or False at once in the process that is the client.
        """
        return False

    @classmethod
    def cancellation(cls, scratch: Path) -> list[str]:
        """Return the command that cancels what was submitted elsewhere from *scratch*; most
        engines submit nothing."""
        return []
