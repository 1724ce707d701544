"""A block whose calls are start-ups: each brings the engine up in a fresh process for one call."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from typing import Any, Literal

from harness.core.records import Block, Case, Group, Pair, SetUp, Status
from harness.running.executors import lookup
from harness.running.measure.process import probes
from harness.running.measure.process.block_context import BlockContext
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.process.channel import STOP_LIMIT_SECONDS, Channel
from harness.running.measure.process.timing import Reading, timed


class StartupStation:
    """One block of start-ups; see :class:`harness.running.measure.sweep.ports.Station`.

    A call goes from the birth of a process to the answer of the engine's first call. The baseline
    is the same in a process that starts no engine. Taking down is not timed.
    """

    def __init__(
        self, context: BlockContext, set_up: SetUp, groups: Sequence[Group], number: int
    ) -> None:
        self.context, self.set_up = context, set_up
        self.groups, self.number = groups, number
        self.starts = 0
        self.layout: dict[str, Any] = {}
        self.first_call_seconds: float | None = None

    @property
    def blocks(self) -> list[Block]:
        """Its records; nothing of a start-up can be shared out, so the ceiling is 1."""
        return [
            self.context.record(
                self.number,
                group,
                self.layout,
                first_call_seconds=self.first_call_seconds,
                ceiling=1.0,
            )
            for group in self.groups
        ]

    link = None
    """No engine lives long enough to be looked at."""

    def warm(self, case: Case, expected_seconds: float | None) -> float:  # noqa: ARG002 - the port's
        """One start-up, so that the engine's files are in memory; seconds."""
        reading, reply = self._time_startup(case, self.set_up.executor, self.set_up.workers)
        self.layout, self.first_call_seconds = reply, reply["first_call_seconds"]
        return reading.seconds

    def pair(
        self,
        case: Case,
        number: int,
        first: Literal["parallel", "serial"],
        seed: int,  # noqa: ARG002 - the port's
    ) -> Pair:
        """One start-up of the engine and one of a process without any, as round *number*."""
        noise = probes.noise()
        order = ("parallel", "serial") if first == "parallel" else ("serial", "parallel")
        readings, replies = {}, {}
        for which in order:
            executor, workers = (
                (self.set_up.executor, self.set_up.workers) if which == "parallel" else ("numpy", 1)
            )
            readings[which], replies[which] = self._time_startup(case, executor, workers)
        ended = probes.noise()
        earlier, later = (readings[which] for which in order)
        started = replies["parallel"]
        return Pair(
            run=self.context.run,
            t=datetime.now(UTC).isoformat(timespec="milliseconds"),
            **case.model_dump(),
            chunk_shape=str(case.chunk),
            n_chunks=1,
            n_tasks=1,
            block=self.number,
            round=number,
            first=first,
            calls=1,
            serial_calls=1,
            baseline="whole",
            parallel_seconds=readings["parallel"].seconds,
            serial_seconds=readings["serial"].seconds,
            gap_seconds=later.begin - earlier.end,
            phases={
                "build": started["startup_seconds"],
                "compute": started["first_call_seconds"],
            },
            **probes.between(noise, ended),
        )

    def close(self, *, graceful: bool) -> None:
        """Do nothing: every start-up has been taken down already."""

    def _time_startup(
        self, case: Case, executor: str, workers: int
    ) -> tuple[Reading, dict[str, Any]]:
        """Time one start-up with its first call, and take it down."""
        self.starts += 1
        name = f"b{self.number}-start{self.starts}"
        named, engine = (case.workload, case.size), lookup(executor)
        with self.context.time.starting(), ExitStack() as opened:

            def bring_up(_: None) -> dict[str, Any]:
                slot = self.context.slot(engine, workers, self.set_up.pin)
                channel = self.context.spawn(name, self.set_up.pin, engine, opened, slot)
                opened.callback(_stop, channel)
                reply = channel.ask(
                    "start",
                    engine.start_limit_seconds(workers),
                    workloads=[named],
                    executor=executor,
                    workers=workers,
                )
                call = channel.ask(
                    "case",
                    self.context.limit_seconds,
                    workload=named,
                    chunk=case.chunk,
                    seed=0,
                    calls=1,
                )
                if call["wrong"]:
                    raise CaseError(Status.WRONG_ANSWER, call["wrong"], dead=False)
                return reply | {"first_call_seconds": call["seconds"]}

            reading = timed(lambda _: None, bring_up, 1)
            self.context.time.used_seconds += reading.seconds
        return reading, reading.answers[0]


def _stop(channel: Channel) -> None:
    """Have the engine stop its own way; whatever is left is ended right after."""
    with suppress(CaseError):
        channel.ask("stop", STOP_LIMIT_SECONDS)
