"""``python -m selfbench releases``: what an empty task costs on each release of Dask and of Ray,
all measured in turn, again and again, so that drift of the machine falls on all alike."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tabulate import tabulate

from harness.core import units
from harness.core.records import Case, Estimate
from harness.reading.analysis.by_group import records
from harness.reading.analysis.verdict.cases import cases as judged_cases
from harness.reading.ingest import Results, read_results
from harness.reading.report.shown.cells import ABSENT, absent, with_interval
from harness.running.executors import TOLD_BY
from harness.running.measure.environment.built_environment import built
from harness.running.measure.environment.other_python import look_into
from harness.running.measure.sweep.session import measure
from harness.running.plan.sweep import SweepPlan
from selfbench.fixed_rounds import fixed_rounds
from selfbench.geometric_means import geometric_mean

RELEASES = {
    "dask": ("2023.1.0", "2023.9.0", "2024.5.0", "2025.1.0", "2025.9.0", "2026.8.0"),
    "ray": ("2.9.3", "2.35.0", "2.60.0"),
}
"""The last of each is what the others are compared with."""
NUMPY = "1.26.4"
"""The same for all: the newest that the oldest of them runs with."""
TASKS, WORKERS, ROUNDS, VISITS = 400, 2, 4, 4
SUITE = "releases"


@dataclass(frozen=True)
class Release:
    """A release of an engine, and the packages that it is measured with."""

    package: str
    version: str

    @property
    def requirements(self) -> list[str]:
        """As pip reads them; distributed has the versions of Dask."""
        both = [self.package, "distributed"] if self.package == "dask" else [self.package]
        return [*(f"{name}=={self.version}" for name in both), f"numpy=={NUMPY}"]


@dataclass(frozen=True)
class ReleaseRow:
    """What a task costs on one release, with one executor.

    Attributes
    ----------
    executor : str
    release : Release
    cost : Estimate
        In us a task: the geometric mean over visits and its t interval; ``n`` counts visits.
    over_newest : Estimate
        The same over the newest release's of the same visit.
    """

    executor: str
    release: Release
    cost: Estimate
    over_newest: Estimate


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what can be chosen."""
    parser.add_argument("--results", type=Path, required=True, help="where journals go, or are")
    parser.add_argument("--visits", type=int, default=VISITS, help=f"default: {VISITS}")
    parser.add_argument("--read", action="store_true", help="measure nothing; read what is there")
    parser.add_argument("--package", action="append", choices=list(RELEASES), help="of these alone")


def run(options: argparse.Namespace, form: str, say: Callable[[str], None]) -> str:
    """Measure every release, and print what a task costs on each."""
    packages = options.package or list(RELEASES)
    if not options.read:
        for package in packages:
            visit_all(package, options.results, options.visits, say)
    results = read_results(options.results)
    return printed([row for package in packages for row in rows(package, results)], form)


def visit_all(package: str, results: Path, visits: int, say: Callable[[str], None]) -> None:
    """Measure each release of *package* so many times: first to last, last to first, and again."""
    releases = [Release(package, version) for version in RELEASES[package]]
    there = {
        release: look_into(built(release.requirements, TOLD_BY[package], say=say))
        for release in releases
    }
    for visit in range(visits):
        for release in releases[:: -1 if visit % 2 else 1]:
            say(f"visit {visit + 1} of {visits}: {package} {release.version}")
            measure(
                plan(package, visit),
                results,
                decide=lambda logs, looks, others: False,
                machine_name=SUITE,
                elsewhere=there[release],
            )


def plan(package: str, visit: int) -> SweepPlan:
    """The sweep of one visit: one start-up of each executor, and one case on it."""
    profile = fixed_rounds(SUITE, ROUNDS, 120.0)
    cases = tuple(
        Case(
            workload="empty-task",
            size=TASKS,
            executor=executor,
            workers=WORKERS,
            pin="1",
            chunk=1,
        )
        for executor in TOLD_BY[package]
    )
    return SweepPlan(SUITE, profile, cases, question={"visit": visit})


def rows(package: str, results: Results) -> Iterator[ReleaseRow]:
    """What the journals in *results* say of each release of *package*, the oldest first."""
    costs = _costs(package, results)
    for executor in TOLD_BY[package]:
        newest = costs.get((executor, RELEASES[package][-1]), {})
        for version in RELEASES[package]:
            of = costs.get((executor, version), {})
            both = sorted(of.keys() & newest.keys())
            yield ReleaseRow(
                executor,
                Release(package, version),
                geometric_mean([of[visit] for visit in sorted(of)]),
                geometric_mean([of[visit] / newest[visit] for visit in both]),
            )


def _costs(package: str, results: Results) -> dict[tuple[str, str], dict[int, float]]:
    """Executor and version to the overhead in us a task by visit."""
    runs = {journal.info.run: journal.info for journal in results.journals}
    found: dict[tuple[str, str], dict[int, float]] = {}
    for row in records(judged_cases(results.pairs, results.blocks, results.runs)):
        info, cost = runs[row["run"]], row["overhead_us_per_task"]
        version = info.versions.get(package)
        if row["executor"] not in TOLD_BY[package] or version is None or absent(cost):
            continue
        visit = info.plan.get("visit")
        if isinstance(visit, int):
            found.setdefault((row["executor"], version), {})[visit] = float(cost)
    return found


def printed(found: Sequence[ReleaseRow], form: str) -> str:
    """A table of releases, a row for each with each executor."""
    table = [
        [
            row.executor,
            f"{row.release.package} {row.release.version}",
            _shown(row.cost),
            _shown(row.over_newest),
            row.cost.n,
        ]
        for row in found
    ]
    heads = ["executor", "release", "us a task", "over the newest", "visits"]
    return tabulate(table, heads, form, disable_numparse=True)


def _shown(estimate: Estimate) -> str:
    return ABSENT if estimate.point is None else with_interval(estimate, units.ratio)
