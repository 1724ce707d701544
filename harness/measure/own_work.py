"""Time the user's own work for ``advise``: a few chunk sizes one after the other, several copies
at once, and what the engine costs; the whole on the engine only to check a forecast."""

from __future__ import annotations

import random
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import psutil

from harness import pins
from harness.errors import Interrupted, MeasureError, UsageError
from harness.executors import lookup
from harness.measure import probes
from harness.measure.case_error import CaseError
from harness.measure.channel import (
    START_LIMIT_SECONDS,
    STOP_LIMIT_SECONDS,
    Channel,
    child_environment,
)
from harness.measure.reaper import Reaper
from harness.measure.session import stopped_by_signals, temporary_folder, undisturbed
from harness.measure.timing import batch
from harness.records import Record

LIMIT_SECONDS = 300.0
PROGRAM = "harness.measure.own_child"
EMPTY = "empty-task"
EMPTY_TASKS = (40, 400)
BUILDS = 3
HEAD_START_SECONDS = 0.02


class Cut(Record):
    """One way to cut the work: what it is handed as chunks, and what comes of it."""

    spec: Any
    n_chunks: int
    n_tasks: int
    build_seconds: float
    result_bytes: int | None


class Sampled(Record):
    """One cut timed in every round.

    ``serial_seconds`` are those of the whole work, one task after the other; ``speedups`` the
    speed-up of several copies at once over one, for each number of them.
    """

    cut: Cut
    serial_seconds: list[float]
    speedups: dict[int, list[float]]
    gather_seconds: float | None
    peak_bytes: int | None
    complete: bool


