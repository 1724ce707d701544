"""The serial side of a block: a child without an engine, which runs the baseline and the replay."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from harness.core.records import Case, Group, Status
from harness.running.executors import lookup, options
from harness.running.host import placement
from harness.running.measure.process.block_context import BlockContext
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.process.ceiling import CeilingControl
from harness.running.measure.process.channel import Channel
from harness.running.measure.process.engine_side import ANSWER_LIMIT_SECONDS
from harness.running.measure.process.timing import ONE_WARM_UP_SECONDS, WARM_UPS, batch
from harness.running.workloads import make_workload
from harness.running.workloads.base import Workload


@dataclass
class Baseline:
    """What one group is measured against.

    Attributes
    ----------
    named : tuple of str and int
        The workload's name and size.
    workload : Workload
    whole : bool
        Whether the baseline is the whole; else it is the serial replay of the case's chunks.
    seconds : float
        One call of the whole.
    calls : int
        Calls of the whole in one batch.
    ceiling_samples : list of float
        Speed-ups of parts that run with no scheduler, as measured in this start-up.
    """

    named: tuple[str, int]
    workload: Workload
    whole: bool
    seconds: float = 0.0
    calls: int = 1
    ceiling_samples: list[float] = field(default_factory=list)


class BaselineSide:
    """The child of a block that holds no engine; *opened* ends it.

    Parameters
    ----------
    context : BlockContext
    groups : sequence of Group
        What the block serves.
    name : str
        Of the child; its helpers' names begin with the block's.
    opened : ExitStack

    Attributes
    ----------
    channel : Channel
    baselines : dict of Group to Baseline
    """

    def __init__(
        self, context: BlockContext, groups: Sequence[Group], name: str, opened: ExitStack
    ) -> None:
        self._context = context
        self.baselines = {group: self._baseline(group) for group in groups}
        self.channel = self.spawn(name, opened)
        self._replay_calls: dict[Case, int] = {}

    def _baseline(self, group: Group) -> Baseline:
        workload = make_workload(group.workload, group.size)
        fits = workload.whole_bytes() <= self._context.memory_bytes
        return Baseline((group.workload, group.size), workload, fits)

    @property
    def workloads(self) -> list[tuple[str, int]]:
        """The workloads of all groups, by name and size."""
        return [baseline.named for baseline in self.baselines.values()]

    def spawn(self, name: str, opened: ExitStack, rank: int = 0) -> Channel:
        """Start a process with one native thread and no engine; it is yet to say that it has. Where
        processes are bound to cores, its core is that of *rank*."""
        there = placement.slots() if options.bound() else []
        slot = there[rank] if rank < len(there) else None
        channel = self._context.spawn(name, "1", lookup("numpy"), opened, slot)
        self._context.send_start(channel, "numpy", 1, self.workloads)
        return channel

    def prepare(self, helpers: Sequence[Channel]) -> None:
        """Warm every baseline up and, with *helpers*, measure its ceiling where the run still needs
        it; a replay is warmed with its case.

        Raises
        ------
        CaseError
            Where a process does not start, or a baseline fails.
        """
        patience = lookup("numpy").start_limit_seconds(len(helpers) + 1)
        for channel in (self.channel, *helpers):
            channel.receive("start", patience)
        for baseline in self.baselines.values():
            if not baseline.whole:
                continue
            baseline.seconds = self._warm_whole(baseline)
            baseline.calls = batch(baseline.seconds)
            parts = len(helpers) + 1
            if helpers and self._needs_ceiling(baseline, parts):
                control = CeilingControl(
                    [self.channel, *helpers],
                    baseline.named,
                    helpers[0].output.parent,
                    self._context.limit_seconds,
                    self._context.ceilings_effort.samples,
                )
                baseline.ceiling_samples = control.samples(baseline.seconds)
                self._context.add_ceiling(baseline.named, parts, baseline.ceiling_samples)

    def _warm_whole(self, baseline: Baseline) -> float:
        """Call the whole until it is warm; seconds of a call. One of over 1 s is called once a run,
        to learn what it takes, and not just to be warm (rule 14)."""
        wholes = self._context.wholes
        seconds = wholes.get(baseline.named)
        for seed in range(WARM_UPS):
            if seconds is not None and seconds > ONE_WARM_UP_SECONDS:
                break
            seconds = float(self.call(baseline, seed, 1)["seconds"])
        wholes[baseline.named] = seconds or 0.0
        return wholes[baseline.named]

    def ceiling(self, group: Group) -> float | None:
        """``S(P)`` of this node as far as the run knows it (rule 3); ``None`` where it was not
        measured."""
        return self._context.ceiling(self.baselines[group].named, group.workers)

    def lacks_ceilings(self, parts: int) -> bool:
        """Whether a ceiling is still to be measured, so that helpers are worth their start."""
        return any(
            baseline.whole and self._needs_ceiling(baseline, parts)
            for baseline in self.baselines.values()
        )

    def _needs_ceiling(self, baseline: Baseline, parts: int) -> bool:
        return baseline.workload.controlled and self._context.needs_ceiling(baseline.named, parts)

    def call(self, baseline: Baseline, seed: int, calls: int) -> dict[str, Any]:
        """Time *calls* calls of the whole as one batch.

        Raises
        ------
        CaseError
            Where it fails, or its answer is wrong.
        """
        return self._timed("baseline", workload=baseline.named, seed=seed, calls=calls)

    def replay(self, case: Case, seed: int, calls: int) -> dict[str, Any]:
        """Time *calls* runs of the chunks of *case*, one after the other, as one batch.

        Raises
        ------
        CaseError
            Where it fails, or its answer is wrong.
        """
        named = self.baselines[case.group].named
        return self._timed("replay", workload=named, chunk=case.chunk, seed=seed, calls=calls)

    def replay_batch(self, case: Case, seed: int) -> dict[str, Any]:
        """Time the replay in a batch as long as the last one of *case* says; the first is one call.

        Raises
        ------
        CaseError
            As :meth:`replay` does.
        """
        reply = self.replay(case, seed, self._replay_calls.get(case, 1))
        self._replay_calls[case] = batch(float(reply["seconds"]))
        return reply

    def calibrate(self) -> float:
        """Seconds of a fixed piece of work (rule 16)."""
        return float(self.channel.ask("calibrate", ANSWER_LIMIT_SECONDS)["seconds"])

    def _timed(self, command: str, **arguments: Any) -> dict[str, Any]:
        reply = self._context.ask_timed(self.channel, command, **arguments)
        if reply["wrong"]:
            raise CaseError(Status.FAILED, f"the baseline is wrong: {reply['wrong']}", dead=False)
        return reply
