"""Single timings of the user's work and of its engine; each collects garbage first."""

from __future__ import annotations

from collections.abc import Iterable
from time import perf_counter
from typing import Any

from harness.running.measure.own.own_processes import OwnProcesses
from harness.running.measure.process.channel import Channel
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
    whole_over_sampled : dict of str to float
        How many times as long as these all of them take.
    """

    def __init__(self, processes: OwnProcesses) -> None:
        self._processes = processes
        self.sampled_tasks: dict[str, int] = {}
        self.whole_over_sampled: dict[str, float] = {}
        self._surveyed: set[str] = set()
        self._empty_calls: dict[tuple[int, int], int] = {}
        self._whole_calls: dict[str, int] = {}

    def warm_up(self, engines: Iterable[int]) -> None:
        """Bring the engines up, and find how many calls make a batch (rules 13 and 14).

        Parameters
        ----------
        engines : iterable of int
            Numbers of workers whose engine runs empty tasks.
        """
        for engine_workers in engines:
            self._processes.engine(engine_workers)
            for size in range(len(EMPTY_TASKS)):
                self._empty_calls[engine_workers, size] = 1
                self._empty_calls[engine_workers, size] = batch(
                    self.empty_seconds(engine_workers, size)
                )

    def warm_up_whole(self, whole: Iterable[Any], workers: int) -> None:
        """The same for the cuts that run wholly on the engine with *workers* workers.

        Parameters
        ----------
        whole : iterable
            Specs of the cuts.
        workers : int
        """
        specs = list(whole)
        if specs:
            self._processes.load(self._processes.engine(workers))
        for spec in specs:
            self._whole_calls[repr(spec)] = 1
            self._whole_calls[repr(spec)] = batch(self.whole_seconds(spec, workers))

    def serial_seconds(self, spec: Any) -> float:
        """Seconds of the whole work cut like this, one task after the other."""
        return self._sampled(self._processes.bare, spec)

    def all_cores_seconds(self, spec: Any) -> float:
        """The same with native threads on all cores."""
        channel = self._processes.all_cores
        if repr(spec) not in self._surveyed:
            self._processes.ask(channel, "survey", spec=spec)
            self._surveyed.add(repr(spec))
        return self._sampled(channel, spec)

    def own_way_seconds(self, pin: str) -> float:
        """Seconds of the user's own serial way, with the native threads of *pin*: ``"1"`` or
        ``"cores"``."""
        channel = self._processes.bare if pin == "1" else self._processes.all_cores
        self._processes.ask(channel, "collect")
        return float(self._processes.ask(channel, "own_way")["seconds"])

    def _sampled(self, channel: Channel, spec: Any) -> float:
        self._processes.ask(channel, "collect")
        tasks = self.sampled_tasks[repr(spec)]
        reply = self._processes.ask(channel, "first", spec=spec, tasks=tasks)
        return float(reply["seconds"]) * self.whole_over_sampled[repr(spec)]

    def build_seconds(self, spec: Any) -> float:
        """Seconds of building and optimising the graph of a cut."""
        self._processes.ask(self._processes.bare, "collect")
        return float(self._processes.ask(self._processes.bare, "build", spec=spec)["seconds"])

    def empty_seconds(self, workers: int, size: int) -> float:
        """Seconds of scheduling few (*size* 0) or many (1) empty tasks."""
        engine = self._processes.engine(workers)
        self._processes.ask(engine, "collect")
        calls, tasks = self._empty_calls[workers, size], EMPTY_TASKS[size]
        return float(self._processes.ask(engine, "empty", tasks=tasks, calls=calls)["seconds"])

    def whole_seconds(self, spec: Any, workers: int) -> float:
        """Seconds of the whole work cut like this on the engine."""
        engine = self._processes.engine(workers)
        self._processes.ask(engine, "collect")
        calls = self._whole_calls[repr(spec)]
        return float(self._processes.ask(engine, "run", spec=spec, calls=calls)["seconds"])

    def speedup(self, spec: Any, copies: int) -> float:
        """How many times as fast as one the first tasks of a cut run as so many copies at once: in
        threads of one process, or in processes, as the executor's workers are."""
        processes, tasks = self._processes, self.sampled_tasks[repr(spec)]
        if processes.executor.kind == "local threads":
            reply = processes.ask(
                processes.bare, "together", spec=spec, tasks=tasks, threads=copies
            )
            return float(reply["speedup"])
        others = processes.copies(copies - 1)
        for other in others:
            processes.ask(other, "survey", spec=spec)
        piece = processes.ask(processes.bare, "piece", spec=spec, tasks=tasks, at=0.0)
        alone = float(piece["seconds"])
        at = perf_counter() + HEAD_START_SECONDS
        channels = [processes.bare, *others]
        for channel in channels:
            channel.send("piece", spec=spec, tasks=tasks, at=at)
        each = [processes.receive(channel, "piece")["seconds"] for channel in channels]
        return sum(alone / float(seconds) for seconds in each)
