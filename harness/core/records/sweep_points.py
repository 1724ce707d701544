"""The points of a sweep: a case, the group it is in, and the set-up that it runs on."""

from __future__ import annotations

from harness.core.records.base import Record
from harness.core.units import plural


class SetUp(Record):
    """What has to be started for a case: an executor with its workers and its pin."""

    executor: str
    workers: int
    pin: str


class Group(Record):
    """The cases of one workload and size on one set-up: those that differ in the chunk alone."""

    workload: str
    size: int
    executor: str
    workers: int
    pin: str

    @property
    def set_up(self) -> SetUp:
        """The set-up of this group."""
        return SetUp(executor=self.executor, workers=self.workers, pin=self.pin)

    def case(self, chunk: int) -> Case:
        """The case of this group with *chunk* elements a task."""
        return Case(**self.model_dump(), chunk=chunk)


class Case(Group):
    """One point of a sweep.

    ``size`` and ``chunk`` count elements (bag: items; actors: calls); ``pin`` is ``"1"``,
    ``"cores"`` or ``"default"`` (the engine's own).
    """

    chunk: int

    @property
    def group(self) -> Group:
        """The group that this case belongs to."""
        return Group(**self.model_dump(exclude={"chunk"}))

    @property
    def label(self) -> str:
        """A short name for messages and progress lines."""
        workers = plural(self.workers, "worker")
        return f"{self.workload} on {self.executor}, {workers}, chunk {self.chunk}"
