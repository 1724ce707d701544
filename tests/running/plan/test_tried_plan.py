"""The plan of a work of one's own fits its budget, from one item a task to all."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core.errors import UnknownNameError, UsageError
from harness.running.executors import full_name, lookup
from harness.running.measure.process.timing import PRIMED_SECONDS
from harness.running.plan.tried_plan import (
    ENOUGH_ROUNDS,
    LEAST_LOOP_SECONDS,
    PAIR_STARTS,
    SHORT_SECONDS,
    Chosen,
    TryingCosts,
    calls_seconds,
    chosen,
    chunks_to_try,
    installed,
    pair_loops,
    parts_to_try,
    refused,
    sample_size,
    start_ups,
    tried_cases,
    whole_cases,
)

EIGHT = [
    "thread-pool",
    "dask-threads",
    "process-pool",
    "multiprocessing-batched",
    "joblib-loky",
    "dask-processes",
    "dask-distributed-processes",
    "ray-tasks",
]


@pytest.mark.parametrize(("size", "workers"), [(1, 1), (2, 2), (7, 4), (200, 2), (10**6, 8)])
def test_the_grid_goes_from_the_finest_chunk_to_all(size: int, workers: int) -> None:
    grid = chunks_to_try(size, 1e-5, workers)
    assert grid == sorted(set(grid))
    assert grid[0] == max(1, -(-size // 20_000))
    assert grid[-1] == size
    assert -(-size // workers) in grid


def test_without_the_whole_the_grid_ends_at_one_task_a_worker() -> None:
    assert chunks_to_try(200, 1e-5, 2, whole=False) == [
        chunk for chunk in chunks_to_try(200, 1e-5, 2) if chunk < 200
    ]


def test_a_slow_item_needs_two_chunks_alone() -> None:
    """No engine's cost of a task matters beside 0.5 s: one item a task, or one task a worker."""
    assert chunks_to_try(100, 0.5, 4) == [1, 25]


@pytest.mark.parametrize("item_seconds", [1e-6, 1e-3, 0.05])
def test_what_is_measured_fits_the_budget(item_seconds: float) -> None:
    """Warm-ups and as many rounds of every case as have a say fit what start-ups leave of the
    budget, with what a pair takes beside its calls."""
    seconds = calls_seconds(["thread-pool", "ray-tasks"], 1, 1.0, 120.0)
    assert seconds == pytest.approx(0.85 * (120 - 10))
    size = sample_size(10**9, item_seconds, seconds, 13, 2, 1.0)
    loop = size * item_seconds
    assert loop >= 0.99 * LEAST_LOOP_SECONDS
    assert 13 * (1 + ENOUGH_ROUNDS) * (PAIR_STARTS + pair_loops(loop) * loop) <= 1.01 * seconds
    assert sample_size(50, 1e-6, seconds, 24, 2) == 50


def test_a_short_loop_is_as_short_as_measuring_takes_it_for() -> None:
    assert SHORT_SECONDS == PRIMED_SECONDS


def chosen_for(budget: float, start: float = 0.7, **changes: Any) -> Chosen:
    """What is tried, and when, of a loop of 0.1 s with three chunks."""
    arguments = {"executors": EIGHT, "unable": (), "costs": TryingCosts(start, 0.1, 1, 3)} | changes
    return chosen(**arguments, budget_seconds=budget)


def test_one_executor_of_each_idiom_comes_first_as_far_as_the_budget_lasts() -> None:
    """Time is kept for the others where it lasts for them too; on a slow machine or in a short
    budget threads and processes are left."""
    idioms = ["thread-pool", "process-pool", "dask-processes", "dask-distributed-processes"]
    short = chosen_for(80.0)
    assert short.first == idioms
    assert sorted(short.all) == sorted(EIGHT)
    assert short.promised == []
    assert chosen_for(1000.0) == Chosen(idioms, [n for n in EIGHT if n not in idioms], [])
    assert chosen_for(10.0).first == ["thread-pool", "process-pool"]
    assert chosen_for(120.0, start=20.0).first == ["thread-pool", "process-pool"]
    assert len(chosen_for(50.0).first) == 3


def test_another_stands_for_an_idiom_whose_first_cannot_get_the_work() -> None:
    """A lambda: joblib sends it by value. What cannot get the work says so at once."""
    unable = ["process-pool", "multiprocessing-batched"]
    assert {"joblib-loky", *unable} <= set(chosen_for(60.0, unable=unable).first)


