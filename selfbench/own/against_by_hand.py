"""``python -m selfbench own``: six works of the kind that people post, answered by ``harness.run``
and timed by hand beside it."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import chdir
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

from tabulate import tabulate

import harness
from harness.core import units
from harness.core.records import Verdict
from harness.reading.report.tried.tried_answer import Tried, TriedRow
from harness.running.host.checkout import source_folder
from harness.running.workloads.given_work import GivenWork

MODULE = "selfbench.own.posted_works"
BY_HAND = "selfbench.own.by_hand"
NATIVE_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
START_UPS = 2
"""Of the engine, by hand as in the answer: what a pool gives depends on where it came up."""
SECONDS = 10.0
"""For which each of them is timed by hand, at least."""
AGREE = 0.15
"""How far the two speed-ups may be apart."""
HEADERS = (
    "work",
    "way",
    "items a task",
    "answer",
    "verdict",
    "by hand",
    "apart",
    "agrees",
    "answered in",
)


@dataclass(frozen=True)
class Posted:
    """One work: what is asked of :func:`harness.run`, and on which executor it is timed by hand."""

    name: str
    way: str
    task: str
    items: str | None = None
    against: str | None = None
    chunks: Sequence[int] | str = "auto"

    def work(self) -> GivenWork:
        """The work as its user gives it, by the names in a module."""
        named = {
            key: f"{MODULE}:{value}"
            for key, value in (("items", self.items), ("against", self.against))
            if value
        }
        return harness.work(f"{MODULE}:{self.task}", **named)


POSTED = (
    Posted("slow items", "process-pool", "slow_item", items="slow_items"),
    Posted("tiny bag", "as-written", "tiny_bag", against="tiny_loop", chunks=(2, 10)),
    Posted("product", "dask-threads", "product", against="plain_product", chunks=(1_000, 1_500)),
    Posted(
        "climatology",
        "dask-threads",
        "climatology",
        against="loaded_climatology",
        chunks=(365, 730),
    ),
    Posted("group-by", "dask-threads", "grouped", against="pandas_grouped", chunks=(2, 8)),
    Posted("ray loop", "ray-tasks", "millisecond", items="milliseconds"),
)


@dataclass(frozen=True)
class Beside:
    """What one work gave, in the answer and by hand.

    Attributes
    ----------
    name, way : str
    chunk : int or None
        Of the row that is compared: the best of that executor; ``None`` where it has no result.
    speedup, low, high : float or None
        Of the answer.
    verdict : str or None
    by_hand, least, most : float or None
        Serial over parallel seconds by hand: of the medians, and of single turns.
    seconds : float
        Until the answer stood.
    """

    name: str
    way: str
    chunk: int | None
    speedup: float | None
    low: float | None
    high: float | None
    verdict: str | None
    by_hand: float | None
    least: float | None
    most: float | None
    seconds: float

    @property
    def apart(self) -> float | None:
        """By how much the speed-up of the answer is larger, as a share."""
        return self.speedup / self.by_hand - 1 if self.speedup and self.by_hand else None

    @property
    def agrees(self) -> bool | None:
        """Whether the verdict is what the turns by hand say; ``None`` where there is no verdict."""
        if self.by_hand is None or self.verdict in (None, Verdict.UNDETERMINED):
            return None
        if self.verdict == Verdict.EQUAL:
            return abs(self.by_hand - 1) <= AGREE
        return (self.by_hand > 1) == (self.verdict == Verdict.PAYS)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of ``own`` besides those of every benchmark here."""
    names = [posted.name for posted in POSTED]
    parser.add_argument("--work", choices=names, action="append", help="only this; may be repeated")
    parser.add_argument("--budget", default="2m", help="of each answer (2m)")


def run(options: argparse.Namespace, table_format: str, say: Callable[[str], None]) -> str:
    """Answer and time what *options* ask for, and lay it out."""
    chosen = [each for each in POSTED if not options.work or each.name in options.work]
    rows = []
    with tempfile.TemporaryDirectory(prefix="chunkbench-own-") as name:
        folder = Path(name)
        with chdir(folder):
            for posted in chosen:
                say(f"{posted.name}: asking, for up to {options.budget}")
                rows.append(beside(posted, options.budget, folder, say))
    if options.json:
        options.json.write_text(json.dumps([as_data(row) for row in rows], indent=1) + "\n")
    return printed(rows, table_format)


