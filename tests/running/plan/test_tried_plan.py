"""The plan of a work of one's own fits its budget, from one item a task to all."""

from __future__ import annotations

import pytest

from harness.core.errors import UnknownNameError, UsageError
from harness.running.executors import full_name, lookup
from harness.running.plan.tried_plan import (
    calls_seconds,
    chunks_to_try,
    installed,
    parts_to_try,
    refused,
    sample_size,
    start_ups,
    tried_cases,
    whole_cases,
)


@pytest.mark.parametrize(("size", "workers"), [(1, 1), (2, 2), (7, 4), (200, 2), (10**6, 8)])
def test_the_grid_goes_from_the_finest_chunk_to_all(size: int, workers: int) -> None:
    grid = chunks_to_try(size, 1e-5, workers)
    assert grid == sorted(set(grid))
    assert grid[0] == max(1, -(-size // 20_000))
    assert grid[-1] == size
    assert -(-size // workers) in grid


def test_a_slow_item_needs_two_chunks_alone() -> None:
    """No engine's cost of a task matters beside 0.5 s: one item a task, or one task a worker."""
    assert chunks_to_try(100, 0.5, 4) == [1, 25]


@pytest.mark.parametrize("item_seconds", [1e-6, 1e-3, 0.05])
def test_what_is_measured_fits_the_budget(item_seconds: float) -> None:
    """Warm-ups and two rounds of every case fit what start-ups leave of the budget."""
    seconds = calls_seconds(["thread-pool", "ray-tasks"], 1, 1.0, 120.0)
    assert seconds == pytest.approx(0.85 * (120 - 10))
    size = sample_size(10**9, item_seconds, seconds, 24, 2)
    assert size * item_seconds * 24 * 5 <= seconds or size == 4
    assert sample_size(50, 1e-6, seconds, 24, 2) == 50


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
    in_order = [
        "thread-pool",
        "dask-threads",
        "process-pool",
        "multiprocessing-batched",
        "joblib-loky",
        "dask-processes",
        "dask-distributed-processes",
        "ray-tasks",
    ]
    assert installed() == [name for name in in_order if lookup(name).missing() is None]
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
