"""``python -m selfbench own-measures``: what a task costs by the loops that systems are measured by
in their own documentation and benchmarks, beside what chunkbench says of the same loops."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from tabulate import tabulate

from harness import read_results
from harness.core import units
from harness.core.records import Case, Estimate
from harness.reading.analysis.by_group import records
from harness.reading.report.shown.cells import ABSENT, absent, with_interval
from harness.running.host.checkout import source_folder
from harness.running.measure.sweep.session import measure
from harness.running.plan.sweep import SweepPlan
from selfbench.fixed_rounds import fixed_rounds
from selfbench.geometric_means import geometric_mean
from selfbench.own.against_by_hand import NATIVE_THREADS
from selfbench.own.their_loops import AS_SHOWN, CHANGES

THEIR_LOOPS = "selfbench.own.their_loops"
SUITE, KEPT = "own-measures", "own-measures.jsonl"
OURS = "ours"
ROUNDS, VISITS = 6, 4
AGREE = 0.15
"""How far the two figures may be apart."""


@dataclass(frozen=True)
class Loop:
    """A loop of a system, and the case that is the same in chunkbench.

    Attributes
    ----------
    system, name : str
        As :mod:`selfbench.own.their_loops` has them.
    case : Case
    changes : tuple of str
        What may make the two differ; each is tried.
    """

    system: str
    name: str
    case: Case
    changes: tuple[str, ...]


def _loop(
    system: str, name: str, executor: str, workload: str, size: int, *changes: str, chunk: int = 1
) -> Loop:
    workers = 1 if executor == "ray-actors" else 2
    case = Case(
        workload=workload, size=size, executor=executor, workers=workers, pin="1", chunk=chunk
    )
    return Loop(system, name, case, changes)


_CLUSTER = "dask-distributed-processes"
LOOPS = (
    _loop("concurrent.futures", "threads", "thread-pool", "empty-task", 400),
    _loop("concurrent.futures", "processes", "process-pool", "empty-task", 400, "spawned"),
    _loop("joblib", "batches", "joblib-loky-batched", "empty-task", 400, "imported"),
    _loop("joblib", "one by one", "joblib-loky", "empty-task", 400, "imported"),
    _loop("dask", "map", _CLUSTER, "futures-map", 400, "impure", "locked", "imported"),
    _loop(
        "dask",
        "submit",
        _CLUSTER,
        "futures",
        400,
        "impure",
        "locked",
        "imported",
        "impure+imported",
    ),
    _loop("ray", "single client tasks sync", "ray-tasks", "small-value-one-by-one", 200),
    _loop("ray", "single client tasks async", "ray-tasks", "small-value", 1000),
    _loop("ray", "1:1 actor calls sync", "ray-actors", "counter-actor", 200, "counting"),
    _loop(
        "ray", "1:1 actor calls async", "ray-actors", "counter-actor", 1000, "counting", chunk=1000
    ),
    _loop("ipyparallel", "map_sync", "ipyparallel", "empty-task", 400),
    _loop("ipyparallel", "apply_async", "ipyparallel", "futures", 400),
)
SYSTEMS = tuple(dict.fromkeys(loop.system for loop in LOOPS))


@dataclass(frozen=True)
class Figure:
    """Microseconds a task of one loop in one visit: by chunkbench, or by the loop itself, as it is
    shown or with something changed."""

    system: str
    loop: str
    visit: int
    side: str
    us: float


@dataclass(frozen=True)
class Agreement:
    """The two figures of one loop, and their ratio visit by visit: geometric means."""

    loop: Loop
    side: str
    theirs: Estimate
    ours: Estimate
    ratio: Estimate

    @property
    def agrees(self) -> str:
        """Whether the whole interval lies within :data:`AGREE`, or outside, or neither."""
        low, high = self.ratio.low, self.ratio.high
        if low is None or high is None:
            return ABSENT
        if low > 1 + AGREE or high < 1 / (1 + AGREE):
            return "no"
        return "yes" if low >= 1 / (1 + AGREE) and high <= 1 + AGREE else "open"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what can be chosen."""
    parser.add_argument("--results", type=Path, required=True, help=f"where {KEPT} goes, or is")
    parser.add_argument("--visits", type=int, default=VISITS, help=f"default: {VISITS}")
    parser.add_argument("--read", action="store_true", help="measure nothing; read what is there")
    parser.add_argument("--system", action="append", choices=SYSTEMS, help="of these alone")


