"""Executors that give actors a home: make them once, call them, wait for what the calls return."""

from __future__ import annotations

from typing import Any, ClassVar


class ActorHost:
    """Makes one actor a worker and talks to it.

    An executor that has ``actors`` among its ways defines :meth:`host`, :meth:`call` and
    :meth:`results`; the others leave all three as they are.
    """

    name: ClassVar[str]

    def __init__(self) -> None:
        self.hosted: dict[type, list[Any]] = {}

    def actors(self, actor: type) -> list[Any]:
        """Return one actor of the class *actor* for each worker.

        They are made at the first call and kept for every later one.

        Raises
        ------
        NotImplementedError
            Where the executor has no actors.
        """
        if actor not in self.hosted:
            self.hosted[actor] = self.host(actor)
        return self.hosted[actor]

    def host(self, actor: type) -> list[Any]:
        """Make one actor of the class *actor* for each worker."""
        raise NotImplementedError(f"{self.name} has no actors")

    def call(self, actor: Any, method: str, *arguments: Any) -> Any:
        """Call the method named *method* of an actor with *arguments*; return what :meth:`results`
        waits for."""
        raise NotImplementedError(f"{self.name} has no actors")

    def results(self, calls: list[Any]) -> list[Any]:
        """Wait for *calls* and return their results in order."""
        raise NotImplementedError(f"{self.name} has no actors")
