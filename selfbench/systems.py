"""``python -m selfbench systems``: one table of frames grouped by a key, on every system that has
frames and can run here, each in its own environment, beside pandas in the same one."""

from __future__ import annotations

import argparse
import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tabulate import tabulate

from harness import read_results
from harness.core import units
from harness.core.records import RunInfo
from harness.reading.analysis.by_group import records
from harness.reading.analysis.verdict.verdicts import decided
from harness.reading.ingest import read_results as runs_of
from harness.reading.report.notebook.measured import Measured
from harness.reading.report.shown.cells import ABSENT, Row, absent, estimate, number, text, verdict
from harness.running.executors import OURS, lookup
from harness.running.executors.base import Executor
from harness.running.measure.environment.homes import homes_of
from harness.running.measure.sweep.progress import shown
from harness.running.measure.sweep.session import measure
from harness.running.plan.executor_cases import executor_cases
from harness.running.plan.sweep import SweepPlan
from selfbench.fixed_rounds import fixed_rounds

WORKLOAD, ROWS, WORKERS = "frame-groupby", 1_000_000, 2
CHUNKS = (31_250, 125_000, 500_000)
"""32, 8 and 2 partitions: Spark takes tens, not thousands."""
BLOCKS = (4, 4)
"""Rounds of each start-up."""
SUITE = "systems"
LIMIT_SECONDS = 600.0
"""Of a call, and of bringing the rows into an engine's own form before the first."""
IDIOM = ("load", "grouped")
"""Methods of an executor that have the lines which its user writes."""


@dataclass(frozen=True)
class SystemRow:
    """One system: its best case, the case with the smallest chunk, and its break-even.

    Attributes
    ----------
    name, version : str
    best, finest : mapping
        Rows of the table ``cases``; the same where there is one chunk.
    break_even : mapping or None
        Row of the table ``break_even`` of the smallest chunk that pays.
    lines : int
        Lines of user's code.
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
    parser.add_argument("--read", action="store_true", help="measure nothing; read what is there")
    parser.add_argument("--system", action="append", metavar="NAME", help="of these alone")
    parser.add_argument("--rows", type=int, default=ROWS, help=f"of the frame; default: {ROWS}")


def run(options: argparse.Namespace, form: str, say: Callable[[str], None]) -> str:
    """Measure every system that can run here, and print the table."""
    if not options.read:
        measure_all(options.system or with_frames(), options.results, options.rows, say)
    return printed(list(rows(options.results)), form)


def with_frames() -> list[str]:
    """The executors that have frames."""
    return [name for name in OURS if "frame" in lookup(name).ways]


def measure_all(names: Sequence[str], results: Path, size: int, say: Callable[[str], None]) -> None:
    """Measure *names* in one sweep, start-ups in random order; say what is left out, and why."""
    able, homes = [], homes_of(names)
    for name in names:
        if reason := homes.missing_of(lookup(name)):
            say(f"without {name}: {reason}")
        else:
            able.append(name)
    with shown() as report:
        measure(plan(able, size), results, decide=decided, machine_name=SUITE, report=report)


def plan(names: Sequence[str], size: int) -> SweepPlan:
    """The sweep of the executors *names* over partitions of a frame of *size* rows."""
    profile = replace(fixed_rounds(SUITE, BLOCKS[0], LIMIT_SECONDS), blocks=BLOCKS)
    chunks = [chunk * size // ROWS for chunk in CHUNKS]
    cases = [
        case
        for name in names
        for case in executor_cases(name, WORKLOAD, size, workers=[WORKERS], chunks=chunks)
    ]
    return SweepPlan(SUITE, profile, tuple(cases))


def rows(results: Path) -> Iterator[SystemRow]:
    """What was measured of each system, in the order of the time that its best chunk takes."""
    measured = read_results(results)
    by_name: dict[str, list[Row]] = {}
    for row in records(measured.cases):
        by_name.setdefault(row["executor"], []).append(row)
    sides = {row["executor"]: row for row in records(measured.break_even) if row["side"] == "small"}
    versions = _versions(measured, runs_of(results).runs)
    found = [
        SystemRow(
            name,
            versions.get(name, ABSENT),
            min(of, key=_seconds),
            min(of, key=lambda row: row["chunk"]),
            sides.get(name) if lookup(name).chunked else None,
            lines_of(lookup(name)),
        )
        for name, of in by_name.items()
        if "frame" in lookup(name).ways
    ]
    yield from sorted(found, key=lambda row: _seconds(row.best))


def _seconds(row: Row) -> float:
    known = row["seconds"]
    return float("inf") if text(known) == ABSENT else float(known)


def _versions(measured: Measured, runs: Mapping[str, RunInfo]) -> dict[str, str]:
    """Each system with its version, and that of the pandas that its baseline was."""
    found = {}
    for row in records(measured.blocks.drop_duplicates("executor")):
        info, package = runs[row["run"]], lookup(row["executor"]).packages[0]
        here = [f"{name} {version}" for name, version in info.versions.items()]
        words = here if absent(row["home"]) else info.homes[row["executor"]].split(", ")
        known = {name: word for word in words for name in word.split(" ")[:1]}
        found[row["executor"]] = ", ".join(known.get(name, ABSENT) for name in (package, "pandas"))
    return found


def lines_of(executor: type[Executor]) -> int:
    """Lines of what the user of *executor* writes to load a frame and to group it: the statements
    of the methods that are measured, and of the functions of their module which these call."""
    module = inspect.getmodule(executor)
    pieces = [getattr(executor, name) for name in IDIOM]
    calls = {
        node.func.id
        for piece in pieces
        for node in ast.walk(_parsed(piece))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    called = (getattr(module, name, None) for name in sorted(calls))
    pieces += [each for each in called if inspect.isfunction(each)]
    return sum(
        len(ast.unparse(statement).splitlines())
        for piece in pieces
        for statement in _parsed(piece).body
        if not _is_docstring(statement)
    )


def _parsed(function: Callable[..., object]) -> ast.FunctionDef:
    [node] = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    if not isinstance(node, ast.FunctionDef):
        raise TypeError(f"{function} is no function with a body")
    return node


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def printed(found: Sequence[SystemRow], form: str) -> str:
    """A table of systems, the fastest first."""
    table = [
        [
            row.name,
            row.version,
            number(row.best["startup_seconds"], units.seconds),
            estimate(row.best, "seconds", units.seconds),
            estimate(row.best, "speedup", units.ratio),
            _chunk(row.best) if lookup(row.name).chunked else "its own",
            _break_even(row.break_even),
            estimate(row.finest, "overhead_us_per_task", units.seconds, 1e-6),
            row.lines,
            verdict(row.best),
        ]
        for row in found
    ]
    heads = ["system", "version", "start-up", "a call", "T1/TP", "best chunk", "break-even chunk"]
    heads += ["overhead a task, smallest chunk", "lines", "verdict"]
    return tabulate(table, heads, form, disable_numparse=True)


def _chunk(row: Row) -> str:
    return units.count(float(row["chunk"]))


def _break_even(row: Row | None) -> str:
    if row is None:
        return ABSENT
    return number(row["chunk"], units.count) if row["status"] == "found" else text(row["status"])
