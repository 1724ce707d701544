"""``python -m selfbench soak``: measure tiny sweeps again and again in one process, and say whether
memory, open files, processes and temporary files stay what they were."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from time import monotonic

import psutil
from scipy import stats
from tabulate import tabulate

from harness.core import units
from harness.core.records import Case
from harness.reading.analysis.verdict.verdicts import decided
from harness.running.executors import require
from harness.running.measure.process.shared_memory import NAME, SHARED_MEMORY, living
from harness.running.measure.sweep.session import measure
from harness.running.plan.sweep import SweepPlan
from selfbench.fixed_rounds import fixed_rounds

EXECUTORS = ("dask-threads", "process-pool", "dask-distributed-processes", "ray-tasks")
SIZE, CHUNKS, ROUNDS = 200, (50, 200), 3
SHOWN = 7
"""Rows of the table at most, evenly spaced."""


@dataclass(frozen=True)
class Seen:
    """What this process has after a turn, which is a sweep on each executor.

    Attributes
    ----------
    turn : int
        From 1 on; in the first one libraries are loaded and caches filled.
    seconds : float
        Since the start.
    memory_bytes : int
        Resident, of this process alone.
    files, threads, processes : int
        Open descriptors; threads; living processes below it.
    temporary : int
        Entries of the temporary folder, which is of this run alone, and new semaphores of sweeps.
    """

    turn: int
    seconds: float
    memory_bytes: int
    files: int
    threads: int
    processes: int
    temporary: int


COUNTED = ("files", "threads", "processes", "temporary")
SHOWN_AS: dict[str, Callable[[float], str]] = {"memory_bytes": units.size, "seconds": units.seconds}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what can be chosen."""
    parser.add_argument("--minutes", type=float, default=60.0, help="default: 60")
    parser.add_argument(
        "--executor", action="append", help=f"instead of {', '.join(EXECUTORS)}; may be repeated"
    )


def run(options: argparse.Namespace, form: str, say: Callable[[str], None]) -> str:
    """Measure for so many minutes; the table, and what grew."""
    executors = options.executor or EXECUTORS
    for executor in executors:
        require(executor)
    with tempfile.TemporaryDirectory(prefix="chunkbench-soak-") as folder:
        seen = soaked(executors, Path(folder), 60 * options.minutes, say)
    if options.json:
        options.json.write_text(json.dumps([asdict(each) for each in seen], indent=1) + "\n")
    return printed(seen, form)


def soaked(
    executors: Sequence[str], folder: Path, seconds: float, say: Callable[[str], None]
) -> list[Seen]:
    """Measure in *folder* until *seconds* are over, for two turns at least; what was seen after
    each."""
    temporary, results = folder / "t", folder / "results"
    temporary.mkdir()
    before = tempfile.tempdir
    tempfile.tempdir = str(temporary)
    known = _shared_memory(temporary)
    began, seen = monotonic(), list[Seen]()
    try:
        while len(seen) < 2 or monotonic() - began < seconds:
            for executor in executors:
                measure(_plan(executor), results, decide=decided, machine_name="soak")
            new = len(list(temporary.iterdir())) + len(_shared_memory(temporary) - known)
            seen.append(_looked(len(seen) + 1, monotonic() - began, new))
            say(f"turn {seen[-1].turn}, {units.seconds(seen[-1].seconds)}: {_one_line(seen[-1])}")
    finally:
        tempfile.tempdir = before
    return seen


def _plan(executor: str) -> SweepPlan:
    profile = fixed_rounds("soak", ROUNDS, 60.0)
    cases = tuple(
        Case(workload="empty-task", size=SIZE, executor=executor, workers=2, pin="1", chunk=chunk)
        for chunk in CHUNKS
    )
    return SweepPlan("soak", profile, cases)


def _looked(turn: int, seconds: float, temporary: int) -> Seen:
    own = psutil.Process()
    return Seen(
        turn,
        seconds,
        own.memory_info().rss,
        own.num_fds(),
        own.num_threads(),
        len(own.children(recursive=True)),
        temporary,
    )


def _shared_memory(temporary: Path) -> set[str]:
    """Semaphores and folders of sweeps, but for those that others measure now: their scratch
    folders are not below *temporary*."""
    patterns = (f"sem.{NAME}*", f"{NAME}*")
    others = _others(temporary)
    names = {path.name for pattern in patterns for path in SHARED_MEMORY.glob(pattern)}
    others |= _others(temporary)  # one that began in between
    return {name for name in names if not any(f"{NAME}{token}" in name for token in others)}


def _others(temporary: Path) -> set[str]:
    return {token for token, scratch in living() if temporary not in scratch.parents}


def _one_line(seen: Seen) -> str:
    counts = ", ".join(f"{getattr(seen, name)} {name}" for name in COUNTED)
    return f"{units.size(seen.memory_bytes)}, {counts}"


def grown(seen: Sequence[Seen]) -> list[str]:
    """What is more after the last turn than after the first: names of fields."""
    return [name for name in COUNTED if getattr(seen[-1], name) > getattr(seen[0], name)]


def memory_of_a_turn(seen: Sequence[Seen]) -> tuple[float, float, float]:
    """Bytes by which memory grows in a turn, and the ends of the 95 % interval: the slope of Theil
    and Sen over the later half of the turns, with full caches (``scipy.stats.theilslopes``)."""
    later = seen[len(seen) // 2 :] if len(seen) >= 6 else seen
    slope, _, low, high = stats.theilslopes(
        [each.memory_bytes for each in later], [each.turn for each in later]
    )
    return float(slope), float(low), float(high)


def printed(seen: Sequence[Seen], form: str) -> str:
    """A table of turns, and two sentences: what grew, and memory."""
    last = len(seen) - 1
    chosen = sorted({round(last * place / (SHOWN - 1)) for place in range(SHOWN)})
    rows = [
        [SHOWN_AS.get(name, str)(value) for name, value in asdict(seen[place]).items()]
        for place in chosen
    ]
    headers = [each.name.removesuffix("_bytes") for each in fields(Seen)]
    more = grown(seen)
    counts = (
        f"more than after the first turn: {', '.join(more)}"
        if more
        else ("open files, threads, processes, temporary files: no more than after the first turn")
    )
    slope, low, high = (each / 1024 for each in memory_of_a_turn(seen))
    memory = f"memory grows by {slope:.3g} [{low:.3g}, {high:.3g}] KiB a turn in the later half"
    return f"{tabulate(rows, headers, form)}\n\n{counts}; {memory}"