class Run(Record):
    """One cut run on the engine, each time beside a serial run of the reference."""

    cut: Cut
    seconds: list[float]
    reference_seconds: list[float]


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

    def survey(self, spec: Any, builds: int = BUILDS) -> Cut:
        """What the work consists of when it is cut as *spec* says, built *builds* times."""
        found = [self._ask(self.bare, "survey", spec=spec) for _ in range(builds)]
        seconds = median(one.pop("build_seconds") for one in found)
        return Cut(spec=spec, build_seconds=seconds, **found[0])

    def sampled(
        self, cuts: Sequence[Cut], at_once: Sequence[int], rounds: int, most_seconds: float
    ) -> list[Sampled]:
        """Time *cuts* in *rounds* rounds, each in a random order; of each, what *most_seconds*
        allow and at least one task."""
        tree = probes.Tree(self.bare.process.pid)
        facts = []
        for cut in cuts:
            tree.forget_peak()
            first = self._ask(
                self.bare, "sample", spec=cut.spec, tasks=None, most_seconds=most_seconds
            )
            peak = tree.usage().peak_rss_bytes
            self._tasks[repr(cut.spec)] = first["tasks"]
            facts.append((first, None if peak is None else peak - self._base_bytes))
        serial: list[list[float]] = [[] for _ in cuts]
        speedups: list[dict[int, list[float]]] = [{p: [] for p in at_once} for _ in cuts]
        for _ in range(rounds):
            for i in self._order.sample(range(len(cuts)), len(cuts)):
                spec = cuts[i].spec
                serial[i].append(self.serial_seconds(spec))
                for p in at_once:
                    speedups[i][p].append(self._speedup(spec, p))
        return [
            Sampled(
                cut=cut,
                serial_seconds=serial[i],
                speedups=speedups[i],
                gather_seconds=facts[i][0]["gather_seconds"],
                peak_bytes=facts[i][1],
                complete=facts[i][0]["gather_seconds"] is not None,
            )
            for i, cut in enumerate(cuts)
        ]

    def serial_seconds(self, spec: Any) -> float:
        """Seconds of the whole work cut like this, one task after the other."""
        self._ask(self.bare, "collect")
        tasks = self._tasks[repr(spec)]
        reply = self._ask(self.bare, "sample", spec=spec, tasks=tasks, most_seconds=LIMIT_SECONDS)
        return float(reply["serial_seconds"])

    def empty(self, workers: int, rounds: int) -> list[tuple[float, float]]:
        """What the engine costs with *workers* workers: seconds of a call of few empty tasks, and
        of one of many (:data:`EMPTY_TASKS`), for each round; the building left out."""
        engine = self._engine(workers)

        def call(tasks: int, seed: int, calls: int) -> float:
            reply = self._ask(
                engine, "case", workload=[EMPTY, tasks], chunk=1, seed=seed, calls=calls
            )
            return float(reply["compute_seconds"])

        calls = [batch(call(tasks, 1, 1)) for tasks in EMPTY_TASKS]
        return [
            (call(EMPTY_TASKS[0], seed, calls[0]), call(EMPTY_TASKS[1], seed, calls[1]))
            for seed in range(2, 2 + rounds)
        ]

    def check(self, cuts: Sequence[Cut], workers: int, rounds: int, reference: Any) -> list[Run]:
        """Run the whole on the engine, cut in each of these ways, in random order, each run beside
        a serial one of the cut *reference*, their order random as well (rule 12)."""
        engine = self._engine(workers)
        self._ask(engine, "load", **self.work)
        calls = [
            batch(min(self._run(engine, cut.spec, 1) for _ in range(2))) for cut in cuts
        ]  # the first call warms up
        seconds: list[list[float]] = [[] for _ in cuts]
        beside: list[list[float]] = [[] for _ in cuts]
        for _ in range(rounds):
            for i in self._order.sample(range(len(cuts)), len(cuts)):
                if first := self._order.random() < 0.5:
                    beside[i].append(self.serial_seconds(reference))
                seconds[i].append(self._run(engine, cuts[i].spec, calls[i]))
                if not first:
                    beside[i].append(self.serial_seconds(reference))
        return [
            Run(cut=cut, seconds=mine, reference_seconds=others)
            for cut, mine, others in zip(cuts, seconds, beside, strict=True)
        ]

    def close(self) -> None:
        """Stop the engines, and end every process."""
        for engine in self.engines.values():
            try:
                engine.ask("stop", STOP_LIMIT_SECONDS)
            except CaseError:
                continue
        for channel in self._channels:
            channel.close(partial(self.reaper.end, self._marks[channel.process.pid]))

    def _run(self, engine: Channel, spec: Any, calls: int) -> float:
        self._ask(engine, "collect")
        return float(self._ask(engine, "run", spec=spec, calls=calls)["seconds"])

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
        alone = self._ask(self.bare, "piece", spec=spec, tasks=tasks, at=0.0)
        at = perf_counter() + HEAD_START_SECONDS
        for process in processes:
            process.send("piece", spec=spec, tasks=tasks, at=at)
        ends = [process.receive("piece", LIMIT_SECONDS)["end"] for process in processes]
        return float(p) * float(alone["end"] - alone["begin"]) / (float(max(ends)) - at)

    def _engine(self, workers: int) -> Channel:
        if workers not in self.engines:
            channel = self._channel(f"engine{workers}")
            self._ask(
                channel, "start", workloads=[[EMPTY, tasks] for tasks in EMPTY_TASKS],
                executor=self.executor.name, workers=workers,
            )  # fmt: skip
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
    """Processes that have loaded *work* (:meth:`harness.measure.own_child.OwnChild.load`), ended
    with all that they started, also when this process is killed.

    Raises
    ------
    UsageError
        Where the function is not there, or not what it should be.
    MeasureError
        Where it raises, or its process dies.
    Interrupted
        On Ctrl-C, SIGTERM or SIGHUP.
    """
    scratch = Path(tempfile.mkdtemp(prefix="chunkbench-", dir=temporary_folder()))
    reaper = Reaper(secrets.token_hex(8), scratch)
    made: OwnWork | None = None
    try:
        with stopped_by_signals(False):
            made = OwnWork(work, executor, cores, scratch, reaper)
            yield made
    except KeyboardInterrupt:
        raise Interrupted("stopped: nothing is kept") from None
    finally:
        with undisturbed():
            if made is not None:
                made.close()
            reaper.finish()
