"""Time the user's own work for ``advise``: a few chunk sizes one after the other, several copies
at once, and what the engine costs; the whole on the engine only to check a forecast."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any

import psutil

from harness.core.errors import Interrupted, MeasureError, UsageError
from harness.core.records import Record
from harness.running.executors import lookup
from harness.running.executors.base import START_LIMIT_SECONDS
from harness.running.host import pins
from harness.running.measure.process import probes
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.process.channel import STOP_LIMIT_SECONDS, Channel, child_environment
from harness.running.measure.process.reaper import Reaper
from harness.running.measure.process.supervision import supervised
from harness.running.measure.process.timing import batch

LIMIT_SECONDS = 300.0
MOST_SECONDS = 100.0
"""No further round is begun after this, whatever the rounds said."""
PROGRAM = "harness.running.measure.own.own_child"
EMPTY_TASKS = (1, 400)
"""Few and many: no work has fewer tasks, so that its cost is never extrapolated downwards."""
HEAD_START_SECONDS = 0.02


class Cut(Record):
    """One way to cut the work: what it is handed as chunks, and what comes of it."""

    spec: Any
    n_chunks: int
    n_tasks: int
    result_bytes: int | None


class Sample(Record):
    """How a cut is timed: its first *tasks* tasks, all of them if ``gather_seconds`` is there,
    which is what putting the answer together took."""

    tasks: int
    serial_seconds: float
    gather_seconds: float | None
    peak_bytes: int | None


class Rounds(Record):
    """What was timed in rounds, a value a round, in units of the reference beside it (rule 24):
    one serial run of the whole work, cut like the reference.

    ``serial`` and ``build`` by the index of a cut; ``speedup``, a plain ratio, by cut and copies at
    once; ``empty`` by workers, calls of few and of many empty tasks; ``whole``, the check, by cut.
    """

    reference_seconds: list[float]
    serial: dict[int, list[float]]
    build: dict[int, list[float]]
    speedup: dict[tuple[int, int], list[float]]
    empty: dict[int, list[tuple[float, float]]]
    whole: dict[int, list[float]]
    whole_seconds: dict[int, list[float]]


class OwnWork:
    """The processes that run the user's function; made by :func:`opened`."""

    def __init__(
        self, work: Mapping[str, Any], executor: str, cores: float, scratch: Path, reaper: Reaper
    ) -> None:
        self.work, self.executor, self.cores = work, lookup(executor), cores
        self.scratch, self.reaper = scratch, reaper
        self._channels: list[Channel] = []
        self._marks: dict[int, str] = {}
        self.bare = self._channel("bare")
        self.takes: str | None = self._ask(self.bare, "load", **work)["takes"]
        self.engines: dict[int, Channel] = {}
        self._base_bytes = psutil.Process(self.bare.process.pid).memory_info().rss
        self._tasks: dict[str, int] = {}
        self._others: list[Channel] = []
        self._order = random.Random(0)
        self._calls: dict[tuple[int | str, int], int] = {}

    def survey(self, spec: Any) -> Cut:
        """What the work consists of when it is cut as *spec* says."""
        found = self._ask(self.bare, "survey", spec=spec)
        return Cut(spec=spec, **{name: found[name] for name in Cut.model_fields if name != "spec"})

    def sample(self, cut: Cut, most_seconds: float) -> Sample:
        """Run what *most_seconds* allow of a cut, and at least one task; later runs are of the
        same tasks."""
        tree = probes.Tree(self.bare.process.pid)
        tree.forget_peak()
        found = self._ask(self.bare, "sample", spec=cut.spec, tasks=None, most_seconds=most_seconds)
        peak = tree.usage().peak_rss_bytes
        self._tasks[repr(cut.spec)] = found["tasks"]
        return Sample(
            tasks=found["tasks"],
            serial_seconds=found["serial_seconds"],
            gather_seconds=found["gather_seconds"],
            peak_bytes=None if peak is None else peak - self._base_bytes,
        )

    def rounds(
        self,
        cuts: Sequence[Cut],
        timed: Sequence[int],
        reference: int,
        *,
        at_once: Sequence[int],
        engines: Sequence[int],
        whole: Sequence[int],
        workers: int,
        rounds: int,
    ) -> Rounds:
        """Time all parts in every round, in random order, each beside a serial run of the
        reference, so that a machine that gets slower changes no ratio.

        Parameters
        ----------
        cuts : sequence of Cut
            The graph of each is built.
        timed : sequence of int
            Cuts to time serially and in several copies *at_once*, sampled before.
        reference : int
            One of them.
        engines : sequence of int
            Numbers of workers whose engine is timed with empty tasks.
        whole : sequence of int
            Cuts to run wholly with *workers* workers.
        """
        found = Rounds(
            reference_seconds=[],
            serial={},
            build={},
            speedup={},
            empty={},
            whole={},
            whole_seconds={},
        )
        spec = cuts[reference].spec

        def beside(run: Callable[[], float]) -> tuple[float, float]:
            first = self._order.random() < 0.5
            base = self.serial_seconds(spec) if first else 0.0
            seconds = run()
            base = base or self.serial_seconds(spec)
            found.reference_seconds.append(base)
            return seconds, base

        def ratio(into: dict[int, list[float]], i: int, run: Callable[[], float]) -> None:
            seconds, base = beside(run)
            into.setdefault(i, []).append(seconds / base)

        def empty(p: int) -> None:
            few, base = beside(lambda: self._empty(p, 0))
            many, other = beside(lambda: self._empty(p, 1))
            found.empty.setdefault(p, []).append((few / base, many / other))

        def run_whole(i: int) -> None:
            seconds, base = beside(lambda: self._whole(i, cuts[i].spec, workers))
            found.whole.setdefault(i, []).append(seconds / base)
            found.whole_seconds.setdefault(i, []).append(seconds)

        def speedup(i: int, p: int) -> None:
            found.speedup.setdefault((i, p), []).append(self._speedup(cuts[i].spec, p))

        parts: list[Callable[[], None]] = [
            *(
                partial(ratio, found.build, i, partial(self._build, cuts[i].spec))
                for i in range(len(cuts))
            ),
            *(
                partial(ratio, found.serial, i, partial(self.serial_seconds, cuts[i].spec))
                for i in timed
            ),
            *(partial(speedup, i, p) for i in timed for p in at_once),
            *(partial(empty, p) for p in engines),
            *(partial(run_whole, i) for i in whole),
        ]
        self._warm(engines, [(i, cuts[i].spec) for i in whole], workers)
        until = monotonic() + MOST_SECONDS
        for number in range(rounds):
            if number and monotonic() > until:
                break
            for part in self._order.sample(parts, len(parts)):
                part()
        return found

    def serial_seconds(self, spec: Any) -> float:
        """Seconds of the whole work cut like this, one task after the other."""
        self._ask(self.bare, "collect")
        tasks = self._tasks[repr(spec)]
        reply = self._ask(self.bare, "sample", spec=spec, tasks=tasks, most_seconds=LIMIT_SECONDS)
        return float(reply["serial_seconds"])

    def _warm(self, engines: Sequence[int], whole: Sequence[tuple[int, Any]], workers: int) -> None:
        """Bring the engines up, and find how many calls make a batch (rules 13 and 14)."""
        for p in engines:
            self._engine(p)
            for size in (0, 1):
                self._calls[p, size] = 1
                self._empty(p, size)
                self._calls[p, size] = batch(self._empty(p, size))
        if whole:
            self._ask(self._engine(workers), "load", **self.work)
        for i, spec in whole:
            self._calls["whole", i] = 1
            self._calls["whole", i] = batch(self._whole(i, spec, workers))

    def _build(self, spec: Any) -> float:
        self._ask(self.bare, "collect")
        return float(self._ask(self.bare, "build", spec=spec)["seconds"])

    def _empty(self, workers: int, size: int) -> float:
        """Seconds of scheduling few or many empty tasks."""
        engine = self._engine(workers)
        self._ask(engine, "collect")
        calls = self._calls[workers, size]
        return float(self._ask(engine, "empty", tasks=EMPTY_TASKS[size], calls=calls)["seconds"])

    def _whole(self, i: int, spec: Any, workers: int) -> float:
        engine = self._engine(workers)
        self._ask(engine, "collect")
        reply = self._ask(engine, "run", spec=spec, calls=self._calls["whole", i])
        return float(reply["seconds"])

    def close(self) -> None:
        """Stop the engines, and end every process."""
        for engine in self.engines.values():
            try:
                engine.ask("stop", STOP_LIMIT_SECONDS)
            except CaseError:
                continue
        for channel in self._channels:
            channel.close(partial(self.reaper.end, self._marks[channel.process.pid]))

    def _speedup(self, spec: Any, p: int) -> float:
        tasks = self._tasks[repr(spec)]
        if self.executor.kind == "local threads":
            reply = self._ask(self.bare, "together", spec=spec, tasks=tasks, threads=p)
            return float(reply["speedup"])
        while len(self._others) < p - 1:
            other = self._channel(f"bare{len(self._others)}")
            self._ask(other, "load", **self.work)
            self._others.append(other)
        processes = [self.bare, *self._others[: p - 1]]
        for other in processes[1:]:
            self._ask(other, "survey", spec=spec)
        alone = float(self._ask(self.bare, "piece", spec=spec, tasks=tasks, at=0.0)["seconds"])
        at = perf_counter() + HEAD_START_SECONDS
        for process in processes:
            process.send("piece", spec=spec, tasks=tasks, at=at)
        each = [process.receive("piece", LIMIT_SECONDS)["seconds"] for process in processes]
        return sum(alone / float(seconds) for seconds in each)

    def _engine(self, workers: int) -> Channel:
        if workers not in self.engines:
            channel = self._channel(f"engine{workers}")
            self._ask(
                channel,
                "start",
                workloads=[],
                executor=self.executor.name,
                workers=workers,
            )
            self.engines[workers] = channel
        return self.engines[workers]

    def _channel(self, name: str) -> Channel:
        scratch = self.scratch / name
        pinned = pins.environment("1", self.cores)
        extra = pinned | self.executor.environment(scratch, pinned)
        mark = self.reaper.mark(name)
        channel = Channel(child_environment(mark, scratch, extra), scratch, PROGRAM)
        self.reaper.watch(channel.process.pid)
        self._marks[channel.process.pid] = mark
        self._channels.append(channel)
        return channel

    @staticmethod
    def _ask(channel: Channel, command: str, **arguments: Any) -> dict[str, Any]:
        limit = START_LIMIT_SECONDS if command in ("start", "load") else LIMIT_SECONDS
        try:
            return channel.ask(command, limit, **arguments)
        except CaseError as error:
            kind, _, message = str(error.reason).partition(": ")
            if kind == "UsageError":
                raise UsageError(message) from None
            raise MeasureError(
                f"the work could not be run ({error.status.value}: {error.reason}): run the "
                "function by itself, or try it on a smaller size"
            ) from None


@contextmanager
def opened(work: Mapping[str, Any], executor: str, cores: float) -> Iterator[OwnWork]:
    """Processes that have loaded *work*
    (:meth:`harness.running.measure.own.own_child.OwnChild.load`), ended with all that they
    started, also when this process is killed.

    Raises
    ------
    UsageError
        Where the function is not there, or not what it should be.
    MeasureError
        Where it raises, or its process dies.
    Interrupted
        On Ctrl-C, SIGTERM or SIGHUP.
    """
    try:
        with supervised() as reaper:
            made = OwnWork(work, executor, cores, reaper.scratch, reaper)
            try:
                yield made
            finally:
                made.close()
    except KeyboardInterrupt:
        raise Interrupted("stopped: nothing is kept") from None
