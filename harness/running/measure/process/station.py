"""One block: an engine in a fresh child, beside a baseline in another that holds none."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from harness.core.records import Block, Case, Group, Pair, SetUp, Status, WorkerProbe
from harness.running.measure.process import probes
from harness.running.measure.process.baseline_side import BaselineSide
from harness.running.measure.process.block_context import BlockContext
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.process.channel import STOP_LIMIT_SECONDS, Channel
from harness.running.measure.process.engine_side import CaseReading, EngineSide
from harness.running.measure.process.timing import (
    ONE_WARM_UP_SECONDS,
    PRIMED_SECONDS,
    WARM_UPS,
    batch,
)

PRIME_SEED = 1 << 50
"""Added to a seed, so that the untimed run is not the timed one over again (rule 5)."""

First = Literal["parallel", "serial"]
_Number = TypeVar("_Number", int, float)


class ProcessStation:
    """One block: the engine's child, the baseline's, and helpers for the ceiling control."""

    def __init__(
        self, context: BlockContext, set_up: SetUp, groups: Sequence[Group], number: int
    ) -> None:
        self._context, self._set_up, self._number = context, set_up, number
        self._seconds: dict[Case, float] = {}
        self._calls: dict[Case, int] = {}
        self._first_call_seconds: dict[Group, float] = {}
        self._open = ExitStack()
        try:
            self._start(groups)
        except BaseException:
            self._open.close()
            raise

    def _start(self, groups: Sequence[Group]) -> None:
        name = f"b{self._number}"
        with ExitStack() as opened:  # the processes come up side by side; helpers end in here
            self._engine = EngineSide(self._context, self._set_up, f"{name}-engine", self._open)
            self._baseline = BaselineSide(self._context, groups, f"{name}-baseline", self._open)
            helpers = [
                self._baseline.spawn(f"{name}-helper{n}", opened, rank=n)
                for n in range(1, self._ceiling_parts())
            ]
            self._baseline.prepare(helpers)
        self._engine.start(self._baseline.workloads)

    def _ceiling_parts(self) -> int:
        """Parts of the ceiling control: 1, and so none, where nothing is measured against it
        without a scheduler, or the run has it already."""
        parts = self._set_up.workers
        needed = self._engine.executor.chunked and self._baseline.lacks_ceilings(parts)
        return parts if needed else 1

    @property
    def engine(self) -> Channel:
        """The engine's child."""
        return self._engine.channel

    @property
    def layout(self) -> dict[str, Any]:
        """The processes, threads and settings of the engine, and what its start took."""
        return self._engine.layout

    @property
    def verified(self) -> list[WorkerProbe]:
        """What every worker said of itself."""
        return self._engine.verified

    @property
    def blocks(self) -> list[Block]:
        """The records of this block, one a group; complete once its cases have been warmed."""
        return [
            self._context.record(
                self._number,
                group,
                self.layout,
                first_call_seconds=self._first_call_seconds.get(group),
                ceiling=self._ceiling(group),
                ceiling_samples=baseline.ceiling_samples,
                verified=self.verified,
            )
            for group, baseline in self._baseline.baselines.items()
        ]

    def _ceiling(self, group: Group) -> float | None:
        """``S(P)``; not known where workers are on another node, or where none is measured."""
        measured = group.workers == 1 or self._engine.executor.chunked
        return self._baseline.ceiling(group) if measured and self._engine.is_local else None

    @property
    def link(self) -> str | None:
        """Where the engine's dashboard is, if it is open."""
        return self._engine.link

    def n_tasks(self, case: Case) -> int:
        """Tasks of one call of *case*."""
        return int(self._engine.describe(case)["n_tasks"])

    def settle(self) -> None:
        """Collect garbage in the engine's child, and wait for the engine to go quiet."""
        self._engine.settle(self.engine)

    def warm(self, case: Case, expected_seconds: float | None) -> float:
        """Warm *case* up; seconds of one call.

        Parameters
        ----------
        expected_seconds : float or None
            What a call is known or expected to take: one of over 1 s is not run just to be warm,
            since the cheaper chunks before it have warmed the engine (rule 14).

        Raises
        ------
        CaseError
            With the status that the case gets instead of a result.
        """
        self._engine.describe(case)
        seconds = expected_seconds
        for attempt in range(WARM_UPS):
            if seconds is not None and seconds > ONE_WARM_UP_SECONDS:
                break
            seconds = float(self._engine.call(case, attempt + 1, 1)["seconds"])
            self._first_call_seconds.setdefault(case.group, seconds)
        self._engine.tree.renew()
        self._seconds[case] = seconds or 0.0
        self._calls[case] = batch(self._seconds[case])
        return self._seconds[case]

    def pair(self, case: Case, number: int, first: First, seed: int) -> Pair:
        """Measure *case* and its baseline back to back as round *number*.

        Raises
        ------
        CaseError
            With the status that the case gets instead of a result.
        """
        calibrated = self._baseline.calibrate()
        noise = probes.noise()
        if first == "parallel":
            reading = self._measured_case(case, seed)
            waited, serial = self._measured_baseline(case, seed)
        else:
            waited, serial = self._measured_baseline(case, seed)
            reading = self._measured_case(case, seed)
        noise_after = probes.noise()
        parallel, before, after = reading.reply, reading.before, reading.after
        baseline, calls = self._baseline.baselines[case.group], self._calls[case]
        replay = self._replay(case, seed, parallel, serial)
        earlier, later = sorted((parallel, serial), key=lambda reply: float(reply["begin"]))
        return Pair(
            run=self._context.run,
            t=datetime.now(UTC).isoformat(timespec="milliseconds"),
            **case.model_dump(),
            **self._chunking(case),
            block=self._number,
            round=number,
            first=first,
            calls=calls,
            serial_calls=baseline.calls if baseline.whole else 1,
            baseline="whole" if baseline.whole else "serial replay",
            parallel_seconds=parallel["seconds"],
            serial_seconds=serial["seconds"],
            replay_seconds=replay,
            gap_seconds=later["begin"] - earlier["end"],
            quiet_wait_seconds=reading.waited + waited,
            parallel_cpu_seconds=_per_call(before.cpu_seconds, after.cpu_seconds, calls),
            peak_rss_bytes=after.peak_rss_bytes,
            phases={"build": parallel["build_seconds"], "compute": parallel["compute_seconds"]},
            calibration_ratio=self._baseline.calibrate() / calibrated,
            **probes.between(noise, noise_after),
            voluntary_switches=_difference(before.voluntary, after.voluntary),
            involuntary_switches=_difference(before.involuntary, after.involuntary),
        )

    def _chunking(self, case: Case) -> dict[str, Any]:
        workload = self._baseline.baselines[case.group].workload
        return {
            "chunk_shape": workload.chunk_shape(case.chunk),
            "chunk_bytes": case.chunk * workload.itemsize or None,
            "n_chunks": int(self._engine.describe(case)["n_chunks"]),
            "n_tasks": self.n_tasks(case),
        }

    def _measured_case(self, case: Case, seed: int) -> CaseReading:
        if self._seconds[case] <= PRIMED_SECONDS:
            self._engine.call(case, seed + PRIME_SEED, 1)
        return self._engine.measure(case, seed, self._calls[case])

    def _measured_baseline(self, case: Case, seed: int) -> tuple[float, dict[str, Any]]:
        """Seconds waited for the engine to go quiet, and the child's reply."""
        side = self._baseline
        baseline = side.baselines[case.group]
        if not baseline.whole:
            return self._engine.settle(side.channel), side.replay(case, seed, 1)
        if baseline.seconds <= PRIMED_SECONDS:
            side.call(baseline, seed + PRIME_SEED, 1)
        waited = self._engine.settle(side.channel)
        return waited, side.call(baseline, seed, baseline.calls)

    def _replay(
        self, case: Case, seed: int, parallel: dict[str, Any], serial: dict[str, Any]
    ) -> float | None:
        """Seconds of the serial replay; its answer must be the executor's, to the last bit, where
        both ran the same tasks (rule 4)."""
        if not self._engine.executor.chunked or self._set_up.executor == "serial-replay":
            return None
        baseline = self._baseline.baselines[case.group]
        whole = baseline.whole
        if whole and not baseline.workload.controlled:
            return None
        reply = self._baseline.replay_batch(case, seed) if whole else serial
        expected, answer = reply["answers"][0], parallel["answers"][0]
        if not self._engine.describe(case)["native"] and expected != answer:
            reason = f"{answer} where the serial replay of the same chunks gives {expected}"
            raise CaseError(Status.WRONG_ANSWER, reason, dead=False)
        return float(reply["seconds"])

    def close(self, *, graceful: bool) -> None:
        """Stop the engine, where *graceful*, and end whatever is left of the block."""
        with self._context.time.starting():
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
