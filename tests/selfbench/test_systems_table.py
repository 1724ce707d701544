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
from harness.running.plan.sweep import SweepPlan
from selfbench.compared_systems import FRAMES, TASKS, WORKS, Compared
from selfbench.lines_of_code import lines_of_frame, lines_of_program
from selfbench.systems import SystemRow, printed, rows

ROOT = Path(__file__).parents[2]
ROWS = 200_000


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[SystemRow]:
    """A sweep of one system with partitions and one without; a task costs 1 ms."""
    folder, clock = tmp_path_factory.mktemp("systems"), FakeClock()
    return swept(folder, FRAMES.plan(["duckdb", "dask-dataframe"], ROWS), clock, FRAMES)


@pytest.fixture(scope="module")
def tasked(tmp_path_factory: pytest.TempPathFactory) -> list[SystemRow]:
    """A sweep of two systems that hand out tasks of 1 ms, an empty one as well."""
    folder, clock = tmp_path_factory.mktemp("tasks"), FakeClock()
    return swept(folder, TASKS.plan(["thread-pool", "ray-tasks"], TASKS.size), clock, TASKS)


def swept(folder: Path, planned: SweepPlan, clock: FakeClock, work: Compared) -> list[SystemRow]:
    """The rows of a sweep on a fake clock."""
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
    return list(rows(folder, work))


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
    assert by_name["duckdb"].best == by_name["duckdb"].finest
    assert by_name["duckdb"].break_even is None


def test_empty_tasks_say_what_a_task_costs_and_the_sum_where_it_breaks_even(tasked):
    """A gain of 0.1 s is lost to 100 tasks of 1 ms, 51 200 numbers in each."""
    for row in tasked:
        assert row.finest["workload"] == "empty-task"
        assert row.finest["overhead_us_per_task"] == pytest.approx(1_000, rel=0.2)
        assert row.best["workload"] == "random-sum"
        assert row.break_even is not None
        assert row.break_even["chunk_low"] < TASKS.size / 100 < row.break_even["chunk_high"]


def test_systems_that_hand_out_tasks_are_those_that_one_can_start_here():
    """No control, no baseline, and none of a batch system, of somebody else or of minutes."""
    systems = set(TASKS.systems())
    assert {"thread-pool", "joblib-loky", "ipyparallel", "mpi-pool", "executorlib"} <= systems
    assert not {"serial-replay", "numpy", "dask-slurm", "ray-attached", "hyperqueue"} & systems


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
    assert lines_of_frame(Counted) == 1 + 2 + 2
    assert all(2 <= lines_of_frame(lookup(name)) <= 20 for name in FRAMES.systems())


def test_what_hands_out_tasks_has_the_lines_of_a_program():
    """As the reference of executors shows them: none where it shows none."""
    assert lines_of_program(lookup("thread-pool")) == 3
    assert lines_of_program(lookup("numba-workqueue")) == 0
    assert all(lines_of_program(lookup(name)) <= 20 for name in TASKS.systems())


@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
def test_the_page_shows_what_the_committed_journals_say(work):
    table = printed(list(rows(ROOT / "selfbench" / "systems-2core", work)), "pipe")
    assert table in (ROOT / "docs" / "systems.md").read_text("utf-8")
