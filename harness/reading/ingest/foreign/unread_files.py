"""Files in a results folder that no reader knows: they are named, so that none seems to count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

_DATA = frozenset({".csv", ".tsv", ".txt", ".json", ".jsonl", ".parquet", ".xlsx", ".log", ".dat"})
_TABLES = frozenset({".csv", ".tsv"})
_MOST = 5


def unread_in_results(folder: Path) -> Iterator[str]:
    """Name the files in a results folder itself, where only ``benchmarks.json`` is read."""
    yield from _named(folder, lambda path: path.name != "benchmarks.json")


def unread_in_machine(folder: Path) -> Iterator[str]:
    """Name the files in the folder of a machine that are neither ASV's nor in a folder that is
    read."""
    yield from _named(folder, lambda path: path.suffix != ".json")


def _named(folder: Path, is_unread: Callable[[Path], bool]) -> Iterator[str]:
    found = [
        path
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in _DATA
        and not path.name.startswith(".")
        and path.is_file()
        and is_unread(path)
    ]
    tables = [path for path in found if path.suffix.lower() in _TABLES]
    if tables:
        yield (
            f"{_listed(tables)}: not read: bring in a table of timings with chunkbench read "
            f"{tables[0]} --columns seconds=...,chunk=...,workers=..."
        )
    others = [path for path in found if path not in tables]
    if others:
        yield f"{_listed(others)}: no reader knows what this is, so it is left out"


def _listed(paths: list[Path]) -> str:
    shown = ", ".join(str(path) for path in paths[:_MOST])
    more = len(paths) - _MOST
    return f"{shown} and {more} more" if more > 0 else shown
