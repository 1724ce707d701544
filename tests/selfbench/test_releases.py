"""What a task costs by release: planted costs are read back, visit by visit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.core.records import Estimate, Machine, RunInfo
from harness.reading.ingest import Results, read_results, to_frame
from harness.running.measure.sweep.journal import JournalWriter, begin
from harness.running.measure.sweep.loop import SweepLoop
from harness.running.measure.sweep.scripted import FakeClock, Planted, ScriptedBench
from selfbench.releases import RELEASES, Release, ReleaseRow, plan, printed, rows

ROOT = Path(__file__).parents[2]
COSTS = dict(zip(RELEASES["dask"], (200e-6, 210e-6, 220e-6, 300e-6, 400e-6, 400e-6), strict=True))
"""Seconds a task."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[ReleaseRow]:
    """Three visits of each release of Dask, on a machine that is slower at each; the third visit
    of the first release is missing."""
    folder, clock = tmp_path_factory.mktemp("releases"), FakeClock()
    for visit in range(3):
        planned = plan("dask", visit)
        for number, (version, seconds) in enumerate(COSTS.items()):
            if visit == 2 and number == 0:
                continue
            info = RunInfo(
                run=f"run-{visit}-{number}",
                suite=planned.suite,
                profile=planned.profile.name,
                machine=Machine(name="m"),
                versions={"python": "3.11.1", "dask": version},
                seed=visit,
                plan={"blocks": list(planned.profile.blocks), **planned.question},
                environment=f"dask {version}",
            )
            truth = Planted(work=1e-6, serial=seconds * (1 + visit), noise=0.01)
            bench = ScriptedBench(info.run, truth, clock, seed=10 * visit + number)
            journal = JournalWriter(begin(folder / "m" / "journal", info))
            SweepLoop(planned, info, bench, journal, decide=lambda *_: False, clock=clock).run()
            journal.close()
    return list(rows("dask", read_results(folder)))


def known(estimate: Estimate) -> tuple[float, float, float]:
    """Its low end, point and high end, which are all there."""
    assert estimate.point is not None
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low, estimate.point, estimate.high


def of(found: list[ReleaseRow], executor: str) -> Iterator[ReleaseRow]:
    return (row for row in found if row.executor == executor)


@pytest.mark.parametrize("executor", ["dask-threads", "dask-distributed-processes"])
def test_the_planted_ratios_to_the_newest_are_found_however_the_machine_drifts(found, executor):
    newest = list(COSTS.values())[-1]
    for row in of(found, executor):
        truth = COSTS[row.release.version] / newest
        low, point, high = known(row.over_newest)
        assert point == pytest.approx(truth, rel=0.03)
        assert low <= point <= high


def test_the_cost_is_the_geometric_mean_over_visits_and_its_interval_has_their_spread(found):
    row = next(row for row in of(found, "dask-threads") if row.release.version == "2023.9.0")
    assert row.cost.n == 3
    low, point, high = known(row.cost)
    assert point == pytest.approx(210 * 6 ** (1 / 3), rel=0.05)
    assert low < 210
    assert high > 630


def test_a_visit_that_is_missing_is_in_no_ratio(found):
    row = next(of(found, "dask-threads"))
    assert (row.cost.n, row.over_newest.n) == (2, 2)


def test_a_release_that_was_not_measured_has_no_figure():
    nothing = Results((), {}, to_frame("pairs", []), to_frame("blocks", []), to_frame("cases", []))
    text = printed(list(rows("ray", nothing)), "pipe")
    assert text.count("ray-tasks") == len(RELEASES["ray"])
    assert "[" not in text


def test_the_page_shows_what_the_committed_journals_say():
    results = read_results(ROOT / "selfbench" / "releases-2core")
    every = [row for package in RELEASES for row in rows(package, results)]
    assert printed(every, "pipe") in (ROOT / "docs" / "releases.md").read_text("utf-8")


def test_dask_is_measured_with_the_same_numpy_and_its_own_distributed():
    assert Release("dask", "2024.5.0").requirements == [
        "dask==2024.5.0",
        "distributed==2024.5.0",
        "numpy==1.26.4",
    ]
    assert Release("ray", "2.9.3").requirements == ["ray==2.9.3", "numpy==1.26.4"]
