"""The processes that run the user's function: one without an engine, copies of it, and engines."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from harness.core.errors import MeasureError, UsageError
from harness.running.executors import lookup
from harness.running.executors.engine_facts import START_LIMIT_SECONDS
from harness.running.host import pins
from harness.running.measure.process.case_error import CaseError
from harness.running.measure.process.channel import STOP_LIMIT_SECONDS, Channel, child_environment
from harness.running.measure.process.reaper import Reaper

LIMIT_SECONDS = 300.0
"""For one answer of a process that is up."""
PROGRAM = "harness.running.measure.own.own_child"


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

    Attributes
    ----------
    bare : Channel
        The child without an engine.
    takes : str or None
        What the function calls the argument that says how its work is cut.
    """

    def __init__(
        self, work: Mapping[str, Any], executor: str, cores: float, scratch: Path, reaper: Reaper
    ) -> None:
        self.work, self.executor = work, lookup(executor)
        self._cores, self._scratch, self._reaper = cores, scratch, reaper
        self._channels: list[Channel] = []
        self._marks: dict[int, str] = {}
        self._engines: dict[int, Channel] = {}
        self._copies: list[Channel] = []
        self.bare = self._spawn("bare")
        self.takes: str | None = ask(self.bare, "load", **work)["takes"]

    def engine(self, workers: int) -> Channel:
        """The child whose engine has *workers* workers; it has not loaded the work."""
        if workers not in self._engines:
            channel = self._spawn(f"engine{workers}")
            ask(channel, "start", workloads=[], executor=self.executor.name, workers=workers)
            self._engines[workers] = channel
        return self._engines[workers]

    def load(self, channel: Channel) -> None:
        """Have a child load the work."""
        ask(channel, "load", **self.work)

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

    def _spawn(self, name: str) -> Channel:
        scratch = self._scratch / name
        pinned = pins.environment("1", self._cores)
        extra = pinned | self.executor.environment(scratch, pinned)
        mark = self._reaper.mark(name)
        environment = child_environment(mark, scratch, extra, self.work.get("paths", ()))
        channel = Channel(environment, scratch, PROGRAM)
        self._reaper.watch(channel.process.pid)
        self._marks[channel.process.pid] = mark
        self._channels.append(channel)
        return channel


def ask(channel: Channel, command: str, **arguments: Any) -> dict[str, Any]:
    """The reply of a child to *command*.

    Raises
    ------
    UsageError
        Where the function is not there, or not what it should be.
    MeasureError
        Where it raises, or its process dies.
    """
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