def test_what_waits_says_what_it_needs() -> None:
    """A start-up, and rounds that have a say; servers take longer than threads."""
    costs = TryingCosts(0.7, 0.1, 1, 3)
    assert costs.seconds("ray-tasks") > costs.seconds("dask-threads") > 3 * ENOUGH_ROUNDS * 0.1
    assert costs.last(EIGHT, 1e6)
    assert not costs.last(EIGHT, 60.0)


def test_every_worker_gets_an_item_however_slow_it_is() -> None:
    assert sample_size(100, 30.0, 120.0, 10, 4) == 4


def test_the_loop_at_default_threads_is_a_case_and_comes_last() -> None:
    cases = tried_cases(
        "w:f", 100, executors=["thread-pool"], chunks=[1, 100], workers=[1, 2], pins=["1"]
    )
    assert [(case.executor, case.workers, case.pin, case.chunk) for case in cases] == [
        ("thread-pool", 1, "1", 1),
        ("thread-pool", 1, "1", 100),
        ("thread-pool", 2, "1", 1),
        ("thread-pool", 2, "1", 100),
        ("serial", 1, "default", 100),
    ]


def test_an_unknown_executor_is_refused_by_name() -> None:
    with pytest.raises(UnknownNameError, match="threadpool"):
        tried_cases("w:f", 10, executors=["threadpool"], chunks=[1], workers=[1], pins=["1"])


def test_what_cannot_be_pickled_is_left_to_threads() -> None:
    """Cloudpickle takes a lambda, so that only the pool of the standard library goes without."""
    executors = ["thread-pool", "process-pool", "dask-processes", "ray-tasks", "dask-threads"]
    cases = tried_cases("w:f", 10, executors=executors, chunks=[1], workers=[2], pins=["1"])

    def without(**unpicklable: str | None) -> set[str]:
        return {case.executor for case in refused(cases, unpicklable)}

    assert without(pickle=None, cloudpickle=None) == set()
    assert without(pickle="f is a lambda", cloudpickle=None) == {"process-pool"}
    assert without(pickle="a lock", cloudpickle="a lock") == {
        "process-pool",
        "dask-processes",
        "ray-tasks",
    }


def test_a_chunk_larger_than_all_items_is_not_lost() -> None:
    cases = tried_cases(
        "w:f", 10, executors=["thread-pool"], chunks=[5, 50], workers=[2], pins=["1"]
    )
    assert [case.chunk for case in cases if case.executor == "thread-pool"] == [5, 50]


def test_a_short_budget_or_a_slow_machine_has_one_start_up_of_each_engine() -> None:
    cases = tried_cases(
        "w:f", 10, executors=["thread-pool", "ray-tasks"], chunks=[5], workers=[2], pins=["1"]
    )
    assert start_ups(cases, 0.5, 120.0) == 2
    assert start_ups(cases, 0.5, 20.0) == 1
    assert start_ups(cases, 3.0, 120.0) == 1


def test_what_starts_soonest_is_tried_first() -> None:
    assert installed() == [name for name in EIGHT if lookup(name).missing() is None]
    assert installed("whole")[:2] == ["as-written", "dask-threads"]


def test_a_short_name_is_that_of_an_executor() -> None:
    assert full_name("joblib") == lookup("joblib-loky").name
    assert full_name("thread-pool") == "thread-pool"


def test_numbers_of_partitions_are_whole_parts() -> None:
    size, chunks = parts_to_try("npartitions", [3, 10], None, 2)
    assert [size // chunk for chunk in chunks] == [10, 3]
    size, chunks = parts_to_try("npartitions", [], 5, 2)
    assert sorted(size // chunk for chunk in chunks) == [2, 5, 8, 32, 128]


def test_chunks_that_are_needed_must_be_given() -> None:
    assert parts_to_try("chunks", [], 500, 2) == (500, [500])
    assert parts_to_try(None, [], None, 2) == (1, [1])
    with pytest.raises(UsageError, match="--chunks 500,1000"):
        parts_to_try("chunks", [], None, 2)


def test_a_function_is_called_as_it_is_written_at_one_number_of_workers() -> None:
    cases = whole_cases(
        "w:f",
        1,
        executors=["dask-threads", "as-written"],
        chunks=[1],
        workers=[1, 2],
        pins=["1"],
    )
    assert [case.executor for case in cases] == [
        "as-written",
        "dask-threads",
        "dask-threads",
        "serial",
    ]
