"""Single timings of the user's work and of its engine; each collects garbage first."""

from __future__ import annotations

from collections.abc import Iterable
from time import perf_counter
from typing import Any

from harness.running.measure.own.own_processes import LIMIT_SECONDS, OwnProcesses, ask
from harness.running.measure.process.timing import batch

EMPTY_TASKS = (1, 400)
"""Few and many: no work has fewer tasks, so that its cost is never extrapolated downwards."""
HEAD_START_SECONDS = 0.02
"""Between telling copies of the work to begin and their common beginning."""


class OwnCalls:
    """Times the work, as far as it was sampled, and its engine.

    Attributes
    ----------
    sampled_tasks : dict of str to int
        How many tasks of each cut, by the text of its spec, every serial timing runs.
    """

    def __init__(self, processes: OwnProcesses) -> None:
        self._processes = processes
        self.sampled_tasks: dict[str, int] = {}
        self._empty_calls: dict[tuple[int, int], int] = {}
        self._whole_calls: dict[str, int] = {}

    def warm_up(self, engines: Iterable[int], whole: Iterable[Any], workers: int) -> None:
        """Bring the engines up, and find how many calls make a batch (rules 13 and 14).

        Parameters
        ----------
        engines : iterable of int
            Numbers of workers whose engine runs empty tasks.
        whole : iterable
            Specs of the cuts that run wholly on the engine with *workers* workers.
        """
        for engine_workers in engines:
            self._processes.engine(engine_workers)
            for size in range(len(EMPTY_TASKS)):
                self._empty_calls[engine_workers, size] = 1
                self._empty_calls[engine_workers, size] = batch(
                    self.empty_seconds(engine_workers, size)
                )
        specs = list(whole)
        if specs:
            self._processes.load(self._processes.engine(workers))
        for spec in specs:
            self._whole_calls[repr(spec)] = 1
            self._whole_calls[repr(spec)] = batch(self.whole_seconds(spec, workers))

    def serial_seconds(self, spec: Any) -> float:
        """Seconds of the whole work cut like this, one task after the other."""
        ask(self._processes.bare, "collect")
        reply = ask(
            self._processes.bare,
            "sample",
            spec=spec,
            tasks=self.sampled_tasks[repr(spec)],
            most_seconds=LIMIT_SECONDS,
        )
        return float(reply["serial_seconds"])

    def build_seconds(self, spec: Any) -> float:
        """Seconds of building and optimising the graph of a cut."""
        ask(self._processes.bare, "collect")
        return float(ask(self._processes.bare, "build", spec=spec)["seconds"])

    def empty_seconds(self, workers: int, size: int) -> float:
        """Seconds of scheduling few (*size* 0) or many (1) empty tasks."""
        engine = self._processes.engine(workers)
        ask(engine, "collect")
        calls = self._empty_calls[workers, size]
        return float(ask(engine, "empty", tasks=EMPTY_TASKS[size], calls=calls)["seconds"])

    def whole_seconds(self, spec: Any, workers: int) -> float:
        """Seconds of the whole work cut like this on the engine."""
        engine = self._processes.engine(workers)
        ask(engine, "collect")
        return float(ask(engine, "run", spec=spec, calls=self._whole_calls[repr(spec)])["seconds"])

    def speedup(self, spec: Any, copies: int) -> float:
        """How many times as fast as one the first tasks of a cut run as so many copies at once: in
        threads of one process, or in processes, as the executor's workers are."""
        processes, tasks = self._processes, self.sampled_tasks[repr(spec)]
        if processes.executor.kind == "local threads":
            reply = ask(processes.bare, "together", spec=spec, tasks=tasks, threads=copies)
            return float(reply["speedup"])
        others = processes.copies(copies - 1)
        for other in others:
            ask(other, "survey", spec=spec)
        alone = float(ask(processes.bare, "piece", spec=spec, tasks=tasks, at=0.0)["seconds"])
        at = perf_counter() + HEAD_START_SECONDS
        channels = [processes.bare, *others]
        for channel in channels:
            channel.send("piece", spec=spec, tasks=tasks, at=at)
        each = [channel.receive("piece", LIMIT_SECONDS)["seconds"] for channel in channels]
        return sum(alone / float(seconds) for seconds in each)
