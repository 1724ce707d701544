"""One block: an engine in a fresh child, beside a baseline in another that holds none."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from harness.core.records import Block, Case, Group, Pair, SetUp, Status, WorkerProbe
from harness.running.executors import lookup
from harness.running.executors.engine_facts import START_LIMIT_SECONDS
from harness.running.host import pins
from harness.running.host.machine import node_name
from harness.running.measure.process import probes
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.process.ceiling import ceiling_samples
from harness.running.measure.process.channel import STOP_LIMIT_SECONDS, Channel
from harness.running.measure.process.timing import batch
from harness.running.workloads import make_workload
from harness.running.workloads.base import Workload

if TYPE_CHECKING:
    from harness.running.measure.process.bench import ProcessBench

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
_Number = TypeVar("_Number", int, float)


@dataclass
class _Partner:
    """The serial side of one group: its baseline and what was measured of it."""

    named: tuple[str, int]
    workload: Workload
    whole: bool
    """Whether the baseline is the whole; else it is the serial replay of the case's chunks."""
    seconds: float = 0.0
    calls: int = 1
    ceiling_samples: list[float] = field(default_factory=list)
    first_call_seconds: float | None = None


class ProcessStation:
    """One block: the engine's child, the baseline's, and helpers for the ceiling control."""

    def __init__(
        self, bench: ProcessBench, set_up: SetUp, groups: Sequence[Group], number: int
    ) -> None:
        self.bench, self.set_up, self.number = bench, set_up, number
        self.executor = lookup(set_up.executor)
        self.partners = {group: self._partner(group) for group in groups}
        self.seconds: dict[Case, float] = {}
        self.calls: dict[Case, int] = {}
        self._replay_calls: dict[Case, int] = {}
        self._open = ExitStack()
        try:
            self._start()
        except BaseException:
            self._open.close()
            raise

    def _partner(self, group: Group) -> _Partner:
        workload = make_workload(group.workload, group.size)
        fits = workload.whole_bytes() <= self.bench.memory_bytes
        return _Partner((group.workload, group.size), workload, fits)

    def _start(self) -> None:
        name = f"b{self.number}"
        with ExitStack() as opened:  # the processes come up side by side; helpers end in here
            self.engine = self.bench.channel(
                f"{name}-engine", self.set_up.pin, self.executor, self._open
            )
            self.baseline = self._clean(f"{name}-baseline", self._open)
            helpers = [self._clean(f"{name}-helper{n}", opened) for n in range(1, self._parts())]
            for channel in (self.baseline, *helpers):
                channel.receive("start", START_LIMIT_SECONDS)
            for partner in self.partners.values():
                self._meet(partner, helpers)
        self._send_start(self.engine, self.set_up.executor, self.set_up.workers)
        self.layout = self.engine.receive("start", self.executor.start_limit_seconds())
        self.tree = probes.Tree(self.engine.process.pid)
        reply = self.engine.ask("probe", ANSWER_LIMIT_SECONDS)
        self.verified = [WorkerProbe(**probe) for probe in reply["probes"]]
        self._check_pins()

    def _meet(self, partner: _Partner, helpers: list[Channel]) -> None:
        """Warm one baseline up and measure its ceiling; a replay is warmed with its case."""
        if not partner.whole:
            return
        self._whole_call(partner, 0, 1)
        partner.seconds = float(self._whole_call(partner, 1, 1)["seconds"])
        partner.calls = batch(partner.seconds)
        if helpers:
            partner.ceiling_samples = ceiling_samples(
                [self.baseline, *helpers], partner.named, partner.seconds, self.bench.limit_seconds
            )

    def _parts(self) -> int:
        """Parts of the ceiling control, which nothing is measured against without a scheduler."""
        return self.set_up.workers if self.executor.chunked else 1

    def _clean(self, name: str, opened: ExitStack) -> Channel:
        """A process with one native thread and no engine; it is yet to say that it has started."""
        channel = self.bench.channel(name, "1", lookup("numpy"), opened)
        self._send_start(channel, "numpy", 1)
        return channel

    def _send_start(self, channel: Channel, executor: str, workers: int) -> None:
        channel.send(
            "start",
            workloads=[partner.named for partner in self.partners.values()],
            executor=executor,
            workers=workers,
            dashboard=self.bench.dashboard,
        )

    def _check_pins(self) -> None:
        expected = self.layout["processes"]
        found = len({(probe.host, probe.pid) for probe in self.verified})
        wrong = pins.mismatch(self.set_up.pin, self.bench.cores, self.verified)
        if wrong is None and found < expected:
            wrong = f"pins not verified: {expected} worker processes started, {found} took a task"
        if wrong is not None:
            raise CaseError(Status.FAILED, wrong, dead=True)

    @property
    def blocks(self) -> list[Block]:
        """The records of this block, one a group; complete once its cases have been warmed."""
        return [
            self.bench.block(
                self.number,
                group,
                self.layout,
                first_call_seconds=partner.first_call_seconds,
                ceiling=self._ceiling(group, partner),
                ceiling_samples=partner.ceiling_samples,
                verified=self.verified,
            )
            for group, partner in self.partners.items()
        ]

    def _ceiling(self, group: Group, partner: _Partner) -> float | None:
        """``S(P)`` of this node; not known where workers are on another one."""
        if any(probe.host not in (None, node_name()) for probe in self.verified):
            return None
        if partner.ceiling_samples:
            return median(partner.ceiling_samples)
        return 1.0 if group.workers == 1 else None

    @property
    def link(self) -> str | None:
        """Where the engine's dashboard is, if it is open."""
        found = self.layout["settings"].get("dashboard")
        return None if found is None else str(found)

    def warm(self, case: Case, expected_seconds: float | None) -> float:
        """Warm *case* up; seconds of one call.

        Parameters
        ----------
        expected_seconds : float or None
            What a call is known or expected to take: one of over 1 s is not run just to be warm,
            since the cheaper chunks before it have warmed the engine (rule 14).
        """
        partner = self.partners[case.group]
        if case not in self.bench.facts:
            self.bench.facts[case] = self.engine.ask(
                "describe",
                self.bench.limit_seconds,
                workload=partner.named,
                chunk=case.chunk,
                seed=0,
            )
        seconds = expected_seconds
        for attempt in range(2):
            if seconds is not None and seconds > ONE_WARM_UP_SECONDS:
                break
            seconds = float(self._case_call(case, attempt + 1, 1)["seconds"])
            if partner.first_call_seconds is None:
                partner.first_call_seconds = seconds
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
            more, serial = self._measured_baseline(case, seed)
        else:
            more, serial = self._measured_baseline(case, seed)
            waited, parallel, before, after = self._measured_case(case, seed)
        ended = probes.noise()
        partner = self.partners[case.group]
        replay = self._replay(case, seed, parallel, serial)
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
            serial_calls=partner.calls if partner.whole else 1,
            baseline="whole" if partner.whole else "serial replay",
            parallel_seconds=parallel["seconds"],
            serial_seconds=serial["seconds"],
            replay_seconds=replay,
            gap_seconds=two["begin"] - one["end"],
            quiet_wait_seconds=waited + more,
            parallel_cpu_seconds=_per_call(before.cpu_seconds, after.cpu_seconds, calls),
            peak_rss_bytes=after.peak_rss_bytes,
            phases={"build": parallel["build_seconds"], "compute": parallel["compute_seconds"]},
            calibration_ratio=self._calibrate() / calibrated,
            **probes.between(noise, ended),
            voluntary_switches=_difference(before.voluntary, after.voluntary),
            involuntary_switches=_difference(before.involuntary, after.involuntary),
        )

    def _chunking(self, case: Case) -> dict[str, Any]:
        workload = self.partners[case.group].workload
        return {
            "chunk_shape": workload.chunk_shape(case.chunk),
            "chunk_bytes": case.chunk * workload.itemsize or None,
            "n_chunks": workload.n_chunks(case.chunk),
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
        before = self._usage()
        reply = self._case_call(case, seed, self.calls[case])
        return waited, reply, before, self._usage()

    def _usage(self) -> probes.Usage:
        """Totals of the engine's processes; those elsewhere are asked for their CPU time, and
        nothing else is known of them."""
        if not self.executor.spans_machines:
            return self.tree.usage()
        workers = self.engine.ask("usage", ANSWER_LIMIT_SECONDS)["workers"]
        return probes.with_others(self.tree, workers)

    def _measured_baseline(self, case: Case, seed: int) -> tuple[float, dict[str, Any]]:
        """Seconds waited, and the reading."""
        partner = self.partners[case.group]
        if not partner.whole:
            return self._settle(self.baseline), self._replay_call(case, seed, 1)
        if partner.seconds <= PRIMED_SECONDS:
            self._whole_call(partner, seed + PRIME_SEED, 1)
        waited = self._settle(self.baseline)
        return waited, self._whole_call(partner, seed, partner.calls)

    def _settle(self, channel: Channel) -> float:
        """Collect garbage where the next call runs, and wait for the engine to go quiet."""
        channel.ask("collect", ANSWER_LIMIT_SECONDS)
        return self.tree.wait_quiet()

    def _timed(self, channel: Channel, command: str, **arguments: Any) -> dict[str, Any]:
        reply = channel.ask(command, self.bench.limit_seconds, **arguments)
        self.bench.used_seconds += float(reply["end"]) - float(reply["begin"])
        return reply

    def _case_call(self, case: Case, seed: int, calls: int) -> dict[str, Any]:
        named = self.partners[case.group].named
        reply = self._timed(
            self.engine, "case", workload=named, chunk=case.chunk, seed=seed, calls=calls
        )
        if reply["wrong"]:
            raise CaseError(Status.WRONG_ANSWER, reply["wrong"], dead=False)
        return reply

    def _whole_call(self, partner: _Partner, seed: int, calls: int) -> dict[str, Any]:
        return self._right(
            self._timed(self.baseline, "baseline", workload=partner.named, seed=seed, calls=calls)
        )

    def _replay_call(self, case: Case, seed: int, calls: int) -> dict[str, Any]:
        named = self.partners[case.group].named
        return self._right(
            self._timed(
                self.baseline, "replay", workload=named, chunk=case.chunk, seed=seed, calls=calls
            )
        )

    @staticmethod
    def _right(reply: dict[str, Any]) -> dict[str, Any]:
        if reply["wrong"]:
            raise CaseError(Status.FAILED, f"the baseline is wrong: {reply['wrong']}", dead=False)
        return reply

    def _replay(
        self, case: Case, seed: int, parallel: dict[str, Any], serial: dict[str, Any]
    ) -> float | None:
        """Seconds of the serial replay; its answer must be the executor's, to the last bit, where
        both ran the same tasks (rule 4)."""
        if not self.executor.chunked or self.set_up.executor == "serial-replay":
            return None
        if self.partners[case.group].whole:
            reply = self._replay_call(case, seed, self._replay_calls.get(case, 1))
            self._replay_calls[case] = batch(float(reply["seconds"]))
        else:
            reply = serial
        expected, found = reply["answers"][0], parallel["answers"][0]
        if not self.bench.facts[case]["native"] and expected != found:
            reason = f"{found} where the serial replay of the same chunks gives {expected}"
            raise CaseError(Status.WRONG_ANSWER, reason, dead=False)
        return float(reply["seconds"])

    def _calibrate(self) -> float:
        return float(self.baseline.ask("calibrate", ANSWER_LIMIT_SECONDS)["seconds"])

    def close(self, *, graceful: bool) -> None:
        """Stop the engine, where *graceful*, and end whatever is left of the block."""
        with self.bench.starting():
            try:
                if graceful:
                    with suppress(CaseError):
                        self.engine.ask("stop", STOP_LIMIT_SECONDS)
            finally:
                self._open.close()


def _difference(before: _Number | None, after: _Number | None) -> _Number | None:
    return None if before is None or after is None else after - before


def _per_call(before: float | None, after: float | None, calls: int) -> float | None:
    spent = _difference(before, after)
    return None if spent is None else spent / calls
