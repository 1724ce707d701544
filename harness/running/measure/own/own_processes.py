"""The processes that run the user's function: one without an engine, copies of it, and engines."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any

from harness.core import units
from harness.core.errors import MeasureError, UsageError
from harness.core.records import Status
from harness.running.executors import lookup
from harness.running.executors.engine_facts import START_LIMIT_SECONDS
from harness.running.host import pins
from harness.running.measure.own.stored_variable import StoredVariable
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.process.channel import STOP_LIMIT_SECONDS, Channel, child_environment
from harness.running.measure.process.reaper import Reaper, module_path

LIMIT_SECONDS = 300.0
"""For one answer of a process that is up, unless the user says otherwise."""
PROGRAM = "harness.running.measure.own.own_child"


class OutOfTime(MeasureError):  # noqa: N818 - what was timed before is kept
    """A call took longer than what is left of the budget, and was ended."""


@dataclass
class Patience:
    """How long to wait for one answer.

    Attributes
    ----------
    limit : float
        Seconds for any call.
    until : float
        A moment of ``monotonic`` at which the budget is spent.
    least : float
        Seconds that are waited for a call even after it.
    """

    limit: float = LIMIT_SECONDS
    until: float = inf
    least: float = 0.0

    @property
    def seconds(self) -> float:
        """For an answer from now on."""
        return min(self.limit, max(self.until - monotonic(), self.least))


class OwnProcesses:
    """Children that have loaded the user's work, started when they are first needed.

    Parameters
    ----------
    work : mapping
        What :meth:`.own_child.OwnChild.load` is told.
    executor : str
        The engine that may run the work.
    cores : float
        Usable cores.
    scratch : Path
        Folder for what the children write.
    reaper : Reaper
    patience : Patience

    Attributes
    ----------
    bare : Channel
        The child without an engine, with one native thread.
    takes : str or None
        What the function calls the argument that says how its work is cut.
    stored : list of StoredVariable
        What lies in storage of the array that it works on.
    """

    def __init__(
        self,
        work: Mapping[str, Any],
        executor: str,
        cores: float,
        scratch: Path,
        reaper: Reaper,
        patience: Patience,
    ) -> None:
        self.work, self.executor, self.patience = work, lookup(executor), patience
        self._cores, self._scratch, self._reaper = cores, scratch, reaper
        self._channels: list[Channel] = []
        self._marks: dict[int, str] = {}
        self._engines: dict[int, Channel] = {}
        self._copies: list[Channel] = []
        self._all_cores: Channel | None = None
        self.bare = self._spawn("bare")
        loaded = self.ask(self.bare, "load", **work)
        self.takes: str | None = loaded["takes"]
        self.stored = [StoredVariable.model_validate(each) for each in loaded["stored"]]

    def engine(self, workers: int) -> Channel:
        """The child whose engine has *workers* workers; it has not loaded the work."""
        if workers not in self._engines:
            channel = self._spawn(f"engine{workers}")
            self.ask(channel, "start", workloads=[], executor=self.executor.name, workers=workers)
            self._engines[workers] = channel
        return self._engines[workers]

    def load(self, channel: Channel) -> None:
        """Have a child load the work."""
        self.ask(channel, "load", **self.work)

    @property
    def all_cores(self) -> Channel:
        """A child like :attr:`bare` whose native threads may use all cores."""
        if self._all_cores is None:
            self._all_cores = self._spawn("all-cores", pin="cores")
            self.load(self._all_cores)
        return self._all_cores

    def copies(self, number: int) -> list[Channel]:
        """So many children without an engine that have loaded the work, :attr:`bare` aside."""
        while len(self._copies) < number:
            copy = self._spawn(f"bare{len(self._copies)}")
            self.load(copy)
            self._copies.append(copy)
        return self._copies[:number]

    def close(self) -> None:
        """Stop the engines, and end every process."""
        for engine in self._engines.values():
            try:
                engine.ask("stop", STOP_LIMIT_SECONDS)
            except CaseError:
                continue
        for channel in self._channels:
            channel.close(partial(self._reaper.end, self._marks[channel.process.pid]))

    def ask(self, channel: Channel, command: str, **arguments: Any) -> dict[str, Any]:
        """The reply of a child to *command*; raises what :func:`ask` does."""
        return ask(channel, command, self.patience, **arguments)

    def receive(self, channel: Channel, command: str) -> dict[str, Any]:
        """The reply to a *command* that was sent; raises what :func:`ask` does."""
        return _reply(channel, command, self.patience)

    def _spawn(self, name: str, pin: str = "1") -> Channel:
        scratch = self._scratch / name
        pinned = pins.environment(pin, self._cores)
        extra = pinned | self.executor.environment(scratch, pinned)
        if self.executor.kind != "local threads":  # its workers import the user's module too
            folders = [module_path(), *self.work.get("paths", ())]
            extra |= {"PYTHONPATH": os.pathsep.join(folders)}
        mark = self._reaper.mark(name)
        environment = child_environment(mark, scratch, extra, self.work.get("paths", ()))
        channel = Channel(environment, scratch, PROGRAM)
        self._reaper.watch(channel.process.pid)
        self._marks[channel.process.pid] = mark
        self._channels.append(channel)
        return channel


def ask(channel: Channel, command: str, patience: Patience, **arguments: Any) -> dict[str, Any]:
    """The reply of a child to *command*.

    Raises
    ------
    UsageError
        Where the function is not there, or not what it should be.
    OutOfTime
        Where the budget is spent before there is one.
    MeasureError
        Where it raises, its process dies, or a call takes longer than the limit.
    """
    channel.send(command, **arguments)
    return _reply(channel, command, patience)


def _reply(channel: Channel, command: str, patience: Patience) -> dict[str, Any]:
    starts = command in ("start", "load")
    seconds = START_LIMIT_SECONDS if starts else patience.seconds
    try:
        return channel.receive(command, seconds)
    except CaseError as error:
        kind, _, message = str(error.reason).partition(": ")
        if kind == "UsageError":
            raise UsageError(message) from None
        late = error.status is Status.TIMEOUT and not starts
        if late and seconds < patience.limit:
            raise OutOfTime(
                f"a call had not ended after {units.seconds(seconds)}, when the budget was "
                "spent: give a longer --budget, or try it on a smaller size"
            ) from None
        way = "give a longer --limit, or " if late else ""
        raise MeasureError(
            f"the work could not be run ({error.status.value}: {error.reason}): {way}run the "
            "function by itself, or try it on a smaller size"
        ) from None
