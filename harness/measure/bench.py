"""The real bench: one block is an engine in a fresh child, beside a baseline in another."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Literal

from harness import pins
from harness.executors import lookup
from harness.executors.base import Executor
from harness.measure import probes
from harness.measure.case_error import CaseError
from harness.measure.ceiling import ceiling_samples
from harness.measure.channel import Channel, child_environment
from harness.measure.reaper import Reaper
from harness.measure.timing import batch
from harness.records import Block, Case, Group, Pair, Status, WorkerProbe
from harness.workloads import make_workload

START_LIMIT_SECONDS = 120.0
STOP_LIMIT_SECONDS = 15.0
ANSWER_LIMIT_SECONDS = 30.0
ONE_WARM_UP_SECONDS = 1.0
PRIMED_SECONDS = 0.25
"""Each of a pair is run once untimed right before its timed run, unless it takes longer than this.
Without it the second of a pair pays for what the first did to memory and caches: after a parallel
run that allocated on two threads the same baseline took 60 to 130 ms, instead of 27, every second
time."""
PRIME_SEED = 1 << 50
"""Added to a seed, so that the untimed run is not the timed one over again (rule 5)."""

First = Literal["parallel", "serial"]


class ProcessBench:
    """Opens stations; see :class:`harness.measure.protocol.Bench`.

    Parameters
    ----------
    run : str
        Name of the run, for the records.
    cores : float
        Usable cores, passed to every engine (rule 7).
    scratch : Path
        Folder for what engines write.
    reaper : Reaper
        Ends what is left of a block.
    limit_seconds : float
        A call that has not answered after this is a ``timeout``.
    """

    def __init__(
        self, run: str, cores: float, scratch: Path, reaper: Reaper, limit_seconds: float
    ) -> None:
        self.run, self.cores, self.scratch = run, cores, scratch
        self.reaper, self.limit_seconds = reaper, limit_seconds
        self.facts: dict[Case, dict[str, Any]] = {}
        self.used_seconds = 0.0
        """Time in calls of the sweep: timed runs, their partners, replays and warm-ups."""

    def open(self, group: Group, number: int) -> ProcessStation:
        """Start the engine of *group* as block *number*.

        Raises
        ------
        CaseError
            Where the engine does not come up or its pins do not hold.
        """
        return ProcessStation(self, group, number)


class ProcessStation:
    """One block: the engine's child, the baseline's, and helpers for the ceiling control."""

    def __init__(self, bench: ProcessBench, group: Group, number: int) -> None:
        self.bench, self.group, self.number = bench, group, number
        self.executor = lookup(group.executor)
        self.workload = make_workload(group.workload, group.size)
        self.first_call_seconds: float | None = None
        self.ceiling_samples: list[float] = []
        self.seconds: dict[Case, float] = {}
        self.calls: dict[Case, int] = {}
        self._replay_calls: dict[Case, int] = {}
        self._open = ExitStack()
        try:
            self._start()
        except BaseException:
            self._open.close()
            raise

    def _start(self) -> None:
        pinned = pins.environment(self.group.pin, self.bench.cores)
        with ExitStack() as opened:  # the processes come up side by side; helpers end in here
            self.engine = self._channel("engine", pinned, self.executor, self._open)
            self.baseline = self._clean("baseline", self._open)
            helpers = [self._clean(f"helper{n}", opened) for n in range(1, self._parts())]
            for channel in (self.baseline, *helpers):
                channel.receive("start", START_LIMIT_SECONDS)
            self._baseline_call(0, 1)
            self.baseline_seconds = float(self._baseline_call(1, 1)["seconds"])
            self.serial_calls = batch(self.baseline_seconds)
            if helpers:
                self.ceiling_samples = ceiling_samples(
                    [self.baseline, *helpers], self.baseline_seconds, self.bench.limit_seconds
                )
        self._send_start(self.engine, self.group.executor, self.group.workers)
        self.layout = self.engine.receive("start", START_LIMIT_SECONDS)
        self.tree = probes.Tree(self.engine.process.pid)
        reply = self.engine.ask("probe", ANSWER_LIMIT_SECONDS)
        self.verified = [WorkerProbe(**probe) for probe in reply["probes"]]
        self._check_pins()

    def _parts(self) -> int:
        """Parts of the ceiling control, which nothing is measured against without a scheduler."""
        return self.group.workers if self.executor.chunked else 1

    def _clean(self, name: str, opened: ExitStack) -> Channel:
        """A process with one native thread and no engine; it is yet to say that it has started."""
        pinned = pins.environment("1", self.bench.cores)
        channel = self._channel(name, pinned, lookup("numpy"), opened)
        self._send_start(channel, "numpy", 1)
        return channel

    def _channel(
        self, name: str, pinned: dict[str, str], executor: type[Executor], opened: ExitStack
    ) -> Channel:
        scratch = self.bench.scratch / f"b{self.number}-{name}"
        extra = pinned | executor.environment(scratch, pinned)
        mark = self.bench.reaper.mark(scratch.name)
        channel = Channel(child_environment(mark, scratch, extra), scratch)
        self.bench.reaper.watch(channel.process.pid)
        opened.callback(channel.close, partial(self.bench.reaper.end, mark))
        return channel

    def _send_start(self, channel: Channel, executor: str, workers: int) -> None:
        group = self.group
        channel.send(
            "start", workload=group.workload, size=group.size, executor=executor, workers=workers
        )

    def _check_pins(self) -> None:
        expected, found = self.layout["processes"], len({probe.pid for probe in self.verified})
        wrong = pins.mismatch(self.group.pin, self.bench.cores, self.verified)
        if wrong is None and found < expected:
            wrong = f"pins not verified: {expected} worker processes started, {found} took a task"
        if wrong is not None:
            raise CaseError(Status.FAILED, wrong, dead=True)

    @property
    def block(self) -> Block:
        """The record of this block; complete once a case has been warmed."""
        return Block(
            run=self.bench.run,
            block=self.number,
            **self.group.model_dump(),
            processes=self.layout["processes"],
            threads_per_process=self.layout["threads_per_process"],
            oversubscribed=self.group.workers > self.bench.cores,
            startup_seconds=self.layout["startup_seconds"],
            first_call_seconds=self.first_call_seconds,
            ceiling=median(self.ceiling_samples) if self.ceiling_samples else
            (1.0 if self.group.workers == 1 else None),
            ceiling_samples=self.ceiling_samples,
            verified=self.verified,
            settings=self.layout["settings"],
        )  # fmt: skip

    def warm(self, case: Case, expected_seconds: float | None) -> float:
        """Warm *case* up; seconds of one call.

        Parameters
        ----------
        expected_seconds : float or None
            What a call is known or expected to take: one of over 1 s is not run just to be warm,
            since the cheaper chunks before it have warmed the engine (rule 14).
        """
        if case not in self.bench.facts:
            self.bench.facts[case] = self.engine.ask(
                "describe", self.bench.limit_seconds, chunk=case.chunk, seed=0
            )
        seconds = expected_seconds
        for attempt in range(2):
            if seconds is not None and seconds > ONE_WARM_UP_SECONDS:
                break
            seconds = float(self._case_call(case, attempt + 1, 1)["seconds"])
            if self.first_call_seconds is None:
                self.first_call_seconds = seconds
        self.tree.renew()
        self.seconds[case] = seconds or 0.0
        self.calls[case] = batch(self.seconds[case])
        return self.seconds[case]

    def pair(self, case: Case, number: int, first: First, seed: int) -> Pair:
        """Measure *case* and its baseline back to back as round *number*.

        Raises
        ------
        CaseError
            With the status that the case gets instead of a result.
        """
        calibrated = self._calibrate()
        noise = probes.noise()
        if first == "parallel":
            waited, parallel, before, after = self._measured_case(case, seed)
            more, serial = self._measured_baseline(seed)
        else:
            more, serial = self._measured_baseline(seed)
            waited, parallel, before, after = self._measured_case(case, seed)
        ended = probes.noise()
        replay = self._replay(case, seed, parallel)
        calls = self.calls[case]
        one, two = sorted((parallel, serial), key=lambda reading: float(reading["begin"]))
        return Pair(
            run=self.bench.run,
            t=datetime.now(UTC).isoformat(timespec="milliseconds"),
            **case.model_dump(),
            **self._chunking(case),
            block=self.number,
            round=number,
            first=first,
            calls=calls,
            serial_calls=self.serial_calls,
            parallel_seconds=parallel["seconds"],
            serial_seconds=serial["seconds"],
            replay_seconds=replay,
            gap_seconds=two["begin"] - one["end"],
            quiet_wait_seconds=waited + more,
            parallel_cpu_seconds=(after.cpu_seconds - before.cpu_seconds) / calls,
            peak_rss_bytes=after.peak_rss_bytes,
            phases={"build": parallel["build_seconds"], "compute": parallel["compute_seconds"]},
            calibration_ratio=self._calibrate() / calibrated,
            steal_fraction=probes.steal_fraction(noise, ended),
            pressure_fraction=probes.pressure_fraction(noise, ended),
            throttled_seconds=probes.throttled_seconds(noise, ended),
            frequency_mhz=probes.frequency_mhz(),
            voluntary_switches=_difference(before.voluntary, after.voluntary),
            involuntary_switches=_difference(before.involuntary, after.involuntary),
        )

    def _chunking(self, case: Case) -> dict[str, Any]:
        return {
            "chunk_shape": str(case.chunk),
            "chunk_bytes": case.chunk * self.workload.itemsize or None,
            "n_chunks": self.workload.n_chunks(case.chunk),
            "n_tasks": self.bench.facts[case]["n_tasks"],
        }

    def _measured_case(
        self, case: Case, seed: int
    ) -> tuple[float, dict[str, Any], probes.Usage, probes.Usage]:
        """Seconds waited, the reading, and the tree's totals before and after it."""
        if self.seconds[case] <= PRIMED_SECONDS:
            self._case_call(case, seed + PRIME_SEED, 1)
        waited = self._settle(self.engine)
        self.tree.forget_peak()
        before = self.tree.usage()
        reply = self._case_call(case, seed, self.calls[case])
        return waited, reply, before, self.tree.usage()

    def _measured_baseline(self, seed: int) -> tuple[float, dict[str, Any]]:
        """Seconds waited, and the reading."""
        if self.baseline_seconds <= PRIMED_SECONDS:
            self._baseline_call(seed + PRIME_SEED, 1)
        waited = self._settle(self.baseline)
        return waited, self._baseline_call(seed, self.serial_calls)

    def _settle(self, channel: Channel) -> float:
        """Collect garbage where the next call runs, and wait for the engine to go quiet."""
        channel.ask("collect", ANSWER_LIMIT_SECONDS)
        return self.tree.wait_quiet()

    def _timed(self, channel: Channel, command: str, **arguments: Any) -> dict[str, Any]:
        reply = channel.ask(command, self.bench.limit_seconds, **arguments)
        self.bench.used_seconds += float(reply["end"]) - float(reply["begin"])
        return reply

    def _case_call(self, case: Case, seed: int, calls: int) -> dict[str, Any]:
        reply = self._timed(self.engine, "case", chunk=case.chunk, seed=seed, calls=calls)
        if reply["wrong"]:
            raise CaseError(Status.WRONG_ANSWER, reply["wrong"], dead=False)
        return reply

    def _baseline_call(self, seed: int, calls: int) -> dict[str, Any]:
        reply = self._timed(self.baseline, "baseline", seed=seed, calls=calls)
        if reply["wrong"]:
            raise CaseError(Status.FAILED, f"the baseline is wrong: {reply['wrong']}", dead=False)
        return reply

    def _replay(self, case: Case, seed: int, parallel: dict[str, Any]) -> float | None:
        """Seconds of the serial replay; its answer must be the executor's, to the last bit, where
        both ran the same tasks (rule 4)."""
        if not self.executor.chunked or self.group.executor == "serial-replay":
            return None
        calls = self._replay_calls.get(case, 1)
        reply = self._timed(self.baseline, "replay", chunk=case.chunk, seed=seed, calls=calls)
        self._replay_calls[case] = batch(float(reply["seconds"]))
        expected, found = reply["answers"][0], parallel["answers"][0]
        if not self.bench.facts[case]["native"] and expected != found:
            reason = f"{found} where the serial replay of the same chunks gives {expected}"
            raise CaseError(Status.WRONG_ANSWER, reason, dead=False)
        return float(reply["seconds"])

    def _calibrate(self) -> float:
        return float(self.baseline.ask("calibrate", ANSWER_LIMIT_SECONDS)["seconds"])

    def close(self, *, graceful: bool) -> None:
        """Stop the engine, where *graceful*, and end whatever is left of the block."""
        try:
            if graceful:
                with suppress(CaseError):
                    self.engine.ask("stop", STOP_LIMIT_SECONDS)
        finally:
            self._open.close()


def _difference(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None else after - before
