"""MPI without Dask: ``mpi4py.futures``, and the same program on every rank."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from harness.core.extras import installing
from harness.running.executors.base import Executor
from harness.running.executors.built_call import BuiltCall, Layout
from harness.running.executors.mpi_ranks import MpiRanks
from harness.running.executors.noting import Notes, pool_watched
from harness.running.executors.program import Program
from harness.running.workloads.base import Task, Workload

ROOT = 0
"""The rank that makes the calls."""
_MAPPED = "list(pool.starmap(KERNEL, tasks))"


class MpiAlone(MpiRanks, Executor):
    """Base of the executors that need an MPI and nothing else."""

    kind = "cluster"
    needs = ("mpi4py",)
    packages = ("mpi4py",)
    install = installing("hpc")
    in_suites = False
    plain_pickle = True


class MpiPool(MpiAlone):
    """Runs ``pool.starmap`` of ``mpi4py.futures``, one task in a message, in ``workers + 1`` ranks.

    Rank 0 hands the tasks out. The others look for one every millisecond at the latest, which is
    mpi4py's own choice: MPI itself would keep their cores busy while they wait.
    """

    name = "mpi-pool"
    more_ranks = 1
    ways: ClassVar[Mapping[str, str]] = {"tasks": "map", "map": "map", "submit": "submit"}
    program = Program(
        {
            **dict.fromkeys(("tasks", "map"), _MAPPED),
            "submit": "[made.result() for made in [pool.submit(KERNEL, *task) for task in tasks]]",
        },
        imports=("from mpi4py.futures import MPIPoolExecutor",),
        handle="pool",
        opening="with MPIPoolExecutor(WORKERS) as pool:",
        launched="mpirun -n 1",
    )

    pool: Any

    @classmethod
    def takes_part(cls, scratch: Path) -> bool:
        from mpi4py import MPI  # noqa: PLC0415
        from mpi4py.futures import MPICommExecutor  # noqa: PLC0415

        if MPI.COMM_WORLD.Get_rank() == ROOT:
            return False
        with MPICommExecutor(MPI.COMM_WORLD, root=ROOT):
            pass  # serves tasks until rank 0 shuts the pool down
        return True

    def start(self) -> Layout:
        from mpi4py import MPI  # noqa: PLC0415
        from mpi4py.futures import MPICommExecutor  # noqa: PLC0415

        self.opened = MPICommExecutor(MPI.COMM_WORLD, root=ROOT)
        self.pool = self.opened.__enter__()
        self.pool.bootup(wait=True)
        return Layout(self.workers, 1, self.ranks_of(self.workers) | {"chunksize": 1})

    def stop(self) -> None:
        self.opened.__exit__(None, None, None)

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        return list(self.pool.starmap(function, tasks, chunksize=1))

    def submit(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        """Call ``pool.submit`` for each task, then wait for each result."""
        return [made.result() for made in [self.pool.submit(function, *task) for task in tasks]]

    @contextmanager
    def watched(self, built: BuiltCall, notes: Notes) -> Iterator[None]:
        with super().watched(built, notes), pool_watched(self.pool, notes):
            yield

    def unmeasured_parts(self, workload: Workload) -> dict[str, str]:
        return {"optimise": "no graph", "schedule": "in transfer", "serialise": "in transfer"}


class MpiSpmd(MpiAlone):
    """Runs one program on all ranks: each takes every P-th task, and rank 0 gathers the results.

    There is no scheduler: which rank runs what is known beforehand. The tasks are sent to all ranks
    by ``bcast``, results come back by ``gather``; rank 0 works too. Between calls the other ranks
    sleep until a byte comes through a pipe, since MPI would keep their cores busy while they wait:
    that byte is part of the time of a call.
    """

    name = "mpi-spmd"
    more_ranks = 0
    ways: ClassVar[Mapping[str, str]] = {"tasks": "map", "map": "map"}
    program = Program(
        dict.fromkeys(
            ("tasks", "map"),
            "ranks.gather([KERNEL(*task) for task in tasks[ranks.rank :: ranks.size]])",
        ),
        imports=("from mpi4py import MPI",),
        start="ranks = MPI.COMM_WORLD",
        launched="mpirun -n WORKERS",
    )

    @classmethod
    def takes_part(cls, scratch: Path) -> bool:
        from mpi4py import MPI  # noqa: PLC0415

        ranks = MPI.COMM_WORLD
        if ranks.Get_rank() == ROOT:
            return False
        place = _turn(scratch, ranks.Get_rank())
        os.mkfifo(place, 0o600)
        ranks.Barrier()
        with place.open("rb", buffering=0) as turn:
            while turn.read(1):  # nothing comes where rank 0 has closed it
                _share(ranks)
        return True

    def start(self) -> Layout:
        from mpi4py import MPI  # noqa: PLC0415

        self.ranks = MPI.COMM_WORLD
        self.ranks.Barrier()
        others = range(1, self.ranks.Get_size())
        self.turns = [os.open(_turn(self.scratch, rank), os.O_WRONLY) for rank in others]
        return Layout(self.workers, 1, self.ranks_of(self.workers))

    def stop(self) -> None:
        for turn in self.turns:
            os.close(turn)

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        for rank, turn in enumerate(self.turns, 1):
            try:
                os.write(turn, b"!")
            except BrokenPipeError:
                raise ChildProcessError(f"rank {rank} has ended") from None
        parts = _share(self.ranks, (function, tasks))
        failed = next((part for part in parts if isinstance(part, Exception)), None)
        if failed is not None:
            raise failed
        results: list[Any] = [None] * len(tasks)
        for rank, part in enumerate(parts):
            results[rank :: len(parts)] = part
        return results

    def unmeasured_parts(self, workload: Workload) -> dict[str, str]:
        return super().unmeasured_parts(workload) | {"optimise": "no graph"}


def _turn(scratch: Path, rank: int) -> Path:
    return scratch / f"turn-{rank}"


def _share(ranks: Any, work: tuple[Callable[..., Any], list[Task]] | None = None) -> list[Any]:
    """Run this rank's share of the *work* that rank 0 has; there return what all ranks made of
    theirs: results, or the exception that ended them."""
    function, tasks = ranks.bcast(work, root=ROOT)
    mine: Any
    try:
        mine = [function(*task) for task in tasks[ranks.Get_rank() :: ranks.Get_size()]]
    except Exception as error:  # noqa: BLE001 - the other ranks wait for an answer of this one
        mine = error
    gathered: list[Any] = ranks.gather(mine, root=ROOT) or []
    return gathered
