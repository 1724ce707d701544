"""The parallel side of a block: the child with the engine, and what is read of its processes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple

from harness.core.records import Case, SetUp, Status, WorkerProbe
from harness.running.executors import lookup, options
from harness.running.executors.engine_facts import SECONDS_FOR_EACH_WORKER
from harness.running.host import pins, placement
from harness.running.host.machine import node_name
from harness.running.measure.process import probes
from harness.running.measure.process.block_context import BlockContext
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.process.channel import Channel

ANSWER_LIMIT_SECONDS = 30.0


class CaseReading(NamedTuple):
    """One timed batch of a case: the child's reply, the seconds waited for quiet before it, and the
    totals of the engine's processes before and after."""

    reply: dict[str, Any]
    waited: float
    before: probes.Usage
    after: probes.Usage


class EngineSide:
    """One engine in a fresh child; *opened* ends it and all that it starts.

    Attributes
    ----------
    channel : Channel
    layout : dict
        The child's replies to its start: processes, threads, settings, seconds; interpreter and
        versions.
    verified : list of WorkerProbe
        What every worker said of itself.
    tree : probes.Tree
        The child and the processes that it has started on this machine.
    """

    def __init__(self, context: BlockContext, set_up: SetUp, name: str, opened: ExitStack) -> None:
        self._context, self._set_up = context, set_up
        self.executor = lookup(set_up.executor)
        self._slot = context.slot(self.executor, set_up.workers, set_up.pin)
        self.channel = context.spawn(name, set_up.pin, self.executor, opened, self._slot)
        self.layout: dict[str, Any] = {}
        self.verified: list[WorkerProbe] = []

    def start(self, workloads: Sequence[tuple[str, int]]) -> None:
        """Bring the engine up and verify its pins.

        Raises
        ------
        CaseError
            Where it does not come up or its pins do not hold.
        """
        set_up = self._set_up
        self._context.send_start(self.channel, set_up.executor, set_up.workers, workloads)
        self.layout = self.channel.receive(
            "start", self.executor.start_limit_seconds(set_up.workers)
        )
        self.tree = probes.Tree(self.channel.process.pid)
        patience = ANSWER_LIMIT_SECONDS + SECONDS_FOR_EACH_WORKER * set_up.workers
        self.layout |= self.channel.ask("versions", ANSWER_LIMIT_SECONDS)
        self.verified = self._probes(patience)
        if options.bound():
            self._bind(patience)
        self._check_pins()

    def _probes(self, patience: float) -> list[WorkerProbe]:
        reply = self.channel.ask("probe", patience)
        return [WorkerProbe(**probe) for probe in reply["probes"]]

    def _bind(self, patience: float) -> None:
        """Bind each worker that is a process of its own to a core of its own, and note what all
        workers then say of theirs."""
        set_up = self._set_up
        if (
            self._slot
            and set_up.pin == "1"
            and self.layout["processes"] == set_up.workers > 1
            and placement.bind_by_rank(self.verified)
        ):
            self.verified = self._probes(patience)
        if self._slot:
            found = placement.found(self.verified, self._slot)
        elif self.executor.spans_machines:
            found = "no: its workers may be on other machines"
        else:
            found = f"no: {placement.why_not()}"
        self.layout["settings"]["bind"] = found

    def _check_pins(self) -> None:
        expected = self.layout["processes"]
        probed = len({(probe.host, probe.pid) for probe in self.verified})
        wrong = pins.mismatch(self._set_up.pin, self._context.cores, self.verified)
        if wrong is None and probed < expected:
            wrong = f"pins not verified: {expected} worker processes started, {probed} took a task"
        if wrong is not None:
            raise CaseError(Status.FAILED, wrong, dead=True)

    @property
    def is_local(self) -> bool:
        """Whether all workers are on this node, as far as they say."""
        return all(probe.host in (None, node_name()) for probe in self.verified)

    @property
    def link(self) -> str | None:
        """Where the engine's dashboard is, if it is open."""
        link = self.layout["settings"].get("dashboard")
        return None if link is None else str(link)

    def describe(self, case: Case) -> dict[str, Any]:
        """The number of tasks of *case*, and whether the engine cuts it in a way of its own; asked
        once a run."""
        if case not in self._context.described:
            self._context.described[case] = self.channel.ask(
                "describe",
                self._context.limit_seconds,
                workload=(case.workload, case.size),
                chunk=case.chunk,
                seed=0,
            )
        return self._context.described[case]

    def call(self, case: Case, seed: int, calls: int) -> dict[str, Any]:
        """Time *calls* calls of *case* as one batch.

        Raises
        ------
        CaseError
            Where it fails, or its answer is wrong.
        """
        reply = self._context.ask_timed(
            self.channel,
            "case",
            workload=(case.workload, case.size),
            chunk=case.chunk,
            seed=seed,
            calls=calls,
        )
        if reply["wrong"]:
            raise CaseError(Status.WRONG_ANSWER, reply["wrong"], dead=False)
        return reply

    def measure(self, case: Case, seed: int, calls: int) -> CaseReading:
        """Time *calls* calls of *case* from a quiet machine on, with what its processes used."""
        waited = self.settle(self.channel)
        self.tree.forget_peak()
        before = self._usage()
        reply = self.call(case, seed, calls)
        return CaseReading(reply, waited, before, self._usage())

    def _usage(self) -> probes.Usage:
        """Totals of the engine's processes; those elsewhere are asked for their CPU time, and
        nothing else is known of them."""
        if not self.executor.spans_machines:
            return self.tree.usage()
        workers = self.channel.ask("usage", ANSWER_LIMIT_SECONDS)["workers"]
        return probes.with_others(self.tree, workers)

    def settle(self, channel: Channel) -> float:
        """Collect garbage in *channel*, where the next call runs, and wait for the engine to go
        quiet; seconds waited."""
        channel.ask("collect", ANSWER_LIMIT_SECONDS)
        return self.tree.wait_quiet()