def run(options: argparse.Namespace, form: str, say: Callable[[str], None]) -> str:
    """Measure both sides by turns, and lay them out."""
    if not options.read:
        options.results.mkdir(parents=True, exist_ok=True)
        for count in range(options.visits):
            for system in options.system or SYSTEMS:
                say(f"visit {count + 1} of {options.visits}: {system}")
                earlier = {each.visit for each in kept(options.results) if each.system == system}
                with (options.results / KEPT).open("a", encoding="utf-8") as file:
                    for figure in visited(system, max(earlier, default=-1) + 1):
                        print(json.dumps(asdict(figure)), file=file, flush=True)
    return printed(list(agreements(kept(options.results))), form)


def kept(results: Path) -> list[Figure]:
    """The figures of all visits that are in the folder *results*."""
    path = results / KEPT
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [Figure(**json.loads(line)) for line in lines]


def visited(system: str, visit: int) -> Iterator[Figure]:
    """Both sides of a system's loops, one start-up of each: in one order and the other by turns."""
    loops = [loop for loop in LOOPS if loop.system == system]
    sides = dict.fromkeys([OURS, AS_SHOWN, *(each for loop in loops for each in loop.changes)])
    for side in list(sides)[:: -1 if visit % 2 else 1]:
        found = ours(loops) if side == OURS else theirs(system, side)
        yield from (Figure(system, name, visit, side, us) for name, us in found.items())


def theirs(system: str, changed: str) -> dict[str, float]:
    """Microseconds a task by each loop, in a process of its own: medians over its calls."""
    environment = os.environ | dict.fromkeys(NATIVE_THREADS, "1")
    environment["PYTHONPATH"] = str(source_folder())
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", THEIR_LOOPS, system, changed, str(ROUNDS)],
            cwd=folder,
            env=environment | {"IPYTHONDIR": folder},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=True,
        )
    said = json.loads(done.stdout.splitlines()[-1])
    return {name: median(us) for name, us in said.items()}


def ours(loops: Sequence[Loop]) -> dict[str, float]:
    """Microseconds a task by chunkbench: the overhead of each loop's case, where it is known."""
    profile = fixed_rounds(SUITE, ROUNDS, 120.0)
    plan = SweepPlan(SUITE, profile, tuple(loop.case for loop in loops))
    with tempfile.TemporaryDirectory() as folder:
        measure(plan, Path(folder), decide=lambda logs, looks, others: False, machine_name=SUITE)
        rows = records(read_results(Path(folder)).cases)
    found = {}
    for loop in loops:
        for row in rows:
            same = all(row[name] == getattr(loop.case, name) for name in ("executor", "workload"))
            if same and row["size"] == loop.case.size and not absent(row["overhead_us_per_task"]):
                found[loop.name] = float(row["overhead_us_per_task"])
    return found


def agreements(figures: Sequence[Figure]) -> Iterator[Agreement]:
    """What the figures of each loop say: as it is shown, then with each thing changed."""
    known = {(each.system, each.loop, each.side, each.visit): each.us for each in figures}
    visits = sorted({each.visit for each in figures})
    for loop in LOOPS:
        for side in (AS_SHOWN, *loop.changes):
            pairs = [
                (
                    known[loop.system, loop.name, OURS, visit],
                    known[loop.system, loop.name, side, visit],
                )
                for visit in visits
                if (loop.system, loop.name, OURS, visit) in known
                and (loop.system, loop.name, side, visit) in known
            ]
            if pairs:
                yield Agreement(
                    loop,
                    side,
                    geometric_mean([their for _, their in pairs]),
                    geometric_mean([our for our, _ in pairs]),
                    geometric_mean([our / their for our, their in pairs]),
                )


def printed(found: Sequence[Agreement], form: str) -> str:
    """A table of loops as their documentation shows them, and one with each thing changed."""
    heads = ["system", "loop", "by itself", "by chunkbench", "ratio", f"within {AGREE:.0%}"]
    shown = [[*_cells(each), each.agrees] for each in found if each.side == AS_SHOWN]
    changed = [[*_cells(each), told(each.side)] for each in found if each.side != AS_SHOWN]
    tables = [tabulate(shown, heads, form, disable_numparse=True)]
    if changed:
        tables.append(tabulate(changed, [*heads[:5], "changed"], form, disable_numparse=True))
    return "\n\n".join(tables)


def told(side: str) -> str:
    """What was done otherwise than the documentation shows."""
    return "; ".join(CHANGES[name] for name in side.split("+"))


def _cells(each: Agreement) -> list[str]:
    return [
        each.loop.system,
        each.loop.name,
        units.seconds(each.theirs.point and each.theirs.point * 1e-6),
        units.seconds(each.ours.point and each.ours.point * 1e-6),
        with_interval(each.ratio, units.ratio),
    ]
