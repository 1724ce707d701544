"""numba's parallel loops: threads of OpenMP, or of numba's own queue, inside one process.

The loops are twins of workloads' kernels: a compiler takes no function as it is. Each draws from
PCG64 by the function that NumPy itself draws with, and one stream belongs to each thread.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from harness.core.extras import installing
from harness.core.records import WorkerProbe
from harness.running.executors.base import Executor
from harness.running.executors.built_call import BuiltCall, Layout
from harness.running.executors.program import Program
from harness.running.host.pins import probe_worker
from harness.running.workloads.base import Task, Workload

THREADS = "NUMBA_NUM_THREADS"
Loop = Callable[..., Any]


def parallel_loops() -> dict[str, Loop]:
    """Each loop by the name of its workload, and ``threads``, whose iterations say which thread
    runs them; all are compiled at their first call.

    They take the number of chunks, the addresses of the threads' streams where they draw, and what
    :data:`ARGUMENTS` has of their workload.
    """
    from numba import get_thread_id, njit, prange  # noqa: PLC0415

    draw = np.random.PCG64().ctypes.next_double
    parallel: Callable[[Loop], Loop] = njit(parallel=True)

    @parallel
    def threads(n_chunks: int) -> Any:
        found = np.empty(n_chunks, np.int64)
        for index in prange(n_chunks):
            found[index] = get_thread_id()
        return found

    @parallel
    def empty_task(n_chunks: int, size: int, chunk: int) -> Any:
        made = np.empty(n_chunks, np.int64)
        for index in prange(n_chunks):
            made[index] = min(chunk, size - index * chunk)
        return made

    @parallel
    def random_sum(n_chunks: int, streams: Any, size: int, chunk: int) -> Any:
        sums = np.empty(n_chunks)
        for index in prange(n_chunks):
            stream, total = streams[get_thread_id()], 0.0
            for _ in range(min(chunk, size - index * chunk)):
                total += draw(stream)
            sums[index] = total
        return sums

    @parallel
    def random_reduction(n_chunks: int, streams: Any, rows: int, columns: int, depth: int) -> Any:
        sums = np.zeros((n_chunks, rows))
        for index in prange(n_chunks):
            stream = streams[get_thread_id()]
            for row in range(rows):
                total = 0.0
                for _ in range(columns * depth):
                    total += np.arcsin(draw(stream)) + np.arccos(draw(stream))
                sums[index, row] = total
        return sums

    return {
        "threads": threads,
        "empty-task": empty_task,
        "random-sum": random_sum,
        "random-reduction": random_reduction,
    }


ARGUMENTS: Mapping[str, Callable[[Any, int, Any], tuple[Any, ...]]] = {
    "empty-task": lambda workload, chunk, streams: (workload.size, chunk),
    "random-sum": lambda workload, chunk, streams: (streams, workload.size, chunk),
    "random-reduction": lambda workload, chunk, streams: (streams, *workload.shape(chunk)),
}
"""Name of a workload to what its loop takes beside the number of chunks: from the workload, its
chunk, and the addresses of the threads' streams."""


class NumbaOmp(Executor):
    """Runs loops over ``numba.prange``, compiled, on threads of OpenMP; a task is an iteration.

    The threads are as many as the workers, which is looked up in them. OpenMP deals the iterations
    out evenly beforehand. Loops are compiled when they are first called, before anything is timed.
    It has loops of its own for ``empty-task``, ``random-sum`` and ``random-reduction`` alone.
    """

    name = "numba-omp"
    kind = "local threads"
    needs = ("numba",)
    packages = ("numba",)
    install = installing("numba")
    in_suites = False
    pins = ("1",)  # its loops call nothing that has threads of its own
    layer: ClassVar[str] = "omp"
    """What numba calls the library that has the threads."""
    program: ClassVar[Program | None] = Program(
        {"tasks": "each(tasks)"},
        imports=("import numba", "import numpy as np"),
        start=(
            "@numba.njit(parallel=True)\n"
            "def each(tasks):\n"
            "    results = np.empty(len(tasks))\n"
            "    for index in numba.prange(len(tasks)):\n"
            "        results[index] = KERNEL(*tasks[index])  # compiled itself\n"
            "    return results\n"
            "numba.set_num_threads(WORKERS)"
        ),
        launched="loops that numba can compile",
    )

    @classmethod
    def environment(cls, scratch: Path, pins: dict[str, str]) -> dict[str, str]:
        return {"NUMBA_THREADING_LAYER": cls.layer}

    @classmethod
    def refuses(cls, workload: Workload) -> str | None:
        if workload.name in ARGUMENTS:
            return None
        return f"{cls.name} has compiled loops for {', '.join(ARGUMENTS)} alone"

    @classmethod
    def native(cls, workload: Workload) -> bool:
        return True

    def start(self) -> Layout:
        """Compile and run a first loop, which starts the threads.

        Raises
        ------
        RuntimeError
            Where the threads are not those that were asked for.
        """
        os.environ[THREADS] = str(self.workers)  # numba reads it again before each compilation
        import numba  # noqa: PLC0415

        self.loops = parallel_loops()
        ran = set(self.loops["threads"](self.workers))
        if numba.threading_layer() != self.layer or len(ran) != self.workers:
            raise RuntimeError(
                f"{len(ran)} threads of {numba.threading_layer()} where {self.workers} of "
                f"{self.layer} were asked for"
            )
        settings = {
            "numba.threading_layer": numba.threading_layer(),
            "numba.num_threads": numba.get_num_threads(),
        }
        return Layout(1, self.workers, settings)

    def stop(self) -> None:
        """The threads end with the process."""

    def probe(self, layout: Layout, workloads: Sequence[Workload]) -> list[WorkerProbe]:
        """Say how many threads NumPy may start beside the loops': OpenMP's own are these, and the
        variable of numba's has the number of workers."""
        import threadpoolctl  # noqa: PLC0415

        probe = probe_worker()
        pools = threadpoolctl.threadpool_info()
        blas = [int(pool["num_threads"]) for pool in pools if pool["user_api"] == "blas"]
        others = {name: value for name, value in probe.environment.items() if name != THREADS}
        return [replace(probe, native_threads=max(blas, default=None), environment=others)]

    def build(self, workload: Workload, chunk: int, seed: int) -> BuiltCall:
        generators = [np.random.PCG64([seed, thread]) for thread in range(self.workers)]
        return BuiltCall(workload, chunk, [], generators)

    def run(self, built: BuiltCall) -> Any:
        workload, chunk = built.workload, built.chunk
        streams = np.array([generator.ctypes.state_address for generator in built.graph])
        arguments = ARGUMENTS[workload.name](workload, chunk, streams)
        partials = self.loops[workload.name](workload.n_chunks(chunk), *arguments)
        return workload.combine(partials if partials.ndim > 1 else partials.tolist())

    def n_tasks(self, built: BuiltCall) -> int:
        return built.workload.n_chunks(built.chunk)

    def map(self, function: Callable[..., Any], tasks: list[Task]) -> list[Any]:
        raise NotImplementedError(f"{self.name} runs compiled loops, no function of Python")

    def unmeasured_parts(self, workload: Workload) -> dict[str, str]:
        return super().unmeasured_parts(workload) | {"serialise": "nothing of the kind happens"}


class NumbaWorkqueue(NumbaOmp):
    """Runs loops over ``numba.prange`` on threads of numba's own, ``workqueue``, which every
    installation has; one thread of a program may call them at a time."""

    name = "numba-workqueue"
    layer = "workqueue"
    program = None
