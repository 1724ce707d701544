"""Classes that are looked up by name: ours by the place of their module, others by entry point."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib import import_module, metadata
from typing import Any

from harness.core.errors import UnknownNameError


class Registry:
    """Names of one kind of thing, and the class that each stands for.

    Nothing is imported before it is looked up, and the installed distributions are asked only for
    names that are not ours. One of ours cannot be replaced by another of its name.

    Parameters
    ----------
    what : str
        What is looked up, for messages: ``"workload"``.
    group : str
        The entry-point group under which other distributions add theirs.
    ours : mapping of str to str
        Name to ``module:Class``.
    """

    def __init__(self, what: str, group: str, ours: Mapping[str, str]) -> None:
        self.what = what
        self.group = group
        self.ours = dict(ours)

    @cached_property
    def third_parties(self) -> dict[str, str]:
        """Name to ``module:Class`` of what other distributions add; read once, as it looks into
        every installed distribution."""
        return {entry.name: entry.value for entry in metadata.entry_points(group=self.group)}

    def forget_third_parties(self) -> None:
        """Look for them again: something was installed in the meantime."""
        self.__dict__.pop("third_parties", None)

    def names(self) -> list[str]:
        """Every name, those of third parties last."""
        return list(self.ours | self.third_parties)

    def place(self, name: str) -> str:
        """``module:Class`` of *name*.

        Raises
        ------
        UnknownNameError
            With the names that exist.
        """
        place = self.ours.get(name) or self.third_parties.get(name)
        if place is None:
            raise UnknownNameError(self.what, name, self.names())
        return place

    def lookup(self, name: str) -> Any:
        """The class *name*.

        Raises
        ------
        UnknownNameError
            With the names that exist.
        """
        module, _, attribute = self.place(name).partition(":")
        return getattr(import_module(module), attribute)
