"""Time reading on ever more made-up pairs: ours, ``orjson`` on the same bytes, ASV's loader."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psutil

from harness.core import units
from harness.core.errors import UsageError
from selfbench.before_and_after import AFTER, BEFORE, Say, Source
from selfbench.fresh_process import DidNotEndError, spent
from selfbench.made_up_nights import MadeUp, bytes_needed, generate

MEMORY_SHARE = 0.8
"""A step that takes more of the memory that was free before it is ended."""


@dataclass(frozen=True)
class Point:
    """One step on one number of pairs.

    Attributes
    ----------
    pairs : int
        In the journals.
    what : str
        A key of :data:`LABELS`.
    bytes_read : int
    wall_seconds, cpu_seconds : float or None
        Without imports, but for a whole command; ``None`` where it did not come to its end.
    importing_seconds : float or None
        ``None`` for a whole command.
    peak_bytes : int or None
        Of the whole process.
    failure : str or None
    """

    pairs: int
    what: str
    bytes_read: int
    wall_seconds: float | None = None
    cpu_seconds: float | None = None
    importing_seconds: float | None = None
    peak_bytes: int | None = None
    failure: str | None = None


LABELS = {
    "orjson": "orjson.loads, line by line",
    "cases": "read, and the table cases",
    "cases before": "the same, before",
    "asv": "ASV's loader, its own files",
    "compact only": "chunkbench compact --no-judge",
    "cases compacted": "read what is compacted, and the table cases",
    "compact": "chunkbench compact",
    "tables": "chunkbench tables, compacted",
    "screen": "chunkbench tables, the first screen",
}
WHOLE_COMMANDS = ("compact only", "compact", "tables", "screen")
"""Their time is that of the process, imports included."""


class _Step(NamedTuple):
    """What is run with Python's interpreter by a source, and how many bytes it reads."""

    what: str
    source: Source
    arguments: list[str]
    bytes_read: int


class Most(NamedTuple):
    """Up to how many pairs a step is measured.

    Attributes
    ----------
    before : int
        By the earlier source.
    compact, judge : int
        Compacting, and judging what is compacted, which takes longest.
    """

    before: int
    compact: int
    judge: int


def sizes(smallest: int, largest: int) -> list[int]:
    """Ten times as many pairs at each step."""
    counts = []
    while smallest <= largest:
        counts.append(smallest)
        smallest *= 10
    return counts


def check_room(folder: Path, pairs: int) -> None:
    """Refuse more *pairs* than the disk of *folder* has room for.

    Raises
    ------
    UsageError
        With what is needed and what is free.
    """
    needed, free = bytes_needed(pairs), shutil.disk_usage(folder).free
    if needed > free:
        raise UsageError(
            f"{folder}: {units.size(needed)} are needed for {units.count(pairs)} pairs and "
            f"{units.size(free)} are free: choose a smaller --largest or another --folder"
        )


def curve(
    committed: Path,
    counts: Sequence[int],
    sources: Sequence[Source],
    folder: Path,
    most: Most,
    say: Say,
) -> list[Point]:
    """Measure every step at each number of pairs.

    Parameters
    ----------
    committed : Path
        A machine's folder, see :func:`selfbench.made_up_nights.generate`.
    counts : sequence of int
        Numbers of pairs.
    sources : sequence of Source
        This one, and perhaps that of an earlier commit.
    folder : Path
        Where the files go, one number of pairs after the other.
    most : Most
    say : callable
        Told what comes next.
    """
    by_name = {source.name: source for source in sources}
    points: list[Point] = []
    for pairs in counts:
        check_room(folder, pairs)
        with tempfile.TemporaryDirectory(prefix="nights-", dir=folder) as name:
            journals, asv = Path(name, "journals"), Path(name, "asv")
            say(f"{units.count(pairs)} pairs: writing them")
            made = generate(committed, pairs, journals, asv)
            for step in _steps(by_name, made, journals, asv, most):
                say(f"{units.count(pairs)} pairs: {LABELS[step.what]}")
                points.append(_point(step, pairs))
    return points


def _steps(
    sources: Mapping[str, Source], made: MadeUp, journals: Path, asv: Path, most: Most
) -> Iterator[_Step]:
    """The steps, in an order in which none needs what an earlier one took away."""
    here, size = sources[AFTER], made.journal_bytes
    script = ["-P", str(Path(__file__).with_name("curve_steps.py"))]
    cases = [*script, "cases", str(journals)]
    yield _Step("orjson", here, [*script, "orjson", str(journals)], size)
    yield _Step("cases", here, cases, size)
    if BEFORE in sources and made.pairs <= most.before:
        yield _Step("cases before", sources[BEFORE], cases, size)
    yield _Step("asv", here, [*script, "asv", str(asv)], made.asv_bytes)
    if made.pairs <= most.compact:
        compact = ["-m", "harness", "compact", "--results", str(journals)]
        yield _Step("compact only", here, [*compact, "--no-judge"], size)
        kept = sum(path.stat().st_size for path in journals.rglob("*") if path.is_file())
        yield _Step("cases compacted", here, cases, kept)
        if made.pairs <= most.judge:
            yield _Step("compact", here, compact, kept)
            tables = ["-m", "harness", "tables", "--results", str(journals)]
            out = ["--format", "parquet", "--out", str(journals.with_name("tables"))]
            yield _Step("tables", here, [*tables, *out], kept)
            yield _Step("screen", here, tables, kept)


def _point(step: _Step, pairs: int) -> Point:
    what, source, size = step.what, step.source, step.bytes_read
    with tempfile.TemporaryDirectory(dir=source.caches) as home:
        try:
            run = spent(
                [sys.executable, *step.arguments],
                folder=Path(home),
                environment=source.environment(Path(home)),
                most_bytes=MEMORY_SHARE * psutil.virtual_memory().available,
            )
        except DidNotEndError as error:
            return Point(pairs, what, size, failure=str(error))
    if what in WHOLE_COMMANDS:
        return Point(pairs, what, size, run.wall_seconds, run.cpu_seconds, None, run.peak_bytes)
    told = json.loads(run.output.splitlines()[-1])
    if what != "asv" and told["pairs"] != pairs:
        return Point(pairs, what, size, failure=f"it saw {told['pairs']} pairs")
    return Point(
        pairs,
        what,
        size,
        wall_seconds=told["wall_seconds"],
        cpu_seconds=told["cpu_seconds"],
        importing_seconds=told["importing_seconds"],
        peak_bytes=run.peak_bytes,
    )
