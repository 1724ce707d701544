"""``python -m selfbench systems``: one table of a work on every system that can run it here, each
in its own environment: frames grouped by a key, beside pandas in the same environment, or with
``--work tasks`` a sum in tasks, beside NumPy."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tabulate import tabulate

from harness import read_results
from harness.core import units
from harness.core.records import RunInfo
from harness.reading.analysis.by_group import records
from harness.reading.analysis.verdict.verdicts import decided
from harness.reading.ingest import read_results as runs_of
from harness.reading.report.notebook.measured import Measured
from harness.reading.report.shown.cells import (
    ABSENT,
    Row,
    absent,
    estimate,
    has_numbers,
    interval,
    number,
    text,
    verdict,
)
from harness.running.executors import lookup
from harness.running.measure.environment.homes import homes_of
from harness.running.measure.sweep.progress import shown
from harness.running.measure.sweep.session import measure
from selfbench.compared_systems import WORKS, Compared

MACHINE = "systems"


@dataclass(frozen=True)
class SystemRow:
    """One system: its best case, the case that says what a task costs, and its break-even.

    Attributes
    ----------
    name, version : str
    best, finest : mapping
        Rows of the table ``cases``; the same where there is one chunk.
    break_even : mapping or None
        Row of the table ``break_even`` of the smallest chunk that pays.
    lines : int
        Lines of user's code; 0 where no program is shown for it.
    """

    name: str
    version: str
    best: Row
    finest: Row
    break_even: Row | None
    lines: int


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what can be chosen."""
    parser.add_argument("--results", type=Path, required=True, help="where the journal goes, or is")
    parser.add_argument("--work", choices=list(WORKS), default="frames", help="default: frames")
    parser.add_argument("--read", action="store_true", help="measure nothing; read what is there")
    parser.add_argument("--resume", action="store_true", help="go on with a sweep that was stopped")
    parser.add_argument("--system", action="append", metavar="NAME", help="of these alone")
    parser.add_argument("--size", type=int, help="rows of the frame, or numbers to sum")


def run(options: argparse.Namespace, form: str, say: Callable[[str], None]) -> str:
    """Measure every system that can run here, and print the table."""
    work = WORKS[options.work]
    if not options.read:
        size = options.size or work.size
        names = options.system or work.systems()
        measure_all(work, names, options.results, size, say, resume=options.resume)
    return printed(list(rows(options.results, work)), form)


def measure_all(
    work: Compared,
    names: Sequence[str],
    results: Path,
    size: int,
    say: Callable[[str], None],
    *,
    resume: bool = False,
) -> None:
    """Measure *names* in one sweep, start-ups in random order; say what is left out, and why."""
    able, homes = [], homes_of(names)
    for name in names:
        if reason := homes.missing_of(lookup(name)):
            say(f"without {name}: {reason}")
        else:
            able.append(name)
    with shown() as report:
        measure(
            work.plan(able, size),
            results,
            decide=decided,
            machine_name=MACHINE,
            report=report,
            resume=resume,
        )


def rows(results: Path, work: Compared) -> Iterator[SystemRow]:
    """What was measured of each system, in the order of the time that its best chunk takes, or of
    what a task costs where empty tasks say that."""
    measured = read_results(results)
    by_name = _cases(measured, work.workload)
    costed = _cases(measured, work.costed)
    sides = {
        row["executor"]: row
        for row in records(measured.break_even)
        if row["side"] == "small" and row["workload"] == work.workload
    }
    versions = _versions(measured, runs_of(results).runs, work)
    found = [
        SystemRow(
            name,
            versions.get(name, ABSENT),
            min(of, key=_seconds),
            min(filter(has_numbers, costed[name]), key=_chunk_of, default=costed[name][0]),
            sides.get(name) if lookup(name).chunked else None,
            work.lines(lookup(name)),
        )
        for name, of in by_name.items()
    ]
    yield from sorted(found, key=_cost if work.empty else lambda row: _seconds(row.best))


def _cases(measured: Measured, workload: str) -> dict[str, list[Row]]:
    """The rows of *workload* in the table ``cases``, by executor."""
    found: dict[str, list[Row]] = {}
    for row in records(measured.cases):
        if row["workload"] == workload:
            found.setdefault(row["executor"], []).append(row)
    return found


def _chunk_of(row: Row) -> int:
    return int(row["chunk"])


def _seconds(row: Row) -> float:
    return _known(row["seconds"])


def _cost(row: SystemRow) -> float:
    return _known(row.finest["overhead_us_per_task"])


def _known(value: object) -> float:
    return math.inf if absent(value) else float(str(value))


def _versions(measured: Measured, runs: Mapping[str, RunInfo], work: Compared) -> dict[str, str]:
    """Each system with its version, or that of the Python that it comes with, and with that of what
    its baseline was."""
    found = {}
    here = {name: info for name, info in runs.items() if info.suite == work.suite}
    blocks = measured.blocks[measured.blocks["run"].isin(list(here))]
    for row in records(blocks.drop_duplicates("executor")):
        info, packages = here[row["run"]], lookup(row["executor"]).packages or ("python",)
        words = [f"{name} {version}" for name, version in info.versions.items()]
        if not absent(row["home"]):
            words = info.homes[row["executor"]].split(", ")
        known = {name: word for word in words for name in word.split(" ")[:1]}
        told = (packages[0], *([work.beside] if work.beside else []))
        found[row["executor"]] = ", ".join(known.get(name, ABSENT) for name in told)
    return found


def printed(found: Sequence[SystemRow], form: str) -> str:
    """A table of systems, in their order."""
    table = [
        [
            row.name,
            row.version,
            number(row.best["startup_seconds"], units.seconds),
            estimate(row.best, "seconds", units.seconds),
            estimate(row.best, "speedup", units.ratio),
            units.count(_chunk_of(row.best)) if lookup(row.name).chunked else "its own",
            _break_even(row.break_even),
            estimate(row.finest, "overhead_us_per_task", units.seconds, 1e-6),
            row.lines or ABSENT,
            verdict(row.best),
        ]
        for row in found
    ]
    heads = ["system", "version", "start-up", "a call", "T1/TP", "best chunk", "break-even chunk"]
    heads += ["overhead a task", "lines", "verdict"]
    return tabulate(table, heads, form, disable_numparse=True)


def _break_even(row: Row | None) -> str:
    if row is None:
        return ABSENT
    if row["status"] != "found":
        return text(row["status"])
    return interval((row["chunk"], row["chunk_low"], row["chunk_high"]), units.count)
