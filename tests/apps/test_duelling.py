"""A duel from its sides to its answer: on planted costs, and on real start-ups."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from harness.apps import duelling
from harness.apps.answer_so_far import StoppedWithAnswer
from harness.apps.duelling import duel, duel_cases, read_duel
from harness.core.errors import InputError, Interrupted, UsageError
from harness.core.records import Case, Machine, RunInfo
from harness.reading.ingest import read_journal
from harness.running.executors import TOLD_BY
from harness.running.measure.duel.turns import Corner, Turns
from harness.running.measure.sweep.journal import JournalWriter, begin
from harness.running.measure.sweep.scripted import FakeClock, Planted, ScriptedBench

CASE = Case(workload="empty-task", size=400, executor="dask-threads", workers=2, pin="1", chunk=1)
WORK, SERIAL = 0.02, 5e-4
"""So that 40 tasks take as long as the work itself."""


def planted(
    folder,
    slower: float,
    *,
    seed: int = 0,
    versions: tuple[str, str] = ("2", "2"),
    cases: tuple[Case, ...] = (CASE,),
):
    """The journals of a duel on a fake clock, of which B takes *slower* times as long for a task;
    start-ups spread by 3 %, rounds by 5 %."""
    clock, corners, paths = FakeClock(), [], []
    for letter, other, factor, numpy in (
        ("A", "B", 1.0, versions[0]),
        ("B", "A", slower, versions[1]),
    ):
        told = {
            "side": letter,
            "name": letter.lower(),
            "against": f"run-{other}",
            "cases": [case.model_dump() for case in cases],
        }
        info = RunInfo(
            run=f"run-{letter}",
            suite="duel",
            profile="duel",
            machine=Machine(name="m"),
            versions={"python": "3.12.1", "numpy": numpy},
            seed=seed,
            plan={"blocks": [4] * 8, "duel": told},
        )
        truth = Planted(work=WORK, serial=SERIAL * factor, noise=0.05, start_up=0.03)
        bench = ScriptedBench(info.run, truth, clock, seed=2 * seed + (letter == "B"))
        paths.append(begin(folder, info))
        corners.append(Corner(info.run, cases, bench, JournalWriter(paths[-1])))
    Turns((corners[0], corners[1]), 8, 4, None, seed, clock).run()
    for corner in corners:
        corner.sink.close()  # type: ignore[attr-defined]
    return paths[0], paths[1]


def test_a_planted_difference_is_found_and_lies_in_its_interval(tmp_path):
    answer = read_duel(planted(tmp_path, 1.5), 0.05)
    [row] = answer.rows
    assert row.verdict == "slower"
    assert row.ratio.low is not None
    assert row.ratio.high is not None
    assert row.ratio.low < 1.5 < row.ratio.high
    assert row.ratio.n == 8
    assert (row.n_tasks_a, row.n_tasks_b) == (400, 400)
    assert "empty-task/dask-threads/chunk=1: B is slower: it takes 1." in answer.text()
    assert answer.false_alarms is not None
    assert answer.false_alarms <= 0.05
    assert answer.found is not None
    assert answer.found > 0.9


def of_chunks(*numbers: int) -> tuple[Case, ...]:
    """A case with work, cut into so many chunks."""
    work = {"workload": "random-sum", "size": 400}
    return tuple(CASE.model_copy(update=work | {"chunk": 400 // number}) for number in numbers)


def test_several_chunks_give_metg_and_break_even_with_the_planted_difference(tmp_path):
    """Both lie at 40 tasks in A; in B, whose tasks cost 1.5 times as much, at 40/1.5."""
    rows = read_duel(planted(tmp_path, 1.5, cases=of_chunks(4, 20, 100)), 0.05).rows
    figures = {row.judged_by: row for row in rows if not row.is_time}
    assert set(figures) == {"METG(50 %)", "break-even chunk"}
    for row in figures.values():
        assert row.verdict == "slower"
        assert row.ratio.low is not None
        assert row.ratio.high is not None
        assert row.ratio.low < 1.5 < row.ratio.high < 2
        assert row.ratio.n == 8


def test_chunks_among_which_no_break_even_lies_have_no_row_of_it(tmp_path):
    """Nothing is claimed outside of the grid (rule 28)."""
    rows = read_duel(planted(tmp_path, 1.5, cases=of_chunks(4, 10)), 0.05).rows
    assert [row.is_time for row in rows] == [True, True]


def test_a_figure_that_one_side_alone_shows_cannot_be_told(tmp_path):
    """Left out were the start-ups that do not show it, just because of what it is."""
    answer = read_duel(planted(tmp_path, 0.3, cases=of_chunks(4, 20, 100)), 0.05)
    figures = [row for row in answer.rows if not row.is_time]
    assert [(row.verdict, row.ratio.n) for row in figures] == [("undetermined", 0)] * 2
    assert "not every start-up shows its METG(50 %) among these chunks" in " ".join(
        answer.text().split()
    )


def test_two_equal_sides_raise_no_alarm(tmp_path):
    answer = read_duel(planted(tmp_path, 1.0), 0.05)
    assert answer.rows[0].verdict in ("equal", "undetermined")
    assert "false alarms: " in answer.text()


def test_where_the_baseline_is_another_program_seconds_are_judged(tmp_path):
    """NumPy differs: T1 of the two is not the same work in the same time."""
    (tmp_path / "same").mkdir()
    (tmp_path / "other").mkdir()
    same = read_duel(planted(tmp_path / "same", 1.5), 0.05)
    other = read_duel(planted(tmp_path / "other", 1.5, versions=("1.26.4", "2")), 0.05)
    assert same.rows[0].judged_by == "time over its baseline"
    assert other.rows[0].judged_by == "seconds"
    assert other.rows[0].ratio == other.rows[0].seconds_ratio


def test_a_duel_that_is_stopped_answers_with_what_it_has(tmp_path, monkeypatch):
    def stopped(plan, results, *, begun, **how):
        begun(planted(tmp_path, 1.5))
        raise Interrupted("stopped: what was measured is in it")

    monkeypatch.setattr(duelling, "measure_duel", stopped)
    with pytest.raises(StoppedWithAnswer, match="what was measured is in it") as caught:
        duel("here", "here", results=tmp_path)
    assert caught.value.answer.rows[0].verdict == "slower"


def test_a_duel_that_is_stopped_before_its_first_pair_has_no_answer_yet(tmp_path):
    for path in planted(tmp_path, 1.0):
        path.write_text(path.read_text().partition("\n")[0] + "\n")
    paths = sorted(tmp_path.glob("*.jsonl"))
    answer = read_duel((paths[0], paths[1]), 0.05)
    assert answer.rows[0].ratio.n == 0
    assert answer.false_alarms is None
    assert "too few pairs" in answer.text()


def test_two_runs_that_are_not_the_sides_of_one_duel_are_refused(tmp_path):
    a, b = planted(tmp_path, 1.0)
    with pytest.raises(InputError, match="run-A was not measured against run-A"):
        read_duel((a, a), 0.05)
    lines = b.read_text().splitlines()
    first = json.loads(lines[0]) | {"plan": {}}
    b.write_text("\n".join([json.dumps(first), *lines[1:]]) + "\n")
    with pytest.raises(InputError, match="not the two runs of a duel"):
        read_duel((a, b), 0.05)


def test_cases_are_those_named_or_empty_tasks_on_the_engine_of_the_sides():
    [named] = duel_cases(("here", "pin=1"), ["random-sum/thread-pool/chunk=1000"])
    assert (named.workload, named.executor) == ("random-sum", "thread-pool")
    assert [case.executor for case in duel_cases(("dask==2024.8.0", "here"), [])] == [
        *TOLD_BY["dask"]
    ]
    assert [case.executor for case in duel_cases(("ray==2.40", "here"), [])] == ["ray-tasks"]
    assert {case.workload for case in duel_cases(("here", "here"), [])} == {"empty-task"}


@pytest.mark.parametrize("how", [{"pairs": 0}, {"rounds": 0}, {"most_false_alarms": 5.0}])
def test_a_duel_that_can_tell_nothing_is_refused(tmp_path, how):
    with pytest.raises(UsageError):
        duel("here", "here", results=tmp_path, **how)


@pytest.mark.engine
def test_a_real_duel_has_two_journals_that_name_each_other(tmp_path):
    """Of one Python under two pins: start-ups in turn, each side under its own."""
    words = ["empty-task/thread-pool/chunk=10/size=50/workers=1"]
    answer = duel("pin=1", "pin=default", words, results=tmp_path, pairs=3, rounds=1)
    journals = {path.stem: read_journal(path) for path in tmp_path.rglob("*.jsonl")}
    assert set(journals) == set(answer.runs)
    a, b = (journals[run] for run in answer.runs)
    told: list[Any] = [side.info.plan["duel"] for side in (a, b)]
    assert [each["against"] for each in told] == [b.info.run, a.info.run]
    assert [{block.pin for block in side.blocks} for side in (a, b)] == [{"1"}, {"default"}]
    assert [len(side.blocks) for side in (a, b)] == [3, 3]
    assert {block.interpreter for block in (*a.blocks, *b.blocks)} == {a.blocks[0].interpreter}
    [row] = answer.rows
    assert row.ratio.n == 3
    assert row.seconds_a is not None
    assert row.overhead_us_per_task_b is not None
    assert re.search(r"3 pairs of start-ups in turn \(A B B A\), 1 round each", answer.text())
