"""The names of cases that people type."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.errors import UsageError
from harness.core.records import Case
from harness.running.executors import REGISTRY
from harness.running.host.pins import PINS
from harness.running.plan.case_name import format_case, parse_case
from harness.running.plan.profiles import PROFILES
from harness.running.workloads import WORKLOADS, workload_class


@st.composite
def any_case(draw):
    size = draw(st.integers(1, 10**12))
    return Case(
        workload=draw(st.sampled_from(sorted(WORKLOADS))),
        size=size,
        executor=draw(st.sampled_from(sorted(REGISTRY.names()))),
        workers=draw(st.integers(1, 1000)),
        pin=draw(st.sampled_from(PINS)),
        chunk=draw(st.integers(1, size)),
    )


@given(any_case(), st.integers(1, 64))
def test_every_case_has_a_name_that_is_read_back_on_any_machine(case, cores):
    assert parse_case(format_case(case), cores) == case


@given(st.text())
def test_any_text_is_a_case_or_a_usage_error(text):
    """Never another error."""
    with suppress(UsageError):
        parse_case(text, 2)


def test_what_is_left_out_is_the_profile_and_this_machine():
    case = parse_case("random-sum/dask-threads/chunk=100_000", 7)
    size = PROFILES["laptop"].size("random-sum")
    assert (case.size, case.chunk, case.workers, case.pin) == (size, 100_000, 7, "1")


def test_an_executor_of_one_task_gets_one_worker_and_of_one_chunk_that_chunk():
    case = parse_case("random-sum/numpy/size=1000", 7)
    assert (case.workers, case.chunk, case.pin) == (1, 1000, "1")
    assert parse_case("random-sum/numpy-threads/size=1000", 7).pin == "cores"


def test_a_workload_without_a_size_in_the_profile_asks_for_one(monkeypatch):
    monkeypatch.setattr(workload_class("random-sum"), "sizes", {"smoke": 10})
    with pytest.raises(UsageError, match="no size for random-sum: say it, as in /size="):
        parse_case("random-sum/dask-threads/chunk=1", 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no case: write WORKLOAD/EXECUTOR/chunk=N"),
        ("random-sum", "is no case"),
        ("random-sum/chunk=1", "is no case"),
        (
            "random-sums/dask-threads/chunk=1",
            "unknown workload 'random-sums': did you mean random-sum? There are bag-",
        ),
        (
            "random-sum/dask/chunk=1",
            "unknown executor 'dask': choose one of as-written, asyncio-tasks, asyncio-threads",
        ),
        ("random-sum/dask-threads", "has no chunk: add for example"),
        ("random-sum/dask-threads/chunk=ten", "chunk='ten' is not a number"),
        ("random-sum/dask-threads/chunk=0", "whole number of at least 1"),
        ("random-sum/dask-threads/chunk=-5", "is not a number"),
        ("random-sum/dask-threads/chunk=1e6", "is not a number"),
        ("random-sum/dask-threads/chunk=5/size=4", "chunk=5 is larger than size=4"),
        ("random-sum/dask-threads/chunk=5/chunk=5", "chunk is given twice"),
        ("random-sum/dask-threads/chunk=5/pin=2", "unknown pin '2'"),
        ("random-sum/dask-threads/chunks=5", "unknown setting 'chunks=5': use chunk, size"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_write(text, said):
    with pytest.raises(UsageError) as error:
        parse_case(text, 2)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