def beside(posted: Posted, budget: str, folder: Path, say: Callable[[str], None]) -> Beside:
    """Answer one work, then time the best row of its executor by hand."""
    began = monotonic()
    executors = [posted.way] if posted.items else [posted.way, "dask-threads"]
    answer = harness.run(
        posted.work(),
        executors=[*dict.fromkeys(executors)],
        chunks=posted.chunks,
        budget=budget,
        results=folder / "results",
    )
    seconds = monotonic() - began
    row = best_row(answer, posted.way)
    if row is None or row.speedup.point is None:
        return Beside(posted.name, posted.way, *(None,) * 8, seconds=seconds)
    say(f"{posted.name}: {units.seconds(seconds)}; {posted.way} with {row.chunk} by hand")
    serial, parallel = by_hand(posted, row.chunk, folder)
    turns = [one / other for one, other in zip(serial, parallel, strict=True)]
    return Beside(
        posted.name,
        posted.way,
        row.chunk,
        row.speedup.point,
        row.speedup.low,
        row.speedup.high,
        row.verdict,
        median(serial) / median(parallel),
        min(turns),
        max(turns),
        seconds,
    )


def best_row(answer: Tried, way: str) -> TriedRow | None:
    """The fastest row of the executor *way*; ``None`` where none has a result."""
    rows = [row for row in answer.rows if row.executor == way and row.speedup.point is not None]
    return max(rows, key=lambda row: row.speedup.point or 0.0, default=None)


def by_hand(
    posted: Posted, chunk: int, folder: Path, least: float = SECONDS
) -> tuple[list[float], list[float]]:
    """Seconds of the serial way and of the parallel one, from :data:`START_UPS` processes of their
    own whose NumPy has one thread, as the answer's has; each takes *least* s or more."""
    serial: list[float] = []
    parallel: list[float] = []
    for _ in range(START_UPS):
        said = one_process(posted, chunk, folder, least)
        serial += said["serial"]
        parallel += said["parallel"]
    return serial, parallel


def one_process(posted: Posted, chunk: int, folder: Path, least: float) -> dict[str, list[float]]:
    """What one process timed by hand: ``serial`` and ``parallel`` seconds, turn by turn."""
    environment = os.environ | dict.fromkeys(NATIVE_THREADS, "1")
    environment["PYTHONPATH"] = str(source_folder())
    done = subprocess.run(
        [sys.executable, "-m", BY_HAND, posted.name, posted.way, str(chunk), str(least)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    said: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return said


def as_data(row: Beside) -> dict[str, Any]:
    """Every figure of a work."""
    return {**asdict(row), "apart": row.apart, "agrees": row.agrees}


def printed(rows: Sequence[Beside], table_format: str) -> str:
    """Lay the works out, and say how many agree."""
    shown = tabulate([_cells(row) for row in rows], HEADERS, tablefmt=table_format)
    near = sum(row.apart is not None and abs(row.apart) <= AGREE for row in rows)
    decided = [row.agrees for row in rows if row.agrees is not None]
    return (
        f"{shown}\n\nThe verdict agrees with what was timed by hand in {sum(decided)} of "
        f"{len(decided)} works that have one; the speed-ups are within {AGREE:.0%} of each other "
        f"in {near} of {len(rows)}."
    )


def _cells(row: Beside) -> tuple[str, ...]:
    took = units.seconds(row.seconds)
    if row.chunk is None:
        return (row.name, row.way, *("-",) * 6, took)
    return (
        row.name,
        row.way,
        units.count(row.chunk),
        _range(row.speedup, row.low, row.high),
        str(row.verdict),
        _range(row.by_hand, row.least, row.most),
        "-" if row.apart is None else f"{row.apart:+.0%}",
        "no verdict" if row.agrees is None else "yes" if row.agrees else "NO",
        took,
    )


def _range(point: float | None, low: float | None, high: float | None) -> str:
    if point is None:
        return "-"
    return f"{point:.3g}" if low is None or high is None else f"{point:.3g} [{low:.3g}, {high:.3g}]"
