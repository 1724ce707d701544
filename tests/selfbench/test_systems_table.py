"""The table of systems: planted costs are read back, and lines of code are those of the source."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.records import Machine, RunInfo
from harness.running.executors import lookup
from harness.running.executors.frame_executor import FrameExecutor
from harness.running.measure.sweep.journal import JournalWriter, begin
from harness.running.measure.sweep.loop import SweepLoop
from harness.running.measure.sweep.scripted import FakeClock, Planted, ScriptedBench
from selfbench.systems import SystemRow, lines_of, plan, printed, rows, with_frames

ROOT = Path(__file__).parents[2]
ROWS = 200_000


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[SystemRow]:
    """A sweep of one system with partitions and one without; a task costs 1 ms."""
    folder, clock = tmp_path_factory.mktemp("systems"), FakeClock()
    planned = plan(["duckdb", "dask-dataframe"], ROWS)
    info = RunInfo(
        run="run",
        suite=planned.suite,
        profile=planned.profile.name,
        machine=Machine(name="m"),
        plan={"blocks": list(planned.profile.blocks)},
    )
    truth = Planted(work=0.2, parallel=2e-3, noise=0.01)  # on 2 workers
    bench = ScriptedBench(info.run, truth, clock, seed=1)
    journal = JournalWriter(begin(folder / "m" / "journal", info))
    SweepLoop(planned, info, bench, journal, decide=lambda *_: False, clock=clock).run()
    journal.close()
    return list(rows(folder))


def test_each_system_has_its_best_chunk_and_what_a_task_costs_at_the_smallest(found):
    by_name = {row.name: row for row in found}
    assert set(by_name) == {"duckdb", "dask-dataframe"}
    dask = by_name["dask-dataframe"]
    assert dask.best["chunk"] == ROWS // 2
    assert dask.finest["chunk"] == ROWS // 32
    cost = dask.finest["overhead_us_per_task"]
    low, high = (dask.finest[f"overhead_us_per_task_{end}"] for end in ("low", "high"))
    assert low < 1_000 < high
    assert cost == pytest.approx(1_000, rel=0.2)
    assert by_name["duckdb"].best is by_name["duckdb"].finest
    assert by_name["duckdb"].break_even is None


def test_the_table_has_a_line_for_each_system_the_fastest_first(found):
    lines = printed(found, "pipe").splitlines()
    assert len(lines) == 2 + len(found)
    seconds = [row.best["seconds"] for row in found]
    assert seconds == sorted(seconds)


def scaled(frame, factor):
    """Of the module: counted where it is called."""
    frame = frame * factor
    return sum(frame)


class Counted(FrameExecutor):
    name = "counted"
    kind = "local threads"

    def start(self): ...
    def stop(self): ...

    def load(self, rows, chunk):
        """Not a line of a user."""
        return (  # neither is a break in it
            rows
        )

    def grouped(self, frame, factor):
        frame = scaled(frame, factor)
        # nor this
        return sum(frame)


def test_lines_are_statements_of_what_runs_and_of_the_functions_that_it_calls():
    assert lines_of(Counted) == 1 + 2 + 2
    assert all(2 <= lines_of(lookup(name)) <= 20 for name in with_frames())


def test_the_page_shows_what_the_committed_journals_say():
    table = printed(list(rows(ROOT / "selfbench" / "systems-2core")), "pipe")
    assert table in (ROOT / "docs" / "systems.md").read_text("utf-8")
