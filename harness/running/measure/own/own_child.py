"""The program of the child processes that run the user's own function, for ``advise``.

Nobody else imports the user's module: what it does to a process ends with the child.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable
from time import perf_counter, sleep
from typing import Any, ClassVar

from harness.core.errors import ChunkbenchError, UsageError
from harness.running.executors import dask_graph
from harness.running.executors.dask_graph import Flat
from harness.running.measure.own.own_array import OwnArray
from harness.running.measure.own.own_function import (
    check_takes_array,
    chunk_argument,
    find_function,
    stand_in,
    what_came_back,
)
from harness.running.measure.own.own_sample import once, piece_seconds, sampled
from harness.running.measure.own.own_store import OwnStore
from harness.running.measure.own.own_way import OwnWay
from harness.running.measure.process.child import COMMANDS, Child, Message, main
from harness.running.measure.process.timing import PRIMED_SECONDS, batch, timed
from harness.running.workloads.empty_task import call_empty

Spec = Any
"""How the work is cut: what the function gets as ``chunks`` or ``npartitions``, the shape of a
chunk of an array as a list, dimension to length for an array in storage, or ``None`` for a function
that decides by itself."""


class OwnChild(Child):
    """Runs the user's function: its graph's tasks one after the other, or on an executor."""

    commands: ClassVar[frozenset[str]] = COMMANDS | {
        "load",
        "survey",
        "build",
        "sample",
        "first",
        "together",
        "piece",
        "run",
        "empty",
        "own_way",
    }

    def load(
        self,
        target: str,
        paths: list[str],
        numpy: bool = False,
        shape: list[int] | None = None,
        dtype: str = "float64",
        whole: bool = True,
        element_seconds: float = 0.0,
        against: str = "",
        source: str = "",
    ) -> Message:
        """Import the function, and make the array that a NumPy function works on; the reply's
        ``takes`` is the argument that says how the work is cut.

        Parameters
        ----------
        target : str
            ``module:function``; empty for a stand-in that computes for *element_seconds* an
            element.
        paths : list of str
            Where to look for the module first.
        numpy : bool
            Whether it takes an array, a chunk at a time.
        shape, dtype : list of int, str
            Of that array.
        whole : bool
            Whether the array is made as a whole; else few chunks stand for all.
        against : str
            ``module:function`` of the user's own serial way to do the whole.
        source : str
            What in storage the function works on: ``path#variable``.
        """
        self.flats: dict[str, Flat] = {}
        self.array = OwnArray(shape or (), dtype, whole=whole) if numpy else None
        sys.path[:0] = paths
        self.function: Callable[..., Any] = (
            find_function(target) if target else stand_in(element_seconds)
        )
        if numpy and target:
            check_takes_array(self.function)
        self.store = OwnStore(source, paths) if source else None
        self.argument = None if numpy else chunk_argument(self.function, 1 if source else 0)
        self.gets_data = bool(source) and self.argument is None
        whole_array = self.array.array if self.array is not None else None
        self.way = OwnWay(find_function(against), whole_array) if against else None
        if self.executor is None:  # what is imported stays: to look through it takes 0.1 s a call
            gc.collect()
            gc.freeze()
        variables = self.store.variables if self.store else []
        return {"takes": self.argument, "stored": [each.model_dump() for each in variables]}

    def survey(self, spec: Spec) -> Message:
        """Build the work cut as *spec* says, without running it; what it consists of."""
        seconds, collections = self._built(spec)
        graph = dask_graph.flat(collections)
        self.flats[repr(spec)] = graph
        n_chunks = graph.widest if self.array is None else self.array.n_chunks(spec)
        few = self.array is not None and not self.array.whole
        return {
            "n_chunks": n_chunks,
            "n_tasks": n_chunks if few else len(graph.order),
            "build_seconds": seconds,
            "result_bytes": graph.result_bytes,
        }

    def build(self, spec: Spec) -> Message:
        """Build and optimise the graph; the seconds that it took."""
        return {"seconds": self._built(spec)[0]}

    def _built(self, spec: Spec) -> tuple[float, tuple[Any, ...]]:
        begin = perf_counter()
        made = dask_graph.optimised(self._collection(spec))
        return perf_counter() - begin, made

    def sample(self, spec: Spec, run_seconds: float, look_seconds: float) -> Message:
        """Run all tasks one after the other, or what *look_seconds* allow.

        Returns
        -------
        dict
            ``serial_seconds`` of the whole; how many ``tasks`` take about *run_seconds*, and the
            ``seconds`` of these; ``unseen_tasks`` whose like was not run; ``gather_seconds`` of
            putting the answer together, if all were run.
        """
        array = self.array
        few = array is not None and not array.whole
        chunks = array.n_chunks(spec) if array is not None and few else None
        return sampled(self.flats[repr(spec)], run_seconds, look_seconds, chunks)

    def first(self, spec: Spec, tasks: int) -> Message:
        """Time the first *tasks*, one after the other."""
        return {"seconds": piece_seconds(self.flats[repr(spec)], tasks)}

    def together(self, spec: Spec, tasks: int, threads: int) -> Message:
        """Run the first *tasks* in each of *threads* threads at once, and then alone: the sum of
        the threads' speeds, in units of one alone. Their mean and not the slowest counts, since a
        scheduler hands the next task to whoever is free."""
        graph = self.flats[repr(spec)]

        def alone(_: int) -> None:
            once(graph, tasks)

        first = timed(_number, alone, 1).seconds
        calls, primed = batch(first), first <= PRIMED_SECONDS
        start = threading.Barrier(threads)
        took: list[float] = []

        def beside() -> None:
            if primed:
                once(graph, tasks)
            start.wait()
            took.append(timed(_number, alone, calls).seconds)

        runners = [threading.Thread(target=beside) for _ in range(threads)]
        for runner in runners:
            runner.start()
        for runner in runners:
            runner.join()
        if len(took) < threads:
            raise ChunkbenchError("a copy of the work failed in a thread of its own")
        if primed:
            once(graph, tasks)
        alone_seconds = timed(_number, alone, calls).seconds if primed else first
        return {"speedup": sum(alone_seconds / seconds for seconds in took)}

    def piece(self, spec: Spec, tasks: int, at: float) -> Message:
        """Run the first *tasks* from the moment *at* on, as other processes do."""
        graph = self.flats[repr(spec)]
        sleep(max(0.0, at - perf_counter()))
        begin = perf_counter()
        once(graph, tasks)
        return {"seconds": perf_counter() - begin}

    def run(self, spec: Spec, calls: int) -> Message:
        """Time *calls* whole calls on the executor, building included, after one untimed."""
        compute = self._ready().collections.compute  # type: ignore[attr-defined]

        def call(collection: Any) -> None:
            compute(*(collection if isinstance(collection, list) else [collection]))

        call(self._collection(spec))
        reading = timed(lambda number: self._collection(spec), call, calls)
        return {"seconds": reading.seconds, "build_seconds": reading.build_seconds}

    def empty(self, tasks: int, calls: int) -> Message:
        """Time the scheduling alone of *tasks* tasks that do nothing: what optimising their graph
        takes is the work's own, and timed with it."""
        options: dict[str, Any] = self._ready().options  # type: ignore[attr-defined]
        works = [dask_graph.empty_work(call_empty, tasks) for _ in range(calls)]
        reading = timed(works.__getitem__, lambda work: dask_graph.scheduled(work, options), calls)
        return {"seconds": reading.seconds}

    def own_way(self) -> Message:
        """Time the user's own serial way to do the whole."""
        if self.way is None:
            raise ChunkbenchError("there is no serial way of the user's own")
        return {"seconds": self.way.seconds()}

    def _collection(self, spec: Spec) -> Any:
        if self.array is not None:
            return dask_graph.delayed_calls(self.function, self.array.chunks(spec))
        data = [self.store.opened(spec)] if self.store and self.gets_data else []
        chunks = self.store.chunks(spec) if self.store else _as_chunks(spec)
        options = {} if self.argument is None else {self.argument: chunks}
        made = self.function(*data, **options)
        if not dask_graph.is_collection(made):
            raise UsageError(
                f"{self.function.__name__} returned {what_came_back(made)}, not a Dask collection: "
                "return the array, bag, frame or delayed before compute(); for a function that "
                "takes a NumPy array give --numpy with --shape, for one that does its work itself "
                "take chunkbench try"
            )
        return list(made) if isinstance(made, tuple) else made


def _number(call: int) -> int:
    """Nothing is to be built."""
    return call


def _as_chunks(spec: Spec) -> Any:
    return tuple(spec) if isinstance(spec, list) else spec


if __name__ == "__main__":
    main(OwnChild)
