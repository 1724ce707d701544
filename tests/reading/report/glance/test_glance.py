"""A machine at a glance: what is in the grid, what its cells say, and the one sentence above it."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

from harness.reading.ingest import to_frame
from harness.reading.report.glance.at_a_glance import glances
from harness.reading.report.glance.first_screen import first_screen
from harness.reading.report.glance.machine_sentence import best_other, machine_sentence
from harness.reading.report.glance.plain_numbers import rounded, speed, speed_in_short
from harness.reading.report.glance.screen_rows import screen_rows
from tests.reading.report.frames import PROBLEM, PROVENANCE, case_row

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
EDGE = {"chunk": 59_282.0, "chunk_low": 32_526.0, "chunk_high": 100_000.0}


def edge(executor, status, **changes):
    """The three rows of a group in ``break_even``."""
    row = {**PROBLEM, "executor": executor, "workers": 2, "pin": "1", "status": status}
    return [row | {"side": side} | changes for side in ("small", "large", "best")]


def work(family, executor, status, **changes):
    row = {**PROVENANCE, "family": family, "executor": executor, "workers": 2, "pin": "1"}
    return row | {"chunks": "best chunk", "status": status, "amounts": 3} | changes


def tables(cases=(), edges=(), works=(), answers=()):
    return {
        "cases": to_frame("cases", list(cases)),
        "break_even": to_frame("break_even", list(edges)),
        "break_even_work": to_frame("break_even_work", list(works)),
        "answers": to_frame("answers", list(answers)),
    }


def measured(executor, speedup, chunks=(1_000, 1_000_000), **changes):
    ends = {"speedup": speedup, "speedup_low": 0.9 * speedup, "speedup_high": 1.1 * speedup}
    verdict = "pays" if speedup > 1.2 else "overhead exceeds gain"
    same = {"verdict": verdict, "verdict_vs_all_cores": verdict}
    return [case_row(executor, chunk, **{**ends, **same, **changes}) for chunk in chunks]


@pytest.fixture
def made_up():
    """A sum that pays on a pool and never on Dask, its controls, and an empty task."""
    empty = {"workload": "empty-task", "size": 400, "n_tasks": 400}
    return tables(
        [
            *measured("thread-pool", 2.5),
            *measured("dask-threads", 0.0000288),
            *measured("serial-replay", 1.29, workers=1),
            *measured("dask-synchronous", 0.5, workers=1),
            *measured("thread-pool", 0.1, chunks=(1,), seconds=400 * 7e-6, **empty),
        ],
        [
            *edge("thread-pool", "found", **EDGE),
            *edge("dask-threads", "never pays"),
            *edge("serial-replay", "found", workers=1, **EDGE),
            *edge("dask-synchronous", "never pays", workers=1),
            *edge("thread-pool", "never pays", workload="empty-task", size=400),
        ],
    )


def test_controls_and_empty_tasks_are_in_no_cell(made_up):
    """What has one worker cannot pay by being parallel, and what does nothing cannot at all."""
    [glance] = glances(made_up)
    assert glance.executors == ("dask-threads", "thread-pool")
    assert [line.family for line in glance.lines] == ["random-sum"]
    assert [*glance.task_costs] == ["thread-pool"]


def test_a_cell_says_from_where_on_it_pays_as_people_say_numbers(made_up):
    [line] = glances(made_up)[0].lines
    assert line.cells["thread-pool"].words == "from 59 000 numbers"
    assert "59 282 [32 526, 100 000] numbers" in line.cells["thread-pool"].detail
    assert line.cells["dask-threads"].words == "never up to 1 million numbers"
    assert line.cells["thread-pool"].kind == "pays"
    assert line.cells["dask-threads"].kind == "overhead exceeds gain"


@pytest.mark.parametrize(
    ("status", "changes", "words"),
    [
        ("always pays", {}, "from 1 000 numbers or fewer"),
        ("undetermined", {"bracket_high": 100_000.0}, "at 100 000 numbers, less is open"),
        ("undetermined", {}, "cannot tell yet"),
        ("not monotone", {}, "it varies"),
    ],
)
def test_every_status_has_words(status, changes, words):
    seen = glances(tables(measured("ray-tasks", 1.5), edge("ray-tasks", status, **changes)))
    cell = seen[0].lines[0].cells["ray-tasks"]
    assert cell.words == words
    assert cell.pays is (True if status == "always pays" or changes else None)


def test_a_workload_pays_where_a_chunk_pays_also_against_all_cores():
    """Though another chunk, which pays against the serial way alone, is faster for sure."""
    open_there = {"verdict_vs_all_cores": "undetermined"}
    cases = [
        *measured("thread-pool", 1.5, chunks=(100_000,), **open_there),
        *measured("thread-pool", 1.9, chunks=(1_000_000,), speedup_low=1.2),
    ]
    [glance] = glances(tables(cases, edge("thread-pool", "found", **EDGE)))
    cell = glance.lines[0].cells["thread-pool"]
    assert cell.best
    assert (cell.kind, cell.best["speedup"]) == ("pays", 1.9)
    assert machine_sentence(glance).startswith("Going parallel pays here for 1 of 1 workload")


@pytest.mark.parametrize(
    ("status", "changes", "words"),
    [
        ("found", {"work_us": 1_312.0, "work_us_low": 900.0, "work_us_high": 2e3}, "from 1.3 ms"),
        ("never pays", {}, "never up to 10 ms"),
        ("always pays", {}, "with any work"),
        ("undetermined", {"bracket_high_us": 1e4}, "at 10 ms an item, less is open"),
    ],
)
def test_workloads_with_ever_more_work_have_one_line_in_work_an_item(status, changes, words):
    """Their chunks are not asked for: the best one is taken at each amount."""
    cases, edges = [], []
    for name in ("bag-map", "bag-map-10us", "bag-map-10ms"):
        cases += measured("dask-processes", 1.5, workload=name)
        edges += edge("dask-processes", "never pays", workload=name)
    seen = glances(tables(cases, edges, [work("bag-map", "dask-processes", status, **changes)]))
    [line] = seen[0].lines
    assert line.family == "bag-map"
    assert line.cells["dask-processes"].words.startswith(words)


def test_the_newest_run_is_shown_and_another_that_disagrees_is_named():
    older = "20261101T000000Z-many_vs_few_chunks-0000"
    cases = [*measured("ray-tasks", 0.5), *measured("ray-tasks", 1.5, run=older)]
    edges = [*edge("ray-tasks", "never pays"), *edge("ray-tasks", "found", run=older, **EDGE)]
    cell = glances(tables(cases, edges))[0].lines[0].cells["ray-tasks"]
    assert cell.words == "never up to 1 million numbers"
    assert cell.others == (f"another run says otherwise ({older}): from 59 000 numbers",)


def test_profiles_without_a_promise_stand_in_only_where_there_is_nothing_else():
    later = {"run": "20261201T000000Z-claims-0000", "profile": "claims"}
    cases = [*measured("ray-tasks", 0.5), *measured("ray-tasks", 1.5, **later)]
    edges = [*edge("ray-tasks", "never pays"), *edge("ray-tasks", "found", **EDGE, **later)]
    cell = glances(tables(cases, edges))[0].lines[0].cells["ray-tasks"]
    assert (cell.words, cell.others) == (
        "never up to 1 million numbers",
        ("another run says otherwise (20261201T000000Z-claims-0000): from 59 000 numbers",),
    )


def test_the_rows_of_the_runs_that_are_shown_are_enough_for_the_first_screen():
    """Of many runs few are read whole: the newest that is shown, and those that say otherwise."""
    runs = [f"202611{day:02d}T000000Z-many_vs_few_chunks-0000" for day in range(1, 21)]
    odd = {runs[3], runs[7]}
    cases, edges = [], []
    for run in runs:
        crowded = run == runs[-1]
        empty = {"workload": "empty-task", "size": 400, "n_tasks": 400, "run": run}
        cases += measured("ray-tasks", 1.5, run=run, oversubscribed=crowded)
        cases += measured("ray-tasks", 0.1, chunks=(1,), oversubscribed=crowded, **empty)
        edges += edge("ray-tasks", "never pays" if run in odd else "found", run=run, **EDGE)
    last = {"run": "20261201T000000Z-claims-0000", "profile": "claims"}
    cases += measured("ray-tasks", 1.5, **last)
    edges += edge("ray-tasks", "found", **last, **EDGE)
    whole = tables(cases, edges)
    rows = screen_rows(whole)
    [every], [shown] = glances(whole), glances(rows.tables)
    assert shown.lines == every.lines
    assert {run for run in odd if run in str(shown.lines[0].cells["ray-tasks"].others)} == odd
    assert shown.task_costs == every.task_costs
    assert rows.runs[shown.machine] == every.runs
    assert set(rows.tables["cases"]["run"]) == {*odd, runs[-2]}


def test_a_speed_up_above_the_workers_carries_its_reason(made_up):
    [line] = glances(made_up)[0].lines
    assert line.cells["thread-pool"].above_workers == (
        "2.50 is more than 2 workers can give: cutting into chunks alone gains 1.29"
    )
    assert line.cells["dask-threads"].above_workers is None


def test_the_sentence_names_what_pays_most_and_counts_the_rest(made_up):
    [glance] = glances(made_up)
    assert machine_sentence(glance) == (
        "Going parallel pays here for 1 of 1 workload: random-sum from 59 000 numbers on "
        "thread-pool (2.5 times as fast at best)."
    )


def test_what_pays_against_the_serial_way_alone_is_not_said_to_pay():
    """Rule 1."""
    cases = measured("ray-tasks", 1.5, verdict_vs_all_cores="equal")
    [glance] = glances(tables(cases, edge("ray-tasks", "found", **EDGE)))
    assert "against the serial way alone and not against NumPy on all cores" in machine_sentence(
        glance
    )


def test_where_nothing_pays_the_nearest_is_named():
    [glance] = glances(tables(measured("ray-tasks", 0.8), edge("ray-tasks", "never pays")))
    assert machine_sentence(glance) == (
        "Going parallel is not shown to pay here for any of 1 workload; nearest comes random-sum "
        "on ray-tasks: 1.2 times as long at best."
    )
    assert "no break-even to show" in machine_sentence(
        glances(tables(measured("numpy", 1.0, workers=1)))[0]
    )


def test_what_is_said_of_one_executor_names_the_best_other(made_up):
    [glance] = glances(made_up)
    assert best_other(glance, "dask-threads") == (
        "That is said of dask-threads. On thread-pool the same sum pays from 59 000 numbers on: "
        "2.5 times as fast at best; 2.50 is more than 2 workers can give: cutting into chunks "
        "alone gains 1.29."
    )
    assert best_other(glance, "thread-pool") == ""


@pytest.mark.parametrize("width", [80, 120])
def test_the_first_screen(made_up, snapshot, width):
    text = first_screen(made_up, {}, NOW, width)
    assert max(map(len, text.splitlines())) <= width
    assert text == snapshot


@pytest.mark.parametrize("width", [60, 80, 120])
def test_from_where_on_it_pays_is_left_out_at_no_width_and_no_name_breaks(width):
    """With the longest words that a cell has, beside the longest name of an executor."""
    name = "dask-distributed-processes"
    rows = tables(
        [*measured("thread-pool", 1.9), *measured(name, 0.5, chunks=(1_000, 1_600_000))],
        [*edge("thread-pool", "found", **EDGE), *edge(name, "never pays")],
    )
    text = first_screen(rows, {}, NOW, width)
    assert max(map(len, text.splitlines())) <= width
    table = text[text.index("it pays") :].partition("What to do")[0]
    said = " ".join(table.replace(name, "").split())
    assert "never up to 1.6 million numbers" in said
    assert "from" in said
    assert name in text
    assert ("best speed-up" in text) is (width == 120)


def test_of_several_machines_the_screen_has_a_sentence_each(made_up):
    second = {name: frame.assign(machine="second") for name, frame in made_up.items()}
    both = {name: pd.concat([made_up[name], second[name]]) for name in made_up}
    text = first_screen(both, {}, NOW)
    assert text.count("Going parallel pays here for 1 of 1 workload") == 2
    assert "chunkbench tables --only machine=made-up" in text
    assert "executor" not in text


def test_a_case_that_was_skipped_is_no_timing_of_others(made_up):
    lost = case_row("dask-threads", 10, status="skipped", paired=False, speedup=None, seconds=None)
    cases = pd.concat([made_up["cases"], to_frame("cases", [lost])])
    assert "timing" not in first_screen({**made_up, "cases": cases}, {}, NOW)


def test_a_number_and_its_unit_stand_on_one_line(made_up):
    texts = [first_screen(made_up, {}, NOW, width) for width in range(36, 42)]
    assert all("7.00 µs" in text for text in texts)


def test_without_a_case_the_screen_says_how_to_measure():
    assert "chunkbench settle" in first_screen(tables(), {}, NOW)


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "1"), (59_282, "59 000"), (999_999, "1 million"), (8_551_605, "8.6 million")],
)
def test_numbers_are_said_with_two_digits(number, words):
    assert rounded(number) == words


def test_what_is_slower_is_said_as_a_time():
    assert speed(2.391, 2.31, 2.46) == "2.39 [2.31, 2.46] times as fast"
    assert speed(1 / 35_210, 1 / 40_000, 1 / 30_000) == ("35 000 [30 000, 40 000] times as long")
    assert speed_in_short(0.0000288) == "35 000 times as long"
    assert speed_in_short(2.39) == "2.4 times as fast"
    assert speed(1.5, None, None) == "1.50 (no interval) times as fast"
