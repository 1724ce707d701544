"""The job that mrjob runs: its mappers run this file, a copy of it, as a program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mrjob.job import MRJob
from mrjob.protocol import PickleProtocol, PickleValueProtocol

Call = tuple[int, Callable[..., Any], tuple[Any, ...]]


class MapperCalls(MRJob):  # type: ignore[misc] # mrjob has no types
    """MapperCalls a function with the arguments that a record has."""

    INPUT_PROTOCOL = PickleValueProtocol
    OUTPUT_PROTOCOL = PickleProtocol

    def mapper(self, key: None, value: Call) -> Iterator[tuple[int, Any]]:
        """Give the number of the record, and what its function returns."""
        number, function, task = value
        yield number, function(*task)


def line(number: int, function: Callable[..., Any], task: tuple[Any, ...]) -> bytes:
    """A record of the input."""
    record: bytes = PickleValueProtocol().write(None, (number, function, task))
    return record + b"\n"


if __name__ == "__main__":
    MapperCalls.run()
